"""The appendix of receipts: one entry per receipt, grouped by definition.

Also the short marks that stand beside figures on paper: as many letters of
the code as tell it from every other in the edition, at least four.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kvitto.model.block import DefinitionsBlock
from kvitto.model.edition import Edition
from kvitto.model.locale import Formatter
from kvitto.model.receipt import Receipt, SourceUsed
from kvitto.model.value import Unit, UnitKind
from kvitto.render.place import Placed
from kvitto.render.wording import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """One receipt as it is printed."""

    code: str
    mark: str
    place: str
    value: str
    missing: bool
    provisional: bool
    period: str
    n: int
    lines: int
    applied: str


@dataclass(frozen=True, slots=True)
class Group:
    """The receipts of one metric: what they share, then each of them."""

    metric: str
    name: str
    version: int
    definition: str
    sources: tuple[str, ...]
    entries: tuple[Entry, ...]


def marks_of(codes: Iterable[str]) -> dict[str, str]:
    """Code to short mark. A mark of digits alone would read as an exponent, so it is longer."""
    known = sorted({code: code.replace("-", "") for code in codes}.items(), key=lambda kv: kv[1])
    marks: dict[str, str] = {}
    for index, (code, plain) in enumerate(known):
        near = [known[i][1] for i in (index - 1, index + 1) if 0 <= i < len(known)]
        length = max([4, *(_shared(plain, other) + 1 for other in near)])
        while plain[:length].isdigit() and length < len(plain):
            length += 1
        marks[code] = plain[:length]
    return marks


def _shared(one: str, other: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def groups_of(edition: Edition, placed: Iterable[Placed], words: Words) -> tuple[Group, ...]:
    """The receipts of the edition, in the order in which their figures are met."""
    marks = marks_of(edition.receipts)
    met: dict[str, Placed] = {}
    for item in placed:
        if item.figure.receipt is not None:
            met.setdefault(item.figure.receipt, item)
    order = [code for code in met if code in edition.receipts]
    order += [code for code in sorted(edition.receipts) if code not in met]
    grouped: dict[tuple[str, int, str], list[Receipt]] = {}
    for code in order:
        receipt = edition.receipts[code]
        key = (receipt.metric, receipt.definition_version, receipt.definition)
        grouped.setdefault(key, []).append(receipt)
    told = _told(edition)
    return tuple(
        _group(receipts, told.get(key[:2]), met, marks, edition, words)
        for key, receipts in grouped.items()
    )


def _group(
    receipts: list[Receipt],
    told: tuple[str, str] | None,
    met: Mapping[str, Placed],
    marks: Mapping[str, str],
    edition: Edition,
    words: Words,
) -> Group:
    first = receipts[0]
    name, definition = told or (first.name, first.definition)
    return Group(
        metric=first.metric,
        name=name,
        version=first.definition_version,
        definition=definition,
        sources=_sources(receipts, edition, words),
        entries=tuple(
            _entry(receipt, name, met.get(receipt.code), marks, edition, words)
            for receipt in receipts
        ),
    )


def _told(edition: Edition) -> dict[tuple[str, int], tuple[str, str]]:
    """Name and definition of each metric as the report tells them, in its own language."""
    return {
        (item.metric, item.version): (item.name, item.text)
        for block in edition.blocks()
        if isinstance(block, DefinitionsBlock)
        for item in block.items
    }


def _place(receipt: Receipt, name: str, placed: Placed | None, words: Words) -> str:
    """Where the reader met the figure; one that only stands behind another names its segment."""
    if placed is None:
        split = receipt.question.get("dimensions")
        segments = split.values() if isinstance(split, dict) else ()
        return " \u00b7 ".join([name, *(str(segment) for segment in segments if segment)])
    if placed.kind == "comparison":
        return f"{placed.row} \u00b7 {words.against.get(placed.column, placed.column)}"
    return placed.words


def _entry(
    receipt: Receipt,
    name: str,
    placed: Placed | None,
    marks: Mapping[str, str],
    edition: Edition,
    words: Words,
) -> Entry:
    return Entry(
        code=receipt.code,
        mark=marks[receipt.code],
        place=_place(receipt, name, placed, words),
        value=(placed.figure.display if placed else "") or _value(receipt, edition),
        missing=receipt.value is None,
        provisional=receipt.status == "provisional",
        period=_days(receipt, edition.language),
        n=receipt.n,
        lines=sum(part.lines for part in receipt.parts),
        applied="; ".join(
            f"{words.actions.get(item.action, item.action)}: {item.rows}"
            for item in receipt.applied
        ),
    )


def _value(receipt: Receipt, edition: Edition) -> str:
    if receipt.value is None:
        return edition.labels.missing
    try:
        unit = Unit(UnitKind(receipt.unit), receipt.currency, receipt.noun)
        return Formatter.of(edition.language).number(float(receipt.value), unit)
    except ValueError:
        return receipt.value


def _days(receipt: Receipt, language: str) -> str:
    if receipt.first_day == receipt.last_day:
        return day_text(receipt.first_day, language)
    first, last = (day_text(day, language) for day in (receipt.first_day, receipt.last_day))
    return f"{first} \u2013 {last}"


def day_text(day: str, language: str) -> str:
    """An ISO day as the language writes it; anything else as it is."""
    from datetime import date

    try:
        return Formatter.of(language).short_day(date.fromisoformat(day))
    except ValueError:
        return day


def _sources(receipts: Iterable[Receipt], edition: Edition, words: Words) -> tuple[str, ...]:
    seen = dict.fromkeys(source for receipt in receipts for source in receipt.sources)
    return tuple(_source(source, edition.language, words) for source in seen)


def _source(source: SourceUsed, language: str, words: Words) -> str:
    parts = [f"{source.name} ({words.kinds.get(source.kind, source.kind)})"]
    if source.complete_to:
        parts.append(f"{words.complete_to} {day_text(source.complete_to, language)}")
    parts.append(f"{words.synced} {source.synced_at[:16].replace('T', ' ')} UTC")
    if not source.final:
        parts.append(words.not_final)
    return ", ".join(parts)
