"""What a HubSpot source may say of itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kvitto.sources.connector import SecretField, Settings
from kvitto.sources.oauth import OAuthProvider

Property = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Object = Literal[
    "deals",
    "companies",
    "contacts",
    "leads",
    "tickets",
    "calls",
    "emails",
    "meetings",
    "notes",
    "tasks",
]


class HubspotSettings(Settings):
    """HubSpot: which version of its interface, how we sign in, which properties of your own."""

    version: Annotated[str, Field(pattern=r"^(v3|\d{4}-\d{2})$")] = Field(
        default="2026-03",
        description="version of the interface: a date such as 2026-03, or v3 until it ends",
    )
    sign_in: Literal["token", "oauth"] = Field(
        default="token", description="token of a private app, or oauth with a refresh token"
    )
    properties: dict[Object, tuple[Property, ...]] = Field(
        default_factory=dict, description="properties of your own to read, by object"
    )
    history: tuple[Property, ...] = Field(
        default=("amount", "closedate", "hubspot_owner_id"),
        description="properties of deals whose changes are read, besides the stage",
    )
    base: str = Field(default="https://api.hubapi.com", description="address of the interface")


SECRETS = (
    SecretField(
        "token",
        "Access token of a private app",
        "HubSpot: Settings, Integrations, Private apps; scopes crm.objects.*.read, "
        "crm.schemas.*.read and crm.objects.owners.read.",
        optional=True,
    ),
    SecretField("client_id", "Client id", "For sign_in: oauth, of your app.", optional=True),
    SecretField("client_secret", "Client secret", "For sign_in: oauth.", optional=True),
    SecretField("refresh_token", "Refresh token", "For sign_in: oauth.", optional=True),
)

OAUTH = OAuthProvider(
    name="HubSpot",
    authorise="https://app.hubspot.com/oauth/authorize",
    exchange="{base}/oauth/v1/token",
    scopes="oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read"
    " crm.objects.owners.read crm.schemas.contacts.read crm.schemas.companies.read"
    " crm.schemas.deals.read",
    extra={"optional_scope": "crm.objects.leads.read tickets settings.users.teams.read"},
    host="localhost",
    port=8914,
    needs={"sign_in": "oauth"},
    help="HubSpot: your app, Auth: allow the redirect URL http://localhost:8914/callback and the"
    " same scopes.",
)
