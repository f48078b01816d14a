"""Which rows a metric needs for a period, or why it has no answer there.

Before anything is read: is a source connected, does the data reach the period,
is there a snapshot, is a cohort old enough. What fails gives a typed missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from kvitto.metrics.compiler import Measure, needed_tables
from kvitto.metrics.fact import Facts
from kvitto.metrics.formula import Term, read_formula
from kvitto.metrics.frame import Span
from kvitto.metrics.priority import Chosen, Rule, choose, stands_in, tells
from kvitto.metrics.reach import instead
from kvitto.metrics.side import only_source
from kvitto.metrics.span import trailing
from kvitto.metrics.wording import rows_of
from kvitto.model.metric import Aggregation, Metric, Part
from kvitto.model.period import Period
from kvitto.model.value import Missing, MissingKind, Unit, UnitKind
from kvitto.warehouse.version import SourceState

if TYPE_CHECKING:
    from kvitto.metrics.catalogue import Catalogue

NONE_FAILED: Mapping[str, str] = MappingProxyType({})
SNAPSHOT_AGE = timedelta(days=3)
"""How old a snapshot may be and still stand for a day."""


@dataclass(frozen=True)
class Component:
    """A metric with parts, alone or as a term of a formula."""

    id: str
    metric: Metric = field(compare=False, repr=False)
    months: int | None = None
    term: Term | None = None

    @property
    def prefix(self) -> str:
        """What stands before the part's name on a receipt."""
        return "" if self.term is None else f"{self.term.label}."


@dataclass(frozen=True)
class Read:
    """One part to be read over one span."""

    component: Component
    part: str
    measure: Measure
    span: Span
    chosen: Chosen | None = field(default=None, compare=False, repr=False)
    """Which source tells it, where several could."""

    @property
    def label(self) -> str:
        return self.component.prefix + self.part


def components(metric: Metric, catalogue: Catalogue) -> tuple[Component, ...]:
    """The metric itself, or the metrics of its formula (goals are not measured)."""
    if metric.formula is None:
        return (Component(metric.id, metric),)
    return tuple(
        Component(term.metric, catalogue.get(term.metric), term.months, term)
        for term in read_formula(catalogue.formula(metric)).terms
        if not term.goal
    )


def tables_of(metric: Metric) -> tuple[frozenset[str], ...]:
    """Per need, the tables of which one must be connected."""
    needs: list[frozenset[str]] = []
    for _, part in metric.parts:
        needs.append(frozenset(one.table for one in instead(part)))
        needs += [frozenset({table}) for table in needed_tables(part) - {part.table}]
    return tuple(dict.fromkeys(needs))


def sources_of(metric: Metric, facts: Facts, rules: Sequence[Rule] = ()) -> tuple[SourceState, ...]:
    """The sources behind a metric with parts; of those in an order, the ones that may tell it."""
    found: dict[str, SourceState] = {}
    for need in _needs_met(metric, facts):
        for table in sorted(need):
            states = tells(rules, metric, feeding(metric, table, facts), table)
            found.update({state.name: state for state in states})
    return tuple(found[name] for name in sorted(found))


def feeding(metric: Metric, table: str, facts: Facts) -> tuple[SourceState, ...]:
    """The sources of a table that the metric is made of; one alone where it names its side."""
    only = only_source(metric)
    return tuple(state for state in facts.sources(table) if only in (None, state.name))


def _needs_met(metric: Metric, facts: Facts) -> Iterator[frozenset[str]]:
    """The tables that are read: of alternatives, the first that is connected."""
    first = {
        frozenset(one.table for one in instead(part)): at_hand(part, facts).table
        for _, part in metric.parts
        if part.otherwise is not None and not part.as_of
    }
    for need in tables_of(metric):
        yield frozenset({first[need]}) if need in first else need


def at_hand(part: Part, facts: Facts, period: Period | None = None) -> Part:
    """Of a part and its alternatives the first that is connected and has begun by the period."""
    for one in instead(part):
        if not facts.sources(one.table):
            continue
        begun = facts.first_day(one.table, (one.at,)) if one.at and period is not None else None
        reach = facts.known_to(one.table)
        if period is None or (
            begun is not None and begun < period.end and (reach is None or reach >= period.start)
        ):
            return one
    return part


def known_to(metric: Metric, facts: Facts, today: date, rules: Sequence[Rule] = ()) -> date:
    """The last day that all sources of the metric are complete to; else today.

    Where one source may stand in for another, it is the day to which any of them reaches.
    """
    days: list[date] = []
    for need in _needs_met(metric, facts):
        for table in sorted(need):
            states = tells(rules, metric, feeding(metric, table, facts), table)
            reached = [state.complete_to for state in states if state.complete_to]
            if reached:
                days.append((max if stands_in(rules, metric, table) else min)(reached))
    return min(days) if days else today


def is_final(metric: Metric, facts: Facts, last: date, chosen: Sequence[Chosen] = ()) -> bool:
    """Whether no source that tells it may still change the days up to ``last``."""
    names = {name for one in chosen for name in one.sources}
    tables = {one.part.table for one in chosen}
    return all(
        settled(state, last)
        for state in sources_of(metric, facts)
        if state.name in names or not tables & set(_fed_by(state, facts, tables))
    )


