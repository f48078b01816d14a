"""The days on which a client's business is quiet or shut."""

from __future__ import annotations

from datetime import date, timedelta

from kvitto.audit.monitor.series import Closed
from kvitto.workspace.definition import ClientDefinition
from kvitto.workspace.monitor import MonitorRule

_SHUT = ("holiday", "outage")


def closed_days(
    client: ClientDefinition | None, rule: MonitorRule, first: date, last: date
) -> Closed:
    """Public holidays of the client's country with the evenings before, and its own closed days.

    A day of the client's own is an annotation of the kind ``holiday`` (nothing
    is expected) or ``outage`` (nothing can come, and everybody knows).
    """
    if client is None:
        return Closed(weekdays=frozenset(rule.weekdays))
    shut = frozenset(
        day
        for one in client.annotations
        if one.kind in _SHUT
        for day in _between(one.on, one.until or one.on)
        if first <= day <= last
    )
    return Closed(_public(client.country, first, last), shut, frozenset(rule.weekdays))


def _public(country: str | None, first: date, last: date) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays

    try:
        known = holidays.country_holidays(country, years=range(first.year, last.year + 2))
    except NotImplementedError:
        return frozenset()
    days = set(known)
    return frozenset(days | {day - timedelta(days=1) for day in days})


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
