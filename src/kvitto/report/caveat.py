"""Remarks on the data, from what the receipts and the audit recorded."""

from __future__ import annotations

from datetime import date

from kvitto.model.finding import Finding, Severity
from kvitto.model.receipt import Applied
from kvitto.model.value import Status
from kvitto.report.concern import gathered, state_of
from kvitto.report.context import Context
from kvitto.report.figure import inner_name
from kvitto.report.freshness import sources_of


def caveats_of(context: Context) -> tuple[str, ...]:
    """One line each: sources not read, data that ends too early, provisional figures, rows out."""
    lines = (
        *_unread(context),
        *_reach(context),
        *_feeds(context),
        *_applied(context),
        *_gaps(context),
    )
    return tuple(dict.fromkeys(lines))


def finding_words(context: Context, finding: Finding) -> str:
    """A finding in the edition's language, with plain words for table and column."""
    words = context.words
    known = words.has(f"finding.{finding.code}")
    return words(
        f"finding.{finding.code}" if known else "finding.other",
        n=finding.rows,
        rows=context.formatter.decimal(finding.rows),
        source=finding.source,
        subject=_subject(context, finding),
        column=_plain(context, "column_name", finding.column or ""),
        day=_day(context, finding.first_day),
        days=_days(context, finding),
    )


def _days(context: Context, finding: Finding) -> str:
    """The days concerned: one, or from the first to the last."""
    first, last = finding.first_day, finding.last_day
    if first is None or last is None or first == last:
        return _day(context, first or last)
    return f"{_day(context, first)} – {_day(context, last)}"


def _day(context: Context, day: date | None) -> str:
    return "" if day is None else context.formatter.day(day)


def _subject(context: Context, finding: Finding) -> str:
    """What the rows are called: the part of the table that the message speaks of, or the table."""
    return _plain(context, "subject", state_of(finding) or finding.table)


def _plain(context: Context, group: str, name: str) -> str:
    """What a table or column is called in the language; never the name that only we use."""
    key = f"{group}.{name}"
    return context.words(key if context.words.has(key) else f"{group}.other")


def _unread(context: Context) -> list[str]:
    """Sources that could not be read the last time: what is known is older than the rest."""
    failed = [item for item in context.findings if item.code == "source_failed"]
    return [
        context.words("caveat.unread", source=name)
        for name in sorted({item.source for item in failed})
    ]


def _reach(context: Context) -> list[str]:
    from datetime import date

    lines: list[str] = []
    for source in sources_of(context.answers.receipts.values()):
        if source.complete_to and date.fromisoformat(source.complete_to) < context.period.last:
            day = context.formatter.day(date.fromisoformat(source.complete_to))
            lines.append(context.words("caveat.reach", source=source.name, day=day))
    if any(item.status == Status.provisional.value for item in context.answers.receipts.values()):
        lines.append(context.words("caveat.provisional"))
    return lines


_FEED = ("gap", "late_arrival", "sudden_zero", "duplicated_batch", "label_renamed")
"""Troubles of what arrived that a reader must know of, where a report was let pass."""


def _feeds(context: Context) -> list[str]:
    found = [item for item in context.findings if item.code in _FEED]
    return [
        f"{finding_words(context, item)}." for item in found if item.severity is not Severity.notice
    ]


def _gaps(context: Context) -> list[str]:
    """Empty fields that figures lean on, the most frequent first."""
    gaps = [
        item
        for item in context.findings
        if item.code == "missing_field" and item.severity is not Severity.notice
    ]
    order = sorted(gathered(gaps), key=lambda each: -each.rows)
    return [f"{finding_words(context, item)}." for item in order]


def _applied(context: Context) -> list[str]:
    """The decisions that touch the report's own period, each once, the largest first."""
    found: dict[tuple[str, str], Applied] = {}
    names: dict[tuple[str, str], str] = {}
    days = (context.period.start.isoformat(), context.period.last.isoformat())
    for receipt in context.answers.receipts.values():
        if (receipt.first_day, receipt.last_day) != days or receipt.question.get("dimensions"):
            continue
        for applied in receipt.applied:
            key = (applied.action, applied.rule)
            if key not in found or applied.rows > found[key].rows:
                found[key] = applied
                names[key] = inner_name(context, receipt.metric)
    order = sorted(found, key=lambda key: (-found[key].rows, key))
    return [line for key in order if (line := _applied_words(context, found[key], names[key]))]


def _applied_words(context: Context, applied: Applied, name: str) -> str:
    key = f"caveat.{applied.rule}"
    if not context.words.has(key):
        key = f"caveat.{applied.action}"
    if not applied.rows or not context.words.has(key):
        return ""
    rows = context.formatter.decimal(applied.rows)
    return context.words(key, n=applied.rows, rows=rows, name=name, why=applied.why)
