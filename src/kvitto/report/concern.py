"""Which findings of the audit concern a report: those of the data behind its own figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kvitto.model.finding import Finding
from kvitto.model.metric import Part
from kvitto.model.receipt import Receipt
from kvitto.model.table import canonical_tables
from kvitto.model.value import MissingKind
from kvitto.report.context import Context

_READ = re.compile(r'\b(?:FROM|JOIN)\s+"?([a-z_]+)', re.IGNORECASE)
_UNREAD = (MissingKind.not_connected.value, MissingKind.sync_failed.value)


def concerning(context: Context) -> tuple[Finding, ...]:
    """The findings that a reader of this report must know of.

    Those of a table count where a figure was read from that table; those of a
    file or of a whole source where the source stands on a receipt. A source
    that could not be read also counts where a figure is missing for it.
    """
    tables, sources = tables_of(context), _sources(context)
    lost = any(item.missing in _UNREAD for item in context.answers.receipts.values())
    known = canonical_tables()

    def concerns(finding: Finding) -> bool:
        if not _in_period(finding, context):
            return False
        if finding.table in known:
            return finding.table in tables
        if finding.code == "source_failed":
            return lost or not sources or finding.source in sources
        return finding.source in sources

    return tuple(finding for finding in context.findings if concerns(finding))


def _in_period(finding: Finding, context: Context) -> bool:
    """Whether what is about some days alone is about one of the report's."""
    first, last = finding.first_day, finding.last_day
    period = context.period
    return (first is None or first <= period.last) and (last is None or last >= period.start)


def tables_of(context: Context) -> frozenset[str]:
    """The canonical tables that the figures were read from, those of their segments included."""
    asked = {name for ask, _ in context.answers.items for name in ask.metrics}
    found = {table for name in asked for table in _declared(context, name)}
    for receipt in _used(context.answers.receipts.values()):
        found.update(_READ.findall(receipt.sql))
    return frozenset(found & set(canonical_tables()))


def gathered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The same trouble of several files or sources as one, its rows added up."""
    known = canonical_tables()
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for item in findings:
        place = item.table if item.table in known else item.source
        key = (item.code, item.severity, place, item.column, item.resolution, state_of(item))
        groups.setdefault(key, []).append(item)
    return tuple(
        items[0].model_copy(update={"rows": sum(item.rows for item in items)})
        for items in groups.values()
    )


STATES = ("open deals", "closed deals", "won deals")
"""The parts of the table of deals that a message may speak of."""


def state_of(finding: Finding) -> str:
    """The part of the table that the message speaks of; empty where it is the whole."""
    named = (part for part in STATES if f" {part} " in finding.message)
    return next(named, "") if finding.table == "deals" else ""


def _declared(context: Context, name: str) -> Iterator[str]:
    for _, part in context.metric(name).parts:
        held: Part | None = part
        while held is not None:
            yield held.table
            held = held.otherwise


def _sources(context: Context) -> frozenset[str]:
    receipts = context.answers.receipts.values()
    return frozenset(source.name for receipt in receipts for source in receipt.sources)


def _used(receipts: Iterable[Receipt]) -> Iterator[Receipt]:
    """Without those of a split that the data names no segment of."""
    for receipt in receipts:
        split = receipt.question.get("dimensions")
        if not (isinstance(split, dict) and split) or any(split.values()):
            yield receipt
