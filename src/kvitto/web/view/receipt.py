"""A receipt in words that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kvitto.app.receipt import OpenedReceipt
from kvitto.model.locale import Formatter
from kvitto.model.receipt import Receipt
from kvitto.model.value import Unit, UnitKind
from kvitto.web.words import WORDS, say, spoken


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """``display`` is the figure; ``now`` the figure that asking again gave, "" where it was
    not asked; ``asked`` what it was narrowed to ("region: West"); ``lines`` one page of the
    line items."""

    display: str
    now: str
    asked: tuple[str, ...]
    totals: Mapping[str, str]
    applied: tuple[str, ...]
    lines: tuple[object, ...]
    line_count: int
    page: int
    page_count: int


def show_receipt(opened: OpenedReceipt, language: str, page: int, size: int) -> ShownReceipt:
    """The receipt with the asked page of its line items (the last one where there are fewer).

    ``language`` is the client's: figures look as they do in the report.
    """
    receipt = opened.receipt
    lines = opened.lines or ()
    count = max(1, -(-len(lines) // size))
    page = min(page, count)
    again = opened.rerun.value_now if opened.rerun is not None else None
    return ShownReceipt(
        display=figure_text(receipt, receipt.value, language),
        now=figure_text(receipt, again, language) if opened.rerun is not None else "",
        asked=_asked(receipt),
        totals={part.part: plain(part.total) for part in receipt.parts},
        applied=tuple(_applied(action.action, action.rows) for action in receipt.applied),
        lines=tuple(lines[(page - 1) * size : page * size]),
        line_count=len(lines),
        page=page,
        page_count=count,
    )


def figure_text(receipt: Receipt, value: object, language: str) -> str:
    """A value in the receipt's unit; a missing one as its kind in words."""
    number = _number(value)
    if number is None:
        return str(receipt.missing or "no figure").replace("_", " ")
    unit = Unit(UnitKind(receipt.unit), receipt.currency, receipt.noun)
    return Formatter.of(language).number(number, unit)


def plain(value: object) -> str:
    """A number with its thousands apart and no spare zeros; "–" for none."""
    number = _number(value)
    if number is not None:
        return Formatter.of(spoken()).decimal(number, 4)
    return "–" if value is None else str(value)


def part_name(part: str) -> str:
    """A part in words; a part of a formula with the metric that it belongs to."""
    metric, _, name = part.rpartition(".")
    word = say(f"receipt.part.{name}") if f"receipt.part.{name}" in WORDS else name
    return f"{metric.replace('_', ' ')}: {word}" if metric else word


def _number(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _asked(receipt: Receipt) -> tuple[str, ...]:
    """The dimensions of the question, in plain words."""
    found = receipt.question.get("dimensions")
    pairs = found.items() if isinstance(found, Mapping) else found
    if not isinstance(pairs, Iterable):
        return ()
    return tuple(
        f"{str(name).replace('_', ' ')}: {'–' if value is None else value}" for name, value in pairs
    )


def _applied(action: str, rows: int) -> str:
    name = f"receipt.applied.{action}"
    return say(name if name in WORDS else "receipt.applied.other", n=rows, action=action)
