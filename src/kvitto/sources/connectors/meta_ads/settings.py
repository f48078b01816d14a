"""What a person may say about Meta's ad accounts, and the credentials they need."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from kvitto.sources.connector import SecretField, Settings
from kvitto.sources.oauth import OAuthProvider

Level = Literal["campaign", "adset", "ad"]
Window = Literal["1d_click", "7d_click", "28d_click", "1d_view"]

AccountId = Annotated[str, Field(pattern=r"^(act_)?\d+$")]


class MetaAdsSettings(Settings):
    """``settings:`` of a source of Meta's ads."""

    accounts: tuple[AccountId, ...] = Field(
        default=(),
        description="Ad accounts by number, with or without act_; all that the sign-in sees"
        " where none is named.",
    )
    version: Annotated[str, Field(pattern=r"^v\d+\.0$")] = Field(
        default="v26.0", description="Version of the interface; each is supported for two years."
    )
    address: Annotated[str, Field(pattern=r"^https?://[^/]+$")] = Field(
        default="https://graph.facebook.com", description="Where the interface is."
    )
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = Field(
        default=("campaign",),
        description="How finely days are read: campaign, adset, ad. The first one fills ad_spend;"
        " further ones are kept beside it, since each holds the whole spend again.",
    )
    conversion: str = Field(
        default="offsite_conversion.fb_pixel_purchase",
        description="The one type of action that counts as a conversion (another common one is"
        " lead). Types overlap, so they are never added.",
    )
    attribution: tuple[Window, ...] = Field(
        default=(),
        description="Days after a click and after a view in which an action counts, such as"
        " [7d_click, 1d_view]; each ad set's own setting where none is named.",
    )
    clicks: Literal["link", "all"] = Field(
        default="link", description="Clicks on links, or all clicks (likes and profiles too)."
    )
    page_size: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=500, description="Records per page."
    )
    report_days: Annotated[int, Field(ge=1)] = Field(
        default=31, description="Longer ranges than this are prepared by the server as a report."
    )
    throttle_at: Annotated[int, Field(ge=1, le=100)] = Field(
        default=90, description="Wait when so many percent of what the server allows are used."
    )

    @field_validator("attribution")
    @classmethod
    def _one_of_each(cls, windows: tuple[Window, ...]) -> tuple[Window, ...]:
        """A longer window holds the shorter one, so that of a kind only one may be named."""
        if sum(window.endswith("click") for window in windows) > 1 or len(windows) > 2:
            raise ValueError("name at most one window after a click and one after a view")
        return windows

    @field_validator("levels")
    @classmethod
    def _different(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        if len(set(levels)) < len(levels):
            raise ValueError("a level is named twice")
        return levels


SECRETS = (
    SecretField(
        "access_token",
        "Access token",
        "Business settings > Users > System users > Generate token, with ads_read. A system"
        " user's token need not expire; a person's ends after 60 days.",
    ),
    SecretField(
        "app_id",
        "App ID",
        "developers.facebook.com > your app. Only to learn when the token ends.",
        optional=True,
    ),
    SecretField(
        "app_secret",
        "App secret",
        "Beside the app ID. Needed where the app asks for proof of its secret.",
        optional=True,
    ),
)

OAUTH = OAuthProvider(
    name="Meta",
    authorise="https://www.facebook.com/{version}/dialog/oauth",
    exchange="{address}/{version}/oauth/access_token",
    scopes="ads_read",
    separator=",",
    keeps="access_token",
    app=("app_id", "app_secret"),
    host="localhost",
    port=8914,
    prolong="fb_exchange_token",
    help="developers.facebook.com > your app > Facebook Login > Settings: the redirect URI"
    " http://localhost:8914/callback. A person's token ends after 60 days.",
)
