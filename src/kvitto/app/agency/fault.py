"""The planted faults of a client, told: where they stand and what a right system finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kvitto.app.agency.client import Client
from kvitto.app.agency.layouts.google_ads import known_conversions
from kvitto.app.agency.plan import Item
from kvitto.app.agency.record import AdDay, Record
from kvitto.app.agency.state import State
from kvitto.app.agency.truth import Fault

_SETTLES = 14

_TOLD = {
    "duplicate": (
        "crm",
        "companies and people entered twice, spelled otherwise",
        "each pair is offered as one company and one person; nothing is merged unasked",
    ),
    "double_submitted": (
        "crm",
        "the same form sent again by the same person within minutes",
        "the second row is found as a copy; leads_created without it",
    ),
    "missing_amount": (
        "crm",
        "won deals without an amount",
        "listed for review; bookings without them, and never as zero",
    ),
    "impossible_date": (
        "crm",
        "deals closed before they were created (the two moments were exchanged)",
        "found; the length of their sales cycle is not used",
    ),
    "orphan": (
        "crm",
        "deals of a company that is not in the CRM",
        "found, and counted all the same",
    ),
    "test_record": (
        "crm",
        "records that somebody made to try things out",
        "found; left out of figures once a person agrees",
    ),
    "restated_deal": (
        "crm",
        "a deal that was won and reported, and undone in the CRM later",
        "the next edition says by how much the month changed, and because of which deal",
    ),
    "currency_mix": (
        "crm",
        "won deals in other currencies; rates are known for some days",
        "never added to another currency; converted where there is a rate, else listed",
    ),
    "clock_change": (
        "crm",
        "enquiries in the hour that the clock shows twice, and in the one that it skips",
        "all on their local day; the day has 25 (or 23) hours",
    ),
    "negative_duration": ("", "an end before its beginning", "found; not used in means or sums"),
    "overdue_task": ("work", "tasks past their day that are not done", "listed as overdue"),
    "churned_account": ("billing", "a customer that was billed monthly, and left", "found as lost"),
    "conversion_gap": (
        "google",
        "the ad platform counts more conversions than the CRM has enquiries",
        "a bridge from one figure to the other, with these reasons",
    ),
    "late_conversions": (
        "google",
        "days whose conversions grew after their day: an older export lies beside",
        "provisional until settled; the newer figure replaces the older one",
    ),
}


def watch(state: State, record: Record) -> None:
    """Write down what shows only in comparison: days that an older export knew less of."""
    late = state.plan.late
    if late is None or not isinstance(record, AdDay) or record.platform != late[0]:
        return
    age = (late[1] - record.day).days
    if 0 <= age < _SETTLES:
        then = known_conversions(record, late[1])
        if then != record.conversions:
            state.book.note(
                "late_conversions",
                on=record.day,
                campaign=record.campaign,
                group=record.group,
                then=then,
                now=record.conversions,
            )


def faults(client: Client, state: State) -> tuple[Fault, ...]:
    """All that were planted, in the order of their kinds."""
    found = [
        Fault(kind, _source(client, kind), _TOLD[kind][1], _TOLD[kind][2], tuple(items))
        for kind, items in state.book.items.items()
    ]
    found += _told_by_plan(client, state)
    return tuple(sorted(found, key=lambda fault: fault.kind))


def _told_by_plan(client: Client, state: State) -> Iterator[Fault]:
    plan = client.plan
    if plan.spellings:
        yield from _spellings(client, state)
    if plan.outage is not None and plan.outage[0] <= state.until:
        yield Fault(
            "broken_feed",
            _named(client, "ga4"),
            "no rows at all: the feed was broken",
            "missing, never zero; no fall of sessions is reported",
            ({"from": plan.outage[0], "to": plan.outage[1]},),
        )
    if plan.rename is not None and plan.rename.start <= state.until:
        rename = plan.rename
        yield Fault(
            "tracking_change",
            _named(client, "ga4"),
            "the event that counts got a new name, which is no key event",
            "a change of definition, not of demand: enquiries in the CRM stay as they were",
            ({"from": rename.start, "to": rename.end, "old": rename.old, "new": rename.new},),
        )
    if plan.dip is not None:
        yield Fault(
            "seasonal_dip",
            "",
            plan.dip[1],
            "told as season; never as a problem",
            tuple({"month": f"{year}-{plan.dip[0]:02d}"} for year in _years(state, plan.dip[0])),
        )
    if plan.pause is not None and plan.pause.on <= state.until:
        yield _true_cause(client, state)


def _true_cause(client: Client, state: State) -> Fault:
    pause = client.plan.pause
    assert pause is not None
    items: list[Item] = [
        {
            "month": month,
            "channel": pause.channel,
            "campaign": pause.campaign,
            "on": pause.on,
            "expected_lost": round(lost, 1),
            "came": state.came.get(month, 0),
        }
        for month, lost in sorted(state.lost.items())
    ]
    return Fault(
        "true_cause",
        _named(client, "meta"),
        f"the campaign '{pause.campaign}' was paused on {pause.on} and brings nothing since",
        "the fall of enquiries is put down to this channel and campaign, from this day",
        tuple(items),
    )


def _spellings(client: Client, state: State) -> Iterator[Fault]:
    items: list[Item] = [
        {"place": place, "spellings": dict(sorted(words.items()))}
        for place, words in sorted(state.book.spelled.items())
    ]
    yield Fault(
        "label_variants",
        _named(client, "crm"),
        "one thing in several spellings (deals.outcome: the place of the spelling)",
        "brought together by rules; no row is left out",
        tuple(items),
    )


def _years(state: State, month: int) -> Iterator[int]:
    for year in range(state.first.year, state.until.year + 1):
        if date(year, month, 28) <= state.until:
            yield year


def _source(client: Client, kind: str) -> str:
    return _named(client, _TOLD[kind][0])


def _named(client: Client, ending: str) -> str:
    """The client's source of that ending; empty where the fault lies in none of its own."""
    if not ending:
        return ""
    return next((feed.id for feed in client.feeds if feed.id.endswith(f"_{ending}")), "")
