"""What a sealed edition said that is different now, by how much, and because of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from kvitto.model.block import Restatement, ShownFigure
from kvitto.model.edition import Edition
from kvitto.model.locale import Formatter
from kvitto.model.question import Cell
from kvitto.model.receipt import Receipt
from kvitto.model.value import Missing, Unit, UnitKind, Value
from kvitto.report.asking import Answers, Asker, ask_all
from kvitto.report.narrative.catalogue import missing_words
from kvitto.report.repetition import Again, questions_again
from kvitto.report.words import Words, words_of

MOST_RECORDS = 10


class ChangedRow(Protocol):
    """A row behind a figure that is not what it was. ``kind``: added, removed or changed."""

    @property
    def record_id(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Reran(Protocol):
    """A receipt asked again: the rows that differ from the sealed ones."""

    @property
    def changed(self) -> Sequence[ChangedRow]: ...


Rerun = Callable[[Receipt], Reran]
"""Asks a receipt of the sealed edition again, against the lines that were sealed with it."""


@dataclass(frozen=True, slots=True)
class Restated:
    """The restatements, and the receipts of what the figures are now."""

    items: tuple[Restatement, ...] = ()
    receipts: Mapping[str, Receipt] = field(default_factory=dict)


def restate(
    previous: Edition,
    asker: Asker,
    *,
    language: str | None = None,
    rerun: Rerun | None = None,
) -> tuple[Restatement, ...]:
    """The figures of a sealed edition that are different now.

    Every figure with a receipt is asked again, as it was asked. ``rerun``
    tells which rows changed; without it the reason is that the source changed.
    ``language`` is that of the edition that will print this.
    """
    return restated(previous, asker, language=language, rerun=rerun).items


def restated(
    previous: Edition,
    asker: Asker,
    *,
    language: str | None = None,
    rerun: Rerun | None = None,
) -> Restated:
    """The same with the receipts of the new figures."""
    wanted = questions_again(previous)
    answers = ask_all(asker, [item.ask for item in wanted])
    telling = _Telling(previous, asker, language or previous.language, rerun)
    items: list[Restatement] = []
    receipts: dict[str, Receipt] = {}
    for item in wanted:
        cell = item.find(answers)
        if cell is None or not _differs(item.receipt, cell, answers):
            continue
        items.append(telling.told(item, cell, answers))
        if cell.receipt in answers.receipts:
            receipts[cell.receipt] = answers.receipts[cell.receipt]
    return Restated(tuple(items), receipts)


def _differs(said: Receipt, cell: Cell, answers: Answers) -> bool:
    """Whether the exact value, or the kind of its absence, is another one."""
    now = answers.receipts.get(cell.receipt)
    if now is not None:
        return (said.value, said.missing) != (now.value, now.missing)
    figure = cell.figure
    if isinstance(figure, Missing):
        return said.missing != figure.kind.value
    return said.value is None or float(said.value) != float(figure.number)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Puts one difference into the words of the edition that prints it."""

    previous: Edition
    asker: Asker
    language: str
    rerun: Rerun | None

    @property
    def words(self) -> Words:
        return words_of(self.language)

    @property
    def formatter(self) -> Formatter:
        return Formatter.of(self.language)

    def told(self, item: Again, cell: Cell, answers: Answers) -> Restatement:
        receipt = item.receipt
        because, records = self.reason(item, answers.receipts.get(cell.receipt))
        name = self.asker.catalogue.get(receipt.metric).name(self.language)
        segments = [value for _, value in item.segments if value]
        label = ", ".join([name, *segments, self.formatter.period(item.period)])
        said = item.said.model_copy(update={"label": label, "display": self.said(item)})
        now = self.shown(said, cell.figure, cell.receipt)
        return Restatement(
            metric=receipt.metric,
            label=label,
            edition=self.previous.id,
            said=said,
            now=now,
            difference=self.difference(said, cell.figure),
            because=because,
            records=records,
        )

    def said(self, item: Again) -> str:
        """What was said, in the language of now; as it was written where that is the same."""
        receipt = item.receipt
        if self.language == self.previous.language:
            return item.said.display
        if receipt.missing is not None or receipt.value is None:
            return missing_words(receipt.missing or "no_data", self.language)
        unit = Unit(UnitKind(receipt.unit), receipt.currency, receipt.noun)
        share = unit.kind is UnitKind.share
        number = float(receipt.value) if share else Decimal(receipt.value)
        return self.formatter.number(number, unit)

    def shown(self, said: ShownFigure, figure: Value | Missing, code: str) -> ShownFigure:
        display = (
            missing_words(figure.kind, self.language)
            if isinstance(figure, Missing)
            else self.formatter.figure(figure)
        )
        number = None if isinstance(figure, Missing) else figure.number
        return said.model_copy(
            update={
                "display": display,
                "number": None if number is None else float(number),
                "exact": None,
                "n": figure.n,
                "missing": figure.kind.value if isinstance(figure, Missing) else None,
                "status": "final" if isinstance(figure, Missing) else figure.status.value,
                "receipt": code,
                "period": said.period,
            }
        )

    def difference(self, said: ShownFigure, figure: Value | Missing) -> str:
        """How much it moved; nothing where one of the two is missing."""
        if isinstance(figure, Missing) or said.number is None:
            return ""
        change = float(figure.number) - said.number
        if said.unit == "share":
            from kvitto.report.narrative.amount import points
            from kvitto.report.narrative.catalogue import language_of

            return points(change, language_of(self.language), self.formatter, signed=True)
        if said.unit == "money" or said.unit == "count":
            change = round(change, 4)
        return self.formatter.signed(int(change) if change == int(change) else change, figure.unit)

    def reason(self, item: Again, now: Receipt | None) -> tuple[str, tuple[str, ...]]:
        """A new definition comes first, then the rows that changed, then the source itself."""
        before = item.receipt.definition_version
        if now is not None and now.definition_version != before:
            after = now.definition_version
            return self.words("restatement.definition", before=before, after=after), ()
        changed = _by_record(self.rerun(item.receipt).changed) if self.rerun is not None else {}
        if not changed:
            return self.words("restatement.source"), ()
        from babel.lists import format_list

        parts = []
        for kind in ("added", "removed", "changed"):
            rows = sum(1 for found in changed.values() if found == kind)
            if rows:
                number = self.formatter.decimal(rows)
                parts.append(self.words(f"restatement.{kind}", n=rows, number=number))
        records = tuple(changed)[:MOST_RECORDS]
        return str(format_list(parts, locale=self.formatter.locale)), records


def _by_record(rows: Sequence[ChangedRow]) -> dict[str, str]:
    """What happened to each record; one that both parts of a ratio hold counts once.

    A record that left one part and stays in the other was changed, not lost.
    """
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row.record_id, set()).add(row.kind)
    return {
        record: next(iter(found)) if len(found) == 1 else "changed"
        for record, found in sorted(kinds.items())
    }
