"""What a client of the demo agency is like: its people, products, channels and year."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kvitto.app.agency.season import Rhythm


@dataclass(frozen=True, slots=True)
class Campaign:
    """An ad campaign: its share of the channel's enquiries, and what a click costs and brings."""

    name: str
    share: float
    cpc: float
    ctr: float
    rate: float
    """Enquiries per click."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where enquiries come from. ``spellings`` are the ways in which people write it."""

    key: str
    spellings: tuple[str, ...]
    web: str
    """The channel group of the web analytics."""
    share: float
    to_deal: float
    to_won: float
    visit_rate: float
    """Enquiries per visit."""
    platform: str = ""
    campaigns: tuple[Campaign, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold, with its median price and how prices spread."""

    name: str
    price: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True)
class Staff:
    """A person: at the client (sales) or at the agency (work)."""

    name: str
    email: str
    role: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What people and companies are called in the country.

    ``patterns`` are written with ``{family}``, ``{trade}`` and ``{city}``.
    """

    given: tuple[str, ...]
    family: tuple[str, ...]
    trades: tuple[tuple[str, str], ...]
    """What the company does, in its name, and its industry."""
    cities: tuple[str, ...]
    patterns: tuple[str, ...]
    titles: tuple[str, ...]
    phone: str
    variants: tuple[tuple[str, str], ...]
    """Text in a name and how it is spelled a second time."""
    has_two_families: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """Deals in another currency, with the days and rates that are known."""

    currency: str
    share: float
    scale: float
    rates: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Words of the client's own: what customers write about, what the agency does."""

    subjects: tuple[tuple[str, str], ...]
    """Subject of a case and its kind."""
    comments: tuple[str, ...]
    """What people write beside a score, the best first."""
    tasks: tuple[str, ...]
    mailings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One client of the agency."""

    id: str
    name: str
    country: str
    country_spellings: tuple[str, ...]
    currency: str
    timezone: str
    rhythm: Rhythm
    names: Names
    voice: Voice
    sales: tuple[Staff, ...]
    agency: tuple[Staff, ...]
    desk: tuple[str, ...]
    channels: tuple[Channel, ...]
    products: tuple[Product, ...]
    stages: int
    """How many open stages a deal may pass."""
    loss_reasons: tuple[str, ...]
    leads_per_day: float
    cycle_days: float
    round_to: int
    """Prices end on this many units of money."""
    tickets_per_day: float = 0.0
    answers_per_day: float = 0.0
    answer_kind: str = ""
    hours_per_day: float = 6.0
    mail_every: int = 0
    mail_list: int = 0
    pay_days: int = 30
    has_invoices: bool = False
    foreign: tuple[Foreign, ...] = ()
    labels: int = 1
    """How many spellings its CRM has for won and lost."""
    extra: dict[str, str] = field(default_factory=dict)


def words(text: str) -> tuple[str, ...]:
    """What stands between the bars, so that lists of names read as text."""
    return tuple(word.strip() for word in text.split("|"))


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """``left: right`` between the bars."""
    found = (word.split(":") for word in text.split("|"))
    return tuple((left.strip(), right.strip()) for left, right in found)
