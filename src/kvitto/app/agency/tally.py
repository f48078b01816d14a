"""The true totals of each month: counted from the records as they happen, never from files.

Each record adds to the clean ledger unless it was planted, and to what the
files say with all that they get wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kvitto.app.agency.record import (
    AdDay,
    Answer,
    Deal,
    Invoice,
    Lead,
    Mailing,
    Rate,
    Record,
    Task,
    Ticket,
    TimeLog,
    WebDay,
)

Number = int | Decimal
Part = tuple[date, str, Number]
"""A day, what is counted on it, by how much."""


@dataclass(slots=True)
class Tally:
    """Month -> measure -> total. ``clean`` is what happened, ``shown`` what the files say.

    ``currency`` is the client's. A rate holds from its day until the next one.
    """

    currency: str
    clean: dict[str, dict[str, Number]] = field(default_factory=dict)
    shown: dict[str, dict[str, Number]] = field(default_factory=dict)
    _rates: dict[str, list[tuple[date, Decimal]]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count a record."""
        if isinstance(record, Rate):
            self._rates.setdefault(record.currency, []).append((record.day, record.rate))
        is_lost = isinstance(record, WebDay) and record.is_lost
        differs = isinstance(record, (Deal, WebDay, TimeLog))
        found = tuple(parts(record, is_shown=True))
        if not is_lost:
            _add(self.shown, found)
        if not record.planted:
            _add(self.clean, parts(record, is_shown=False) if differs else found)
        if isinstance(record, Deal):
            self._add_base(record)

    def _add_base(self, deal: Deal) -> None:
        """Won amounts in the client's own currency, at the rate of the day of closing."""
        if deal.outcome != "won" or deal.closed is None:
            return
        day = deal.closed.date()
        rate = self._rate(deal.currency, day)
        for months, amount in ((self.clean, deal.amount), (self.shown, deal.shown)):
            if amount is None or (deal.planted and months is self.clean):
                continue
            name = "deals_won_without_rate" if rate is None else "won_amount_base"
            _add(months, [(day, name, 1 if rate is None else amount * rate)])

    def _rate(self, currency: str, day: date) -> Decimal | None:
        if currency == self.currency:
            return Decimal(1)
        known = [rate for first, rate in self._rates.get(currency, ()) if first <= day]
        return known[-1] if known else None


def filled(months: dict[str, dict[str, Number]]) -> dict[str, dict[str, Number]]:
    """The months with a zero for each measure of the client of which nothing happened."""
    names = sorted({name for of in months.values() for name in of})
    return {month: {name: months[month].get(name, 0) for name in names} for month in sorted(months)}


def parts(record: Record, *, is_shown: bool) -> Iterator[Part]:
    """What one record adds to which days."""
    if isinstance(record, Lead):
        yield record.created.date(), "leads_created", 1
        yield record.created.date(), f"leads_created.{record.channel}", 1
    elif isinstance(record, Deal):
        yield from _deal(record, is_shown)
    elif isinstance(record, AdDay):
        for name, number in (
            ("impressions", record.impressions),
            ("clicks", record.clicks),
            ("conversions", record.conversions),
            ("spend", record.cost),
        ):
            yield record.day, f"ads.{record.platform}.{name}", number
    elif isinstance(record, WebDay):
        yield record.day, "sessions", record.sessions
        yield record.day, "engaged_sessions", record.engaged
        yield record.day, "key_events", record.shown_keys if is_shown else record.keys
    elif isinstance(record, (Ticket, Answer)):
        yield from _service(record)
    elif isinstance(record, (Task, TimeLog)):
        yield from _work(record, is_shown)
    elif isinstance(record, (Invoice, Mailing)):
        yield from _money(record)


def open_at_end(months: dict[str, dict[str, Number]]) -> dict[str, int]:
    """The open deals at the end of each month: those created less those closed so far."""
    found, open_deals = {}, 0
    for month in sorted(months):
        of = months[month]
        open_deals += int(of.get("deals_created", 0))
        open_deals -= int(of.get("deals_won", 0)) + int(of.get("deals_lost", 0))
        found[month] = open_deals
    return found


def _add(months: dict[str, dict[str, Number]], found: Iterable[Part]) -> None:
    for day, name, number in found:
        of = months.setdefault(_month(day), {})
        of[name] = of.get(name, 0) + number


@lru_cache(maxsize=2048)
def _month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def _deal(deal: Deal, is_shown: bool) -> Iterator[Part]:
    yield deal.created.date(), "deals_created", 1
    if deal.closed is None:
        return
    day = deal.closed.date()
    if deal.outcome == "lost":
        yield day, "deals_lost", 1
        return
    yield day, "deals_won", 1
    amount = deal.shown if is_shown else deal.amount
    if amount is None:
        yield day, "deals_won_without_amount", 1
    else:
        yield day, f"won_amount.{deal.currency}", amount


def _service(record: Ticket | Answer) -> Iterator[Part]:
    if isinstance(record, Ticket):
        yield record.created.date(), "tickets_created", 1
        if record.solved is not None:
            yield record.solved.date(), "tickets_solved", 1
        return
    day = record.at.date()
    yield day, f"{record.kind}.responses", 1
    yield day, f"{record.kind}.score_sum", record.score
    if record.kind == "nps":
        part = "promoters" if record.score > 8 else "passives" if record.score > 6 else "detractors"
        yield day, f"nps.{part}", 1


def _work(record: Task | TimeLog, is_shown: bool) -> Iterator[Part]:
    if isinstance(record, Task):
        yield record.created.date(), "tasks_created", 1
        if record.done is not None:
            yield record.done.date(), "tasks_completed", 1
        return
    minutes = record.minutes if is_shown else abs(record.minutes)
    kind = "billable" if record.billable else "other"
    yield record.start.date(), f"hours.{kind}", Decimal(minutes) / 60


def _money(record: Invoice | Mailing) -> Iterator[Part]:
    if isinstance(record, Invoice):
        yield record.issued, "invoices_issued", 1
        yield record.issued, f"invoiced_amount.{record.currency}", record.amount
        if record.paid is not None:
            yield record.paid, "invoices_paid", 1
            yield record.paid, f"paid_amount.{record.currency}", record.amount
        return
    day = record.at.date()
    yield day, "mailings", 1
    yield day, "mail.recipients", record.recipients
    yield day, "mail.unique_opens", record.unique_opens
    yield day, "mail.unique_clicks", record.unique_clicks
