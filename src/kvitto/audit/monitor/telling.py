"""An event as a finding: in words, with its days and with what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kvitto.audit.monitor.event import Event
from kvitto.model.finding import Finding, Severity

BUSINESS = "business_change"
"""What the evidence puts down to the business; told, but never called trouble."""

_TODO: Mapping[str, str] = MappingProxyType(
    {
        "gap": "Load these days again: kvitto sync {source} --again {first} {last}."
        " If nothing could come, write a holiday into the client's annotations.",
        "late_arrival": "Look why nothing arrives, then kvitto sync {source}.",
        "sudden_zero": "Look at the source's own screen for these days, then load them again:"
        " kvitto sync {source} --again {first} {last}.",
        "duplicated_batch": "Take the second delivery out of the source and sync it again.",
        "label_renamed": "Say that both names are one, or why not: rules/*.yml, 'labels'.",
        "volume_low": "Look whether all of it was delivered, and load the days again.",
        "volume_high": "Look whether something was delivered twice, or counts what it should not.",
        "distribution_shift": "Ask what changed in the source on the first day.",
        BUSINESS: "Nothing is wrong with the data. Say in the report what happened.",
    }
)


def tell(event: Event) -> Finding:
    """The finding that stands in the version."""
    code = BUSINESS if event.business else event.code
    first, last = event.first.isoformat(), event.last.isoformat()
    days = first if first == last else f"{first} to {last}"
    why = f" ({'; '.join(event.evidence)})" if event.evidence else ""
    return Finding(
        code=code,
        severity=Severity.notice if event.business else Severity.warning,
        client=event.client,
        source=event.source,
        table=event.table,
        column=event.column,
        rows=event.rows,
        message=f"{days}: {_WORDS[event.code](event)}{why}",
        todo=_TODO[code].format(source=event.source, first=first, last=last),
        first_day=event.first,
        last_day=event.last,
    )


def _gap(event: Event) -> str:
    return f"no rows of {event.table}, though at least {event.expected:,.0f} were to be expected"


def _late(event: Event) -> str:
    return f"no rows of {event.table} have come, though the source says that it is complete"


def _zero(event: Event) -> str:
    return f"{event.label} is 0 in all {event.rows:,} rows of {event.table}"


def _batch(event: Event) -> str:
    return f"{event.rows:,} rows of {event.table}, of which the same came twice under other ids"


def _renamed(event: Event) -> str:
    return f"{_named(event.label)} of {event.table} ended and {_named(event.other)} began"


def _volume(event: Event) -> str:
    what = f"{event.column} of {event.table}" if event.column else f"rows of {event.table}"
    side = "at least" if event.observed < event.expected else "at most"
    return f"{event.observed:,.0f} {what}, {side} {event.expected:,.0f} were to be expected"


def _shape(event: Event) -> str:
    place = f"{_named(event.label)} of {event.column}" if event.label else f"{event.column}"
    return f"{place} of {event.table} went from {event.expected:,.2f} to {event.observed:,.2f}"


def _named(label: str) -> str:
    """The label as people know it, without what makes its id unique."""
    return f"'{label.rpartition(':')[2]}'"


def _ended(event: Event) -> str:
    return f"{_named(event.label)} of {event.table} brought nothing"


_WORDS: Mapping[str, Callable[[Event], str]] = MappingProxyType(
    {
        "gap": _gap,
        "late_arrival": _late,
        "sudden_zero": _zero,
        "duplicated_batch": _batch,
        "label_renamed": _renamed,
        "volume_low": _volume,
        "volume_high": _volume,
        "distribution_shift": _shape,
        BUSINESS: _ended,
    }
)
