"""What a report asks, and what it was answered.

The blocks of a template say first what they need; equal needs become one
question, so a report asks little however many blocks it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from kvitto.metrics.bridge.step import Bridge
from kvitto.model.finding import Finding
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.question import Answer, Cell, ComparisonKind, Filter
from kvitto.model.receipt import Receipt

AGREED = "agreed"
"""Stands for the KPIs that were agreed with the client."""


class Answered(Protocol):
    """An answer with the receipts of its cells, keyed by code."""

    @property
    def answer(self) -> Answer: ...
    @property
    def receipts(self) -> Mapping[str, Receipt]: ...


class Definitions(Protocol):
    """A catalogue of metrics. ``get`` raises :class:`UnknownName`."""

    def get(self, name: str, /) -> Metric: ...


class Asker(Protocol):
    """Whom a report asks: bound to one client, scope and published version.

    ``warehouse`` is that version's id; ``findings`` are the audit's, of the
    same client.
    """

    @property
    def catalogue(self) -> Definitions: ...
    @property
    def warehouse(self) -> str: ...
    def ask(
        self,
        metrics: Sequence[str],
        period: Period,
        by: Sequence[str] = (),
        where: Sequence[Filter] = (),
        compare: ComparisonKind | None = None,
    ) -> Answered: ...
    def findings(self) -> tuple[Finding, ...]: ...


@runtime_checkable
class Bridging(Protocol):
    """An asker that can also lead from one side's figure to another's."""

    def bridge(self, metric: str, one: str, other: str, period: Period) -> Bridge: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One need: these metrics in that period, split and held against another."""

    metrics: tuple[str, ...]
    period: Period
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    compare: ComparisonKind | None = None

    @property
    def place(self) -> tuple[Period, tuple[str, ...], tuple[Filter, ...]]:
        """What two needs must share to be met by one question."""
        return (self.period, self.by, self.where)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked with what was answered, in the order of asking."""

    items: tuple[tuple[Ask, Answered], ...] = ()
    receipts: Mapping[str, Receipt] = field(default_factory=dict)

    def cells(
        self,
        metric: str,
        period: Period,
        by: Sequence[str] = (),
        where: Sequence[Filter] = (),
        compare: ComparisonKind | None = None,
    ) -> tuple[Cell, ...]:
        """The cells of a metric; without ``compare`` those of any comparison will do."""
        place = (period, tuple(by), tuple(where))
        for ask, answered in self._at(place, compare):
            if metric in ask.metrics:
                return tuple(cell for cell in answered.answer.cells if cell.metric == metric)
        return ()

    def cell(
        self,
        metric: str,
        period: Period,
        where: Sequence[Filter] = (),
        compare: ComparisonKind | None = None,
    ) -> Cell | None:
        """The one undivided cell, ``None`` where it was not asked."""
        found = self.cells(metric, period, (), where, compare)
        return found[0] if found else None

    def _at(
        self, place: tuple[object, ...], compare: ComparisonKind | None
    ) -> Iterator[tuple[Ask, Answered]]:
        for ask, answered in self.items:
            if ask.place == place and (compare is None or ask.compare is compare):
                yield ask, answered


_Key = tuple[Period, tuple[str, ...], tuple[Filter, ...], ComparisonKind | None]


def merge(needs: Sequence[Ask]) -> tuple[Ask, ...]:
    """As few questions as meet all needs.

    Metrics of one place and comparison go together; a need without comparison
    is met by one of the same place with it.
    """
    wanted: dict[_Key, dict[str, None]] = {}
    example: dict[_Key, Ask] = {}
    for ask in needs:
        key = (*ask.place, ask.compare)
        example.setdefault(key, ask)
        wanted.setdefault(key, {}).update(dict.fromkeys(ask.metrics))
    merged: list[Ask] = []
    for key, ask in example.items():
        metrics = wanted[key]
        if ask.compare is None:
            met = {
                name
                for other, names in wanted.items()
                if other[:-1] == key[:-1] and other[-1] is not None
                for name in names
            }
            metrics = {name: None for name in metrics if name not in met}
        if metrics:
            merged.append(Ask(tuple(metrics), ask.period, ask.by, ask.where, ask.compare))
    return tuple(merged)


def ask_all(asker: Asker, needs: Sequence[Ask]) -> Answers:
    """Ask what the needs come to, and keep every receipt."""
    items: list[tuple[Ask, Answered]] = []
    receipts: dict[str, Receipt] = {}
    for ask in merge(needs):
        answered = asker.ask(ask.metrics, ask.period, ask.by, ask.where, ask.compare)
        receipts.update(answered.receipts)
        items.append((ask, answered))
    return Answers(tuple(items), receipts)
