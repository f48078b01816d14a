"""The settings of a source of kind ``google_ads``."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from kvitto.sources.google.settings import GoogleSettings

SCOPE = "https://www.googleapis.com/auth/adwords"
"""What a person is asked to allow."""

_ID = re.compile(r"\d{10}")


def customer_id(text: object) -> str:
    """A customer's id as digits; ``123-456-7890`` and ``customers/1234567890`` are taken too."""
    plain = str(text).strip().removeprefix("customers/").replace("-", "")
    if not _ID.fullmatch(plain):
        raise ValueError(f"'{text}' is not a customer's id, which is ten digits (123-456-7890)")
    return plain


class GoogleAdsSettings(GoogleSettings):
    """Whose figures are read, and through which manager account."""

    customers: tuple[str, ...] = Field(
        default=(),
        description="Customer ids; of a manager account all its accounts are read. "
        "Where none is named: all that the sign-in can see.",
    )
    login_customer_id: str | None = Field(
        default=None,
        description="The manager account through which the others are reached; "
        "found by itself where a manager stands under customers.",
    )
    conversion_actions: bool = Field(
        default=False, description="Whether conversions by action are read as well."
    )
    conversion_days: int = Field(
        default=30,
        ge=1,
        le=90,
        description="The longest conversion window of the accounts; so many days are read again.",
    )
    endpoint: str = Field(
        default="https://googleads.googleapis.com", description="The address of the API."
    )
    version: str = Field(
        default="v26", pattern=r"^v\d+$", description="The version of the API; Google ends each."
    )

    @field_validator("customers", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        listed = value if isinstance(value, list | tuple) else [value]
        return tuple(dict.fromkeys(customer_id(one) for one in listed))

    @field_validator("login_customer_id", mode="before")
    @classmethod
    def _digits(cls, value: object) -> object:
        return None if value is None else customer_id(value)
