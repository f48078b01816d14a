"""What a person may say about a Salesforce organisation, and the credentials it needs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kvitto.sources.connector import SecretField, Settings
from kvitto.sources.oauth import OAuthProvider

SignIn = Literal["refresh_token", "client_credentials", "jwt", "password"]


class SalesforceSettings(Settings):
    """``settings:`` of a Salesforce source."""

    login_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] = Field(
        default="https://login.salesforce.com",
        description="Where to sign in: https://test.salesforce.com for a sandbox, or your My Domain"
        " (https://acme.my.salesforce.com), which client_credentials needs.",
    )
    sign_in: SignIn = Field(
        default="refresh_token",
        description="How to sign in: a connected app's refresh_token or client_credentials,"
        " a jwt signed with its certificate, or password with a security token.",
    )
    username: str = Field(default="", description="For jwt and password: the user's login name.")
    version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = Field(
        default="64.0", description="Version of the interface; supported for at least three years."
    )
    page_size: Annotated[int, Field(ge=200, le=2000)] = Field(
        default=2000, description="Records per page; the server may give fewer."
    )
    bulk_above: Annotated[int, Field(ge=0)] = Field(
        default=50_000, description="Above so many records a stream is read by a bulk job."
    )
    bulk_page: Annotated[int, Field(ge=1, le=250_000)] = Field(
        default=10_000, description="Records per part of a bulk result; a part is held in memory."
    )
    daily_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.8,
        description="Stop when this share of the organisation's daily requests is used up,"
        " by whomever.",
    )
    closing: Literal["stage_change", "close_date"] = Field(
        default="stage_change",
        description="When a deal closed: the last change of its stage, or the close date that"
        " people type in (for records that were imported already closed).",
    )
    base_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = Field(
        default=None,
        description="The client's currency. The organisation's own rates are used where this is"
        " its corporate currency.",
    )
    fields: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Further fields per stream, by their API names: {opportunities: [Region__c]}.",
    )


SECRETS = (
    SecretField(
        "client_id",
        "Consumer key",
        "Setup > App Manager > your connected app > Manage Consumer Details. Not for password.",
        optional=True,
    ),
    SecretField(
        "client_secret",
        "Consumer secret",
        "Beside the consumer key. For client_credentials and, where the app asks it, refresh_token",
        optional=True,
    ),
    SecretField(
        "refresh_token",
        "Refresh token",
        "Given once when you allow the app (scopes: api refresh_token). For refresh_token.",
        optional=True,
    ),
    SecretField(
        "private_key",
        "Private key (PEM)",
        "Of the certificate that was uploaded to the connected app. For jwt.",
        optional=True,
    ),
    SecretField("password", "Password", "The user's own. For password.", optional=True),
    SecretField(
        "security_token",
        "Security token",
        "Settings > Reset My Security Token; it comes by mail. For password.",
        optional=True,
    ),
)

OAUTH = OAuthProvider(
    name="Salesforce",
    authorise="{login_url}/services/oauth2/authorize",
    exchange="{login_url}/services/oauth2/token",
    scopes="api refresh_token",
    host="localhost",
    port=8914,
    needs={"sign_in": "refresh_token"},
    help="Setup > App Manager > your connected app: the callback URL"
    " http://localhost:8914/callback and the scopes api and refresh_token.",
)
