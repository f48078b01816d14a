"""The settings and credentials that every Google service asks for."""

from __future__ import annotations

from pydantic import Field

from kvitto.sources.connector import SecretField, Settings
from kvitto.sources.oauth import OAuthProvider


class GoogleSettings(Settings):
    """How to sign in at Google; the services add their own settings."""

    token_url: str = Field(
        default="https://oauth2.googleapis.com/token",
        description="Where access tokens are issued, for sign-ins with client_id.",
    )
    subject: str | None = Field(
        default=None,
        description="The person in whose name a service account reads (domain-wide delegation).",
    )


SIGN_IN = (
    SecretField(
        "service_account",
        "Service account key (JSON)",
        "Google Cloud console, IAM & Admin > Service Accounts > Keys > Add key: the whole text "
        "of the file. Then give the account's e-mail address access to what is to be read.",
        optional=True,
    ),
    SecretField(
        "client_id",
        "OAuth client id",
        "Google Cloud console, APIs & Services > Credentials; only without a service account.",
        optional=True,
    ),
    SecretField("client_secret", "OAuth client secret", "Beside the client id.", optional=True),
    SecretField(
        "refresh_token",
        "OAuth refresh token",
        "Issued once when a person has consented. Those of an app in testing end after 7 days.",
        optional=True,
    ),
)
"""Either a service account, or the three of OAuth."""


def oauth_for(scope: str) -> OAuthProvider:
    """Google's sign-in of a person, who is asked for ``scope``."""
    return OAuthProvider(
        name="Google",
        authorise="https://accounts.google.com/o/oauth2/v2/auth",
        exchange="{token_url}",
        scopes=scope,
        # Without these Google gives a refresh token the first time only.
        extra={"access_type": "offline", "prompt": "consent"},
        help="Google Cloud console, APIs & Services > Credentials: a client of the type"
        " Desktop app, which may be called back on any port.",
    )
