"""The accounts that a sign-in reaches: named ones, and all below a manager."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kvitto.sources.connectors.google_ads.stream import CUSTOMER, ROOT
from kvitto.sources.stream import Record

CLIENT_FIELDS = (
    "customer_client.id",
    "customer_client.descriptive_name",
    "customer_client.currency_code",
    "customer_client.time_zone",
    "customer_client.manager",
    "customer_client.status",
    "customer_client.level",
)


@dataclass(frozen=True, slots=True)
class Customer:
    """One account. ``root`` is the account below which it was found.

    ``login`` is the one that is named as the way to it.
    """

    id: str
    name: str
    currency: str | None
    timezone: str | None
    manager: bool
    status: str
    root: str
    login: str

    @property
    def readable(self) -> bool:
        """Whether it can have figures of its own: managers and closed accounts have none."""
        return not self.manager and self.status == "ENABLED"

    def record(self) -> Record:
        """The account as a record of the stream ``customers``."""
        return {
            CUSTOMER: self.id,
            "customer.descriptive_name": self.name,
            "customer.currency_code": self.currency,
            "customer.time_zone": self.timezone,
            "customer.manager": self.manager,
            "customer.status": self.status,
            ROOT: self.root,
        }


def customers_below(
    roots: Sequence[str], login: str | None, ask: Callable[[str, str], Iterator[Record]]
) -> Iterator[Customer]:
    """Each account once: the roots, and what a manager among them holds at any depth.

    ``ask`` takes (account, login) and gives the records of ``customer_client``.
    """
    seen: set[str] = set()
    for root in roots:
        through = login or root
        for record in ask(root, through):
            made = _customer(record, root, through)
            if made.id not in seen:
                seen.add(made.id)
                yield made


def _customer(record: Record, root: str, login: str) -> Customer:
    def text(name: str) -> str | None:
        value = record.get(f"customer_client.{name}")
        return None if value is None else str(value)

    return Customer(
        text("id") or "",
        text("descriptive_name") or "",
        text("currency_code"),
        text("time_zone"),
        record.get("customer_client.manager") is True,
        text("status") or "UNKNOWN",
        root,
        login,
    )
