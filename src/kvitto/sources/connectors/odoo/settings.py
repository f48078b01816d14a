"""What a person may say about an Odoo, and the credential it needs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from kvitto.sources.connector import SecretField, Settings

_PAGES = ("/odoo", "/web", "/json")


class OdooSettings(Settings):
    """``settings:`` of an Odoo source."""

    url: str = Field(
        description="The server's address, such as https://acme.odoo.com; what a browser shows"
        " behind it (/odoo, /web) may stand there and is left out."
    )
    database: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="The database, where the server has more than one under this address.",
    )
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?(@\w+)?$")] | None = Field(
        default=None,
        description="The language of translated names (sv_SE); that of the key's user where it"
        " is not given.",
    )
    page_size: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=1000, description="Records per request."
    )
    zero_is_unknown: bool = Field(
        default=True,
        description="Odoo cannot hold an empty amount: 0 stands for one that nobody entered."
        " With false, 0 is taken as an amount of zero.",
    )

    @field_validator("url")
    @classmethod
    def _only_the_server(cls, text: str) -> str:
        bare = text.strip().rstrip("/")
        parts = urlsplit(bare)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write the whole address, such as https://acme.odoo.com")
        path = parts.path
        for page in _PAGES:
            place = f"{path}/".find(f"{page}/")
            path = path if place < 0 else path[:place]
        return f"{parts.scheme}://{parts.netloc}{path}"


SECRETS = (
    SecretField(
        "api_key",
        "API key",
        "In Odoo: your picture, My Preferences, Security, New API Key. A key of a user who may"
        " see all that reports need; the stage history needs a key of an administrator.",
    ),
)
