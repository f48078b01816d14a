"""How fresh the data behind a report is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kvitto.model.period import Period
from kvitto.model.receipt import Receipt, SourceUsed


def sources_of(receipts: Iterable[Receipt]) -> tuple[SourceUsed, ...]:
    """Each source once, by name; not final where any figure of it is not."""
    found: dict[str, SourceUsed] = {}
    for receipt in receipts:
        for source in receipt.sources:
            known = found.get(source.name)
            if known is None or (known.final and not source.final):
                found[source.name] = source
    return tuple(found[name] for name in sorted(found))


def data_as_of(receipts: Iterable[Receipt], period: Period) -> date:
    """The last day that every source covers, at most the report's last day.

    Where no source says how far it reaches, the report's last day.
    """
    reached = [
        date.fromisoformat(source.complete_to)
        for source in sources_of(receipts)
        if source.complete_to
    ]
    return min([*reached, period.last])
