"""Remarks on the data, from what the receipts and the audit recorded."""

from __future__ import annotations

from kvitto.model.finding import Finding, Severity
from kvitto.model.receipt import Applied
from kvitto.model.value import Status
from kvitto.report.context import Context
from kvitto.report.figure import inner_name
from kvitto.report.freshness import sources_of


def caveats_of(context: Context) -> tuple[str, ...]:
    """One line each: data that ends too early, provisional figures, rows left out."""
    return tuple(dict.fromkeys((*_reach(context), *_applied(context), *_gaps(context))))


def finding_words(context: Context, finding: Finding) -> str:
    """A finding in the edition's language, with plain words for table and column."""
    words = context.words
    known = words.has(f"finding.{finding.code}")
    return words(
        f"finding.{finding.code}" if known else "finding.other",
        n=finding.rows,
        rows=context.formatter.decimal(finding.rows),
        subject=_subject(context, finding),
        column=_plain(context, "column_name", finding.column or ""),
        code=finding.code.replace("_", " "),
    )


def _subject(context: Context, finding: Finding) -> str:
    """What the rows are called: the part of the table that the message speaks of, or the table."""
    for part in ("open deals", "closed deals", "won deals"):
        if finding.table == "deals" and f" {part} " in finding.message:
            return context.words(f"subject.{part}")
    return _plain(context, "subject", finding.table)


def _plain(context: Context, group: str, name: str) -> str:
    """What a table or column is called in the language, else its own name in plain words."""
    key = f"{group}.{name}"
    return context.words(key) if context.words.has(key) else name.replace("_", " ")


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


def _gaps(context: Context) -> list[str]:
    """Empty fields that figures lean on, the most frequent first."""
    gaps = [
        item
        for item in context.findings
        if item.code == "missing_field" and item.severity is not Severity.notice
    ]
    return [
        f"{finding_words(context, item)}." for item in sorted(gaps, key=lambda each: -each.rows)
    ]


def _applied(context: Context) -> list[str]:
    """The decisions that touch the report's own period, each once, the largest first."""
    found: dict[tuple[str, str], Applied] = {}
    names: dict[tuple[str, str], str] = {}
    last_day = context.period.last.isoformat()
    for receipt in context.answers.receipts.values():
        if receipt.last_day != last_day or receipt.question.get("dimensions"):
            continue
        for applied in receipt.applied:
            key = (applied.action, applied.rule)
            if key not in found or applied.rows > found[key].rows:
                found[key] = applied
                names[key] = inner_name(context, receipt.metric)
    order = sorted(found, key=lambda key: (-found[key].rows, key))
    return [line for key in order if (line := _applied_words(context, found[key], names[key]))]


def _applied_words(context: Context, applied: Applied, name: str) -> str:
    key = f"caveat.{applied.action}"
    if not applied.rows or not context.words.has(key):
        return ""
    rows = context.formatter.decimal(applied.rows)
    return context.words(key, n=applied.rows, rows=rows, name=name, why=applied.why)