def _fed_by(state: SourceState, facts: Facts, tables: set[str]) -> Iterator[str]:
    return (table for table in tables if state in facts.sources(table))


def settled(state: SourceState, last: date) -> bool:
    """Whether the source is complete to that day and the day has settled."""
    if state.complete_to is None:
        return True
    return last <= state.complete_to - timedelta(days=state.settles_days)


def reads(
    component: Component,
    period: Period,
    facts: Facts,
    today: date,
    unit: Unit,
    rules: Sequence[Rule] = (),
    failed: Mapping[str, str] = NONE_FAILED,
) -> tuple[Read, ...] | Missing:
    """What must be read for the component in that period, or why there is no answer.

    ``rules`` say which source tells what several could; ``failed`` names the
    sources that could not be read the last time, with the reason.
    """
    metric = component.metric
    if not metric.parts:
        return Missing(MissingKind.not_applicable, unit, metric.explain("en"))
    period = trailing(period, component.months)
    for need in tables_of(metric):
        if not any(feeding(metric, table, facts) for table in need):
            named = " or ".join(sorted(table.replace("_", " ") for table in need))
            only = only_source(metric)
            lacking = f"no source of {named}" if only is None else f"{only} as a source of {named}"
            verb = "is connected" if only is None else "is not connected"
            return Missing(MissingKind.not_connected, unit, f"{lacking} {verb}")
    reach = known_to(metric, facts, today, rules)
    if period.start > reach:
        why = f"the data is complete to {reach}; {period.label} begins after it"
        ill = _failed(metric, facts, period, rules, failed)
        if ill:
            return Missing(MissingKind.sync_failed, unit, f"{ill}; {why}")
        return Missing(MissingKind.no_data, unit, why)
    if metric.mature_days is not None:
        ripe = period.last + timedelta(days=metric.mature_days)
        if ripe > reach:
            why = f"the cohort is followed for {metric.mature_days} days, until {ripe}"
            return Missing(MissingKind.immature, unit, why)
    return _reads(component, period, reach, facts, unit, rules)


def _failed(
    metric: Metric,
    facts: Facts,
    period: Period,
    rules: Sequence[Rule],
    failed: Mapping[str, str],
) -> str:
    """Which sources that do not reach the period could not be read, and why."""
    return "; ".join(
        f"{state.name} could not be read: {failed[state.name]}"
        for state in sources_of(metric, facts, rules)
        if state.name in failed
        and state.complete_to is not None
        and state.complete_to < period.start
    )


def _reads(
    component: Component,
    period: Period,
    reach: date,
    facts: Facts,
    unit: Unit,
    rules: Sequence[Rule],
) -> tuple[Read, ...] | Missing:
    found: list[Read] = []
    for name, declared in component.metric.parts:
        part, day = declared, _state_day(declared, period, reach)
        if day is None and part.otherwise is not None:
            part = at_hand(part, facts, period)
        if day is not None:
            state = _state(declared, day, facts, unit)
            if isinstance(state, Missing):
                return state
            part, day = state
        span = Span(period.start, period.end, day)
        chosen = choose(rules, component.metric, part, span, facts)
        part = part if chosen is None else chosen.part
        measure = Measure(_column(component, name), part, _has_durations(component.metric, part))
        found.append(Read(component, name, measure, span, chosen))
    return tuple(found)


def _state_day(part: Part, period: Period, reach: date) -> date | None:
    if not part.as_of:
        return None
    return period.start - timedelta(days=1) if part.opening else min(period.last, reach)


def _state(part: Part, day: date, facts: Facts, unit: Unit) -> tuple[Part, date] | Missing:
    if part.snapshot is not None:
        days = facts.snapshot_days(part.table, part.snapshot)
        near = [one for one in days if day - SNAPSHOT_AGE <= one <= day]
        if near:
            return part, near[-1]
        if part.otherwise is not None and facts.sources(part.otherwise.table):
            return _state(part.otherwise, day, facts, unit)
        kind = MissingKind.not_computable if part.opening else MissingKind.no_data
        why = f"no snapshot of {day} or the 3 days before it; the past is not rebuilt from today"
        return Missing(kind, unit, why)
    first = facts.first_day(part.table, (part.since or "",))
    if first is None or first > day:
        begins = "has no dates" if first is None else f"begins on {first}"
        return Missing(MissingKind.no_data, unit, f"the history of {rows_of(part.table)} {begins}")
    return part, day


def _has_durations(metric: Metric, part: Part) -> bool:
    timed = part.aggregation in (
        Aggregation.average,
        Aggregation.median,
        Aggregation.percentile,
    )
    return timed and metric.unit is UnitKind.duration


def _column(component: Component, part: str) -> str:
    name = component.metric.id if part == "value" else f"{component.metric.id}_{part}"
    return name if component.months is None else f"{name}_{component.months}_months"


def leaves(metrics: tuple[Metric, ...], catalogue: Catalogue) -> Iterator[tuple[Metric, Part]]:
    """Every part that the metrics may read, also instead of another."""
    for metric in [form for one in metrics for form in catalogue.forms(one)]:
        for component in components(metric, catalogue):
            for _, part in component.metric.parts:
                for one in instead(part):
                    yield metric, one
