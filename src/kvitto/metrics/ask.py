"""Asking: a question in, cells with figures and receipts out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from kvitto.errors import NotInScope
from kvitto.metrics.answer import Measured, Readable
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.compare import compare_figures, goal_value, held_against_baseline
from kvitto.metrics.compiler import EMPTY, Key, Raw
from kvitto.metrics.context import ClientContext
from kvitto.metrics.fact import Facts, facts_of
from kvitto.metrics.figure import held_back, leaf_figure, unit_of
from kvitto.metrics.formula import Term, evaluate, read_formula
from kvitto.metrics.gap import is_whole
from kvitto.metrics.gather import Gathered, gather
from kvitto.metrics.place import Places, split_of
from kvitto.metrics.plan import Component, Read, components, is_final, known_to, leaves, reads
from kvitto.metrics.receipt import Maker, Measurement
from kvitto.metrics.span import Held, Slot, hold, slots_of, trailing
from kvitto.metrics.zero import why_nothing
from kvitto.model.metric import Metric, Part
from kvitto.model.period import Period
from kvitto.model.question import Answer, Cell, Compared, ComparisonKind, Question
from kvitto.model.value import Figure, Missing, MissingKind, Status, Unit, Value


def ask(
    reader: Readable, catalogue: Catalogue, question: Question, context: ClientContext
) -> Measured:
    """Measure what the question asks, in one published version.

    Raises :class:`UnknownName` for an unknown metric, dimension or value of a
    filter, :class:`WrongUse` for a dimension that does not apply,
    :class:`NotInScope` where the context is another client's.
    """
    if context.client != question.client:
        raise NotInScope.of(
            f"the client '{question.client}'",
            "the context is another client's",
            "Ask with the context of the client that is asked about.",
        )
    return _Asking(reader, catalogue, question, context).answer()


def ask_many(
    reader: Readable, catalogue: Catalogue, questions: Sequence[Question], context: ClientContext
) -> tuple[Measured, ...]:
    """Answer several questions; those that differ in their metrics alone share their reading."""
    merged: dict[Question, dict[str, None]] = {}
    for question in questions:
        place = replace(question, metrics=())
        merged.setdefault(place, {}).update(dict.fromkeys(question.metrics))
    answered = {
        place: ask(reader, catalogue, replace(place, metrics=tuple(metrics)), context)
        for place, metrics in merged.items()
    }
    return tuple(_only(question, answered[replace(question, metrics=())]) for question in questions)


def _only(question: Question, measured: Measured) -> Measured:
    cells = tuple(cell for cell in measured.answer.cells if cell.metric in question.metrics)
    codes = {cell.receipt for cell in cells}
    codes |= {cell.compared.receipt for cell in cells if cell.compared and cell.compared.receipt}
    answer = replace(measured.answer, question=question, cells=cells)
    return Measured(answer, {code: measured.receipts[code] for code in codes})


class _Asking:
    """One question while it is answered."""

    def __init__(
        self, reader: Readable, catalogue: Catalogue, question: Question, context: ClientContext
    ) -> None:
        self.catalogue, self.question, self.context = catalogue, question, context
        self.metrics = tuple(catalogue.get(name) for name in dict.fromkeys(question.metrics))
        split = split_of(question, self.metrics)
        self.facts: Facts = facts_of(reader, question.client)
        tables = tuple(dict.fromkeys(part.table for _, part in leaves(self.metrics, catalogue)))
        places = Places(self.facts, split, question.where)
        self.places = replace(places, filters=places.check(tables))
        measured_back = question.compare if question.compare in _MEASURED else None
        self.slots = slots_of(question.period, split.grain, measured_back, context)
        self.held: dict[tuple[str, int], Held] = {}
        self.plans: dict[tuple[Component, Period], tuple[Read, ...] | Missing] = {}
        self.gathered = Gathered()
        self.verdicts: dict[tuple[Component, Period], Missing | None] = {}

    def answer(self) -> Measured:
        """Plan, read, and put the figures together."""
        for metric in self.metrics:
            self._plan(metric)
        wanted = [
            read for plan in self.plans.values() if not isinstance(plan, Missing) for read in plan
        ]
        self.gathered = gather(self.facts, self.places, wanted)
        maker = Maker(self.catalogue, self.context, self.facts, self.places, self.gathered)
        cells = tuple(cell for metric in self.metrics for cell in self._cells(metric, maker))
        asked = replace(self.question, where=self.places.filters)
        version = self.facts.reader.version.id
        answer = Answer(asked, cells, version, tuple(self.gathered.sql))
        return Measured(answer, maker.receipts)

    def _plan(self, metric: Metric) -> None:
        today, rules = self.context.today, self.context.priorities
        for index, slot in enumerate(self.slots):
            reach = min(
                known_to(part.metric, self.facts, today, rules)
                for part in self._components(metric, slot.period)
            )
            if self.question.compare is ComparisonKind.baseline:
                slot = replace(slot, earlier=held_against_baseline(metric, slot, self.context))
                held = Held(slot.period, None, slot.earlier)
            else:
                held = hold(slot, reach)
            self.held[(metric.id, index)] = held
            for period in (held.now, held.to_date, held.earlier):
                if period is None:
                    continue
                for part in self._components(metric, period):
                    unit = unit_of(part.metric, self.context.currency)
                    planned = reads(
                        part, period, self.facts, today, unit, rules, self.context.failed
                    )
                    self.plans[(part, period)] = planned

    def _components(self, metric: Metric, period: Period) -> tuple[Component, ...]:
        return components(self.catalogue.at(metric, period), self.catalogue)

    def _cells(self, metric: Metric, maker: Maker) -> Iterator[Cell]:
        members = self._members(metric)
        for index, slot in enumerate(self.slots):
            for member in members:
                yield self._cell(metric, index, slot, member, maker)

    def _cell(self, metric: Metric, index: int, slot: Slot, member: Key, maker: Maker) -> Cell:
        held = self.held[(metric.id, index)]
        figure = self._figure(metric, held.now, member)
        receipt = maker.make(self._measurement(metric, held.now, member, figure))
        compared = self._compared(metric, held, member, figure, maker)
        return Cell(metric.id, self._dimensions(slot, member), figure, receipt, compared)

    def _compared(
        self, metric: Metric, held: Held, member: Key, figure: Figure, maker: Maker
    ) -> Compared | None:
        kind = self.question.compare
        if kind is None:
            return None
        if kind is ComparisonKind.goal:
            return self._against_goal(metric, held.now, member, figure)
        if held.earlier is None:
            return self._without_baseline(metric, held, figure)
        current = figure
        if held.to_date is not None:
            current = self._figure(metric, held.to_date, member)
        earlier = self._figure(metric, held.earlier, member)
        code = maker.make(self._measurement(metric, held.earlier, member, earlier))
        change, relative = compare_figures(current, earlier)
        aligned = held.to_date is not None
        note = self.catalogue.change(metric, held.earlier, held.to_date or held.now)
        return Compared(
            kind, held.earlier, earlier, current, change, relative, code, aligned, note=note
        )

    def _against_goal(
        self, metric: Metric, period: Period, member: Key, figure: Figure
    ) -> Compared:
        unit = unit_of(metric, self.context.currency)
        goal, target = goal_value(metric.id, period, self._named(member), self.context, unit)
        change, relative = compare_figures(figure, target)
        cap = goal is not None and goal.kind == "cap"
        objective = goal.objective if goal is not None else ""
        return Compared(
            ComparisonKind.goal,
            period,
            target,
            figure,
            change,
            relative,
            None,
            False,
            cap,
            objective,
        )

    def _without_baseline(self, metric: Metric, held: Held, figure: Figure) -> Compared:
        unit = unit_of(metric, self.context.currency)
        for baseline in self.context.baselines:
            if baseline.metric == metric.id and baseline.value is not None:
                value = Value(Decimal(baseline.value), unit, 0)
                change, relative = compare_figures(figure, value)
                return Compared(ComparisonKind.baseline, None, value, figure, change, relative)
        lost = Missing(
            MissingKind.not_applicable, unit, "no baseline of the same length is agreed for it"
        )
        return Compared(ComparisonKind.baseline, None, lost, figure, None, None)

    def _figure(self, metric: Metric, period: Period, member: Key) -> Figure:
        metric = self.catalogue.at(metric, period)
        unit = unit_of(metric, self.context.currency)
        found: dict[Term, Figure] = {}
        for part in components(metric, self.catalogue):
            figure = self._leaf(part, period, member)
            if part.term is None:
                return figure
            found[part.term] = figure
        text = self.catalogue.formula(metric)
        for term in read_formula(text).terms:
            if term.goal:
                inner = unit_of(self.catalogue.get(term.metric), self.context.currency)
                found[term] = goal_value(
                    term.metric, period, self._named(member), self.context, inner
                )[1]
        return held_back(metric, evaluate(text, found, unit))

    def _leaf(self, part: Component, period: Period, member: Key) -> Figure:
        metric, unit = part.metric, unit_of(part.metric, self.context.currency)
        plan = self.plans[(part, period)]
        if isinstance(plan, Missing):
            return plan
        verdict = self._verdict(part, period, plan, unit)
        if verdict is not None:
            return verdict
        raws = {read.part: (read.measure.part, self._raw(read, member)) for read in plan}
        status = self._status(part, period, plan)
        return held_back(metric, leaf_figure(metric, raws, unit, status))

    def _verdict(
        self, part: Component, period: Period, plan: tuple[Read, ...], unit: Unit
    ) -> Missing | None:
        """Where nothing at all was found: is it a true zero, or does the data not reach?"""
        key = (part, period)
        if key not in self.verdicts:
            empty = [read for read in plan if not any(raw.rows for raw in self._all(read).values())]
            whys = (why_nothing(read, self.facts) for read in empty)
            why = next((text for text in whys if text is not None), None)
            lost = None if why is None else Missing(MissingKind.no_data, unit, why)
            self.verdicts[key] = lost
        return self.verdicts[key]

    def _status(self, part: Component, period: Period, plan: tuple[Read, ...]) -> Status:
        last = trailing(period, part.months).last
        chosen = [read.chosen for read in plan if read.chosen is not None]
        final = is_final(part.metric, self.facts, last, chosen) and is_whole(plan, self.facts)
        return Status.final if final else Status.provisional

    def _measurement(
        self, metric: Metric, period: Period, member: Key, figure: Figure
    ) -> Measurement:
        metric = self.catalogue.at(metric, period)
        used: list[tuple[Component, Read, Part, Raw, Key | None]] = []
        for part in components(metric, self.catalogue):
            plan = self.plans[(part, period)]
            if isinstance(plan, Missing):
                continue
            for read in plan:
                keys = self.gathered.keys[(read.measure, read.span)].get(member)
                used.append((part, read, read.measure.part, self._raw(read, member), keys))
        return Measurement(
            metric, period, member, figure, tuple(used), self._constants(metric, period, member)
        )

    def _constants(self, metric: Metric, period: Period, member: Key) -> Mapping[str, str]:
        if metric.formula is None:
            return {}
        found: dict[str, str] = {}
        for term in read_formula(self.catalogue.formula(metric)).terms:
            if term.goal:
                unit = unit_of(self.catalogue.get(term.metric), self.context.currency)
                _, target = goal_value(term.metric, period, self._named(member), self.context, unit)
                if isinstance(target, Value):
                    found[term.label] = str(target.number)
        return found

    def _raw(self, read: Read, member: Key) -> Raw:
        return self._all(read).get(member, EMPTY)

    def _all(self, read: Read) -> Mapping[Key, Raw]:
        return self.gathered.results[(read.measure, read.span)]

    def _members(self, metric: Metric) -> tuple[Key, ...]:
        if not self.places.split.dimensions:
            return ((),)
        found: dict[Key, None] = {}
        for index in range(len(self.slots)):
            held = self.held[(metric.id, index)]
            for period in (held.now, held.to_date, held.earlier):
                for part in self._components(metric, period) if period is not None else ():
                    assert period is not None
                    plan = self.plans[(part, period)]
                    if not isinstance(plan, Missing):
                        for read in plan:
                            found.update(dict.fromkeys(self._all(read)))
        return tuple(sorted(found, key=_order)) or ((),)

    def _dimensions(self, slot: Slot, member: Key) -> tuple[tuple[str, str | None], ...]:
        named = self._named(member)
        grain = self.places.split.grain
        if grain is not None:
            named[grain.value] = slot.label
        return tuple((name, named[name]) for name in self.question.by if name in named)

    def _named(self, member: Key) -> dict[str, str | None]:
        filters: dict[str, str | None] = {
            part.dimension: part.values[0]
            for part in self.places.filters
            if len(part.values) == 1 and not part.negated
        }
        own = dict(zip(self.places.split.dimensions, member, strict=False)) if member else {}
        return {**filters, **own}


_MEASURED = (ComparisonKind.previous, ComparisonKind.last_year)


def _order(member: Key) -> tuple[tuple[bool, str], ...]:
    return tuple((part is None, part or "") for part in member)
