"""What happens at a client, as frozen rows: the clean ledger that the exports are written from.

Moments are in the client's local time, without a zone; ``fold`` tells the two
readings of the hour that a clock shows twice. ``planted`` names the fault by
which a row stands in the files though it never happened.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class User(NamedTuple):
    """A salesperson of the client."""

    id: int
    name: str
    email: str
    role: str
    team: str
    planted: str = ""


class Account(NamedTuple):
    """A company in the client's CRM."""

    id: int
    name: str
    domain: str
    city: str
    industry: str
    created: datetime
    owner: int
    channel: str
    country: str
    customer_on: date | None
    churned_on: date | None
    planted: str = ""


class Contact(NamedTuple):
    """A person at a company."""

    id: int
    account: int
    company: str
    given: str
    family: str
    email: str
    phone: str
    title: str
    created: datetime
    owner: int
    channel: str
    is_customer: bool
    planted: str = ""


class Lead(NamedTuple):
    """An enquiry. ``source`` is the channel as somebody spelled it."""

    id: int
    contact: Contact
    channel: str
    source: str
    campaign: str
    product: str
    status: str
    created: datetime
    converted: datetime | None
    deal: int | None
    planted: str = ""


class Deal(NamedTuple):
    """A possible or closed sale.

    ``entered`` holds the moment of entry into each open stage it reached;
    ``amount`` is what it is worth, ``shown`` what the CRM holds.
    """

    id: int
    lead: int
    account: int
    company: str
    contact: Contact
    name: str
    product: str
    amount: Decimal
    shown: Decimal | None
    currency: str
    owner: int
    channel: str
    source: str
    campaign: str
    created: datetime
    entered: tuple[datetime, ...]
    expected: date
    outcome: str
    closed: datetime | None
    loss_reason: str
    label: int
    """Which of the spellings of its final stage it carries."""
    reopened_from: datetime | None = None
    """When it was first won, where that was undone later."""
    planted: str = ""


class Invoice(NamedTuple):
    """A bill; ``number`` runs through the year."""

    number: str
    account: int
    company: str
    email: str
    deal: int
    product: str
    issued: date
    due: date
    paid: date | None
    amount: Decimal
    currency: str
    planted: str = ""


class Ticket(NamedTuple):
    """A case at the help desk; minutes are those between arrival and first answer or solution."""

    id: int
    contact: Contact
    subject: str
    kind: str
    priority: str
    via: str
    agent: str
    created: datetime
    reply_minutes: int | None
    solved: datetime | None
    reopened: int
    rating: str
    planted: str = ""


class Answer(NamedTuple):
    """An answer to a survey. ``scale`` is its highest point; ``kind`` nps or csat."""

    id: int
    kind: str
    scale: int
    score: int
    contact: Contact
    ticket: int | None
    at: datetime
    comment: str
    planted: str = ""


class Task(NamedTuple):
    """Work of the agency for the client."""

    id: int
    title: str
    who: str
    created: datetime
    due: date
    done: datetime | None
    estimate: Decimal
    priority: str
    status: str
    is_deliverable: bool
    planted: str = ""


class TimeLog(NamedTuple):
    """Time worked for the client."""

    id: int
    task: int
    title: str
    who: str
    email: str
    start: datetime
    minutes: int
    billable: bool
    planted: str = ""


class AdDay(NamedTuple):
    """One campaign's (or one of its groups') day in an ad platform."""

    day: date
    platform: str
    campaign: str
    group: str
    impressions: int
    clicks: int
    cost: Decimal
    conversions: int
    value: Decimal
    planted: str = ""


class AdConversion(NamedTuple):
    """One conversion in the log of an ad platform; ``order`` is the CRM's id of the enquiry.

    ``at`` and ``clicked`` are local moments of the client. ``failure`` says why
    the platform did not take it; empty where it counts.
    """

    platform: str
    campaign: str
    click: str
    name: str
    clicked: datetime
    at: datetime
    order: str
    value: Decimal
    failure: str = ""
    planted: str = ""


class WebDay(NamedTuple):
    """One channel's day on the web site; ``shown_keys`` are the key events that were counted."""

    day: date
    channel: str
    sessions: int
    engaged: int
    seconds: int
    events: int
    keys: int
    shown_keys: int
    renamed_keys: int
    is_lost: bool
    """Never arrived: the feed was broken."""
    planted: str = ""


class Mailing(NamedTuple):
    """One campaign of the mail tool."""

    id: int
    title: str
    subject: str
    at: datetime
    recipients: int
    bounces: int
    opens: int
    unique_opens: int
    clicks: int
    unique_clicks: int
    unsubscribed: int
    orders: int
    revenue: Decimal
    planted: str = ""


class Rate(NamedTuple):
    """Units of the client's currency for one unit of another, from a day on."""

    day: date
    currency: str
    rate: Decimal
    planted: str = ""


Record = (
    User
    | Account
    | Contact
    | Lead
    | Deal
    | Invoice
    | Ticket
    | Answer
    | Task
    | TimeLog
    | AdDay
    | AdConversion
    | WebDay
    | Mailing
    | Rate
)
