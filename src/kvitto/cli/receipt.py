"""A receipt on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from kvitto.cli.answer import plain_number
from kvitto.model.locale import Formatter
from kvitto.model.receipt import Receipt
from kvitto.model.value import Unit, UnitKind

if TYPE_CHECKING:
    from kvitto.app.receipt import LineItem, OpenedReceipt

_SHOWN_LINES = 40


def receipt_document(opened: OpenedReceipt) -> dict[str, object]:
    """The receipt with what was asked of it, as data."""
    document: dict[str, object] = {
        "receipt": opened.receipt.model_dump(mode="json"),
        "editions": list(opened.editions),
    }
    if opened.check is not None:
        document["check"] = {
            "agrees": opened.check.agrees,
            "total": opened.check.total,
            "expected": opened.check.expected,
            "faults": list(opened.check.faults),
            "sealed": opened.sealed_lines,
        }
    if opened.lines is not None:
        document["lines"] = [_line(line) for line in opened.lines]
    if opened.rerun is not None:
        document["rerun"] = _rerun(opened)
    return document


def receipt_text(opened: OpenedReceipt, language: str) -> str:
    """The receipt as a slip of paper would say it."""
    return "\n".join(
        (
            *_head(opened.receipt, Formatter.of(language)),
            *_sources(opened.receipt),
            *_lines(opened),
            *_rerun_text(opened, Formatter.of(language)),
        )
    )


def _head(receipt: Receipt, formatter: Formatter) -> Iterator[str]:
    yield f"Receipt {receipt.code}"
    yield f"  {receipt.name}: {value_text(receipt, formatter)}"
    version = receipt.definition_version
    yield f"  {receipt.definition} (definition {receipt.metric}, version {version})"
    yield f"  client {receipt.client}, {receipt.period} ({receipt.first_day} to {receipt.last_day})"
    for name in ("dimensions", "where"):
        if receipt.question.get(name):
            yield f"  {name}: {receipt.question[name]}"
    for part in receipt.parts:
        yield f"  {part.part}: {part.aggregation} of {part.lines} rows = {part.total}"
    yield f"  n = {receipt.n}, {receipt.status}"


def _sources(receipt: Receipt) -> Iterator[str]:
    for source in receipt.sources:
        to = f", complete to {source.complete_to}" if source.complete_to else ""
        final = "" if source.final else ", may still change"
        yield f"  source {source.name} ({source.kind}), read {source.synced_at}{to}{final}"
    for applied in receipt.applied:
        done = applied.action.replace("_", " ")
        yield f"  {applied.rows} rows {done}: {applied.why or applied.rule}"
    yield f"  data {receipt.warehouse}"
    yield ""
    yield "  " + receipt.sql.replace("\n", "\n  ")


def value_text(receipt: Receipt, formatter: Formatter) -> str:
    """The receipt's value for people."""
    if receipt.value is None:
        return f"{(receipt.missing or 'missing').replace('_', ' ')} ({receipt.why})"
    return _number(receipt, receipt.value, formatter)


def _number(receipt: Receipt, value: str | None, formatter: Formatter) -> str:
    if value is None:
        return ""
    unit = Unit(UnitKind(receipt.unit), receipt.currency, receipt.noun)
    return formatter.number(Decimal(value), unit)


def _lines(opened: OpenedReceipt) -> Iterator[str]:
    if opened.check is not None:
        where = "sealed lines" if opened.sealed_lines else "lines"
        verdict = "add up" if opened.check.agrees else "DO NOT add up"
        yield ""
        total, expected = _tidy(opened.check.total), _tidy(opened.check.expected)
        yield f"  The {where} {verdict}: {total} against {expected}"
    if opened.lines is None:
        return
    yield ""
    for line in opened.lines[:_SHOWN_LINES]:
        on, label = str(line.on or ""), line.label or ""
        yield f"  {line.part:<12} {on:<11} {_tidy(line.amount):>14}  {label}  {line.record_id}"
    more = len(opened.lines) - _SHOWN_LINES
    if more > 0:
        yield f"  ... and {more} more; --json lists them all"


def _rerun_text(opened: OpenedReceipt, formatter: Formatter) -> Iterator[str]:
    rerun = opened.rerun
    if rerun is None:
        return
    yield ""
    if rerun.agrees:
        yield "  Asked again: it agrees."
        return
    now = _number(opened.receipt, rerun.value_now, formatter)
    yield f"  Asked again: it is now {now or (rerun.missing_now or 'missing').replace('_', ' ')}."
    if rerun.definition_now != opened.receipt.definition_version:
        yield f"  The definition changed: it is now version {rerun.definition_now}."
    for change in rerun.changed:
        values = f"{change.before} -> {change.after}"
        yield f"  {change.kind}: {change.label} ({change.record_id}) {values}"


def _rerun(opened: OpenedReceipt) -> dict[str, object]:
    rerun = opened.rerun
    assert rerun is not None
    return {
        "agrees": rerun.agrees,
        "value_now": _exact(None if rerun.value_now is None else Decimal(rerun.value_now)),
        "missing_now": rerun.missing_now,
        "changes": rerun.changes,
        "definition_now": rerun.definition_now,
        "changed": [
            {
                "record_id": change.record_id,
                "label": change.label,
                "kind": change.kind,
                "before": change.before,
                "after": change.after,
            }
            for change in rerun.changed
        ],
    }


def _line(line: LineItem) -> dict[str, object]:
    return {
        "part": line.part,
        "table": line.table,
        "record_id": line.record_id,
        "label": line.label,
        "on": None if line.on is None else str(line.on),
        "amount": _exact(line.amount),
    }


def _tidy(number: Decimal | str | None) -> str:
    """The exact number without the zeros that its type adds."""
    if number is None:
        return "nothing"
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exact(value: object) -> object:
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return plain_number(value)
    return value if value is None else str(value)
