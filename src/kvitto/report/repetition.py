"""The questions behind a sealed edition's figures, put again in as few asks as they took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kvitto.model.block import RestatementsBlock, ShownFigure
from kvitto.model.edition import Edition
from kvitto.model.period import Grain, Period
from kvitto.model.question import Cell, Filter
from kvitto.model.receipt import Receipt
from kvitto.report.asking import Answers, Ask
from kvitto.report.display import block_figures

Place = tuple[tuple[str, str | None], ...]

_NATURAL = (Grain.day, Grain.week, Grain.month, Grain.quarter, Grain.year)


@dataclass(frozen=True, slots=True)
class Again:
    """A figure as it was said, its receipt, and the question that asks for it now.

    ``segments`` is where it stands apart from time, ``period`` what it is about.
    """

    said: ShownFigure
    receipt: Receipt
    period: Period
    segments: Place
    ask: Ask

    def find(self, answers: Answers) -> Cell | None:
        """The cell that answers it; ``None`` where the answer has none any more."""
        wanted = set(self.segments)
        if len(self.ask.by) > len(self.segments):
            wanted.add((self.ask.by[0], self.period.label))
        for cell in answers.cells(
            self.receipt.metric, self.ask.period, self.ask.by, self.ask.where
        ):
            if set(cell.dimensions) == wanted:
                return cell
        return None


def questions_again(edition: Edition) -> tuple[Again, ...]:
    """Each figure of an edition once, however often it was shown.

    Figures of several periods of one size share a question over all of them.
    """
    figures = {receipt.code: (figure, receipt) for figure, receipt in _receipted(edition)}
    spans = _spans([receipt for _, receipt in figures.values()])
    found: list[Again] = []
    for figure, receipt in figures.values():
        period, segments, where = _period(receipt), _place(receipt), _where(receipt)
        names = tuple(name for name, _ in segments)
        span = spans.get((period.grain, names, where))
        ask = Ask((receipt.metric,), period, names, where)
        if span is not None and span.days > period.days:
            ask = Ask((receipt.metric,), span, (period.grain.value, *names), where)
        found.append(Again(figure, receipt, period, segments, ask))
    return tuple(found)


def _receipted(edition: Edition) -> Iterator[tuple[ShownFigure, Receipt]]:
    """The measured figures that the edition itself shows, the first of each receipt first."""
    seen: set[str] = set()
    for block in edition.blocks():
        if isinstance(block, RestatementsBlock):
            continue
        for figure in block_figures(block):
            code = figure.receipt or ""
            if code in edition.receipts and code not in seen:
                seen.add(code)
                yield figure, edition.receipts[code]


_Key = tuple[Grain, tuple[str, ...], tuple[Filter, ...]]


def _spans(receipts: Sequence[Receipt]) -> dict[_Key, Period]:
    """From the first to the last day of all figures of one grain and split."""
    days: dict[_Key, tuple[date, date]] = {}
    for receipt in receipts:
        period = _period(receipt)
        if period.grain not in _NATURAL:
            continue
        key = (period.grain, tuple(name for name, _ in _place(receipt)), _where(receipt))
        first, end = days.get(key, (period.start, period.end))
        days[key] = (min(first, period.start), max(end, period.end))
    return {key: Period(first, end) for key, (first, end) in days.items()}


def _place(receipt: Receipt) -> Place:
    held = receipt.question.get("dimensions")
    pairs = held.items() if isinstance(held, Mapping) else ()
    return tuple((str(name), None if value is None else str(value)) for name, value in pairs)


def _period(receipt: Receipt) -> Period:
    """The period of a receipt, with the size that the question gave it."""
    first, last = date.fromisoformat(receipt.first_day), date.fromisoformat(receipt.last_day)
    held = receipt.question.get("period")
    grain = Grain(str(held["grain"])) if isinstance(held, Mapping) else Grain.span
    return Period(first, last + timedelta(days=1), receipt.period, grain)


def _where(receipt: Receipt) -> tuple[Filter, ...]:
    held = receipt.question.get("where")
    found: list[Filter] = []
    for item in held if isinstance(held, list | tuple) else ():
        values = tuple(str(value) for value in item["values"])
        found.append(Filter(str(item["dimension"]), values, bool(item["negated"])))
    return tuple(found)
