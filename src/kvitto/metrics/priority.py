"""Which source tells a metric, day by day: the rules laid over what the data holds.

Two sources of one client that fill the same table are added, unless a priority
says which one wins. It becomes a condition on ``_source`` of the part that is
read, so that figures, receipts, line items and decisions all follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlglot import exp

from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Frame, Reading, Span
from kvitto.metrics.side import only_source, split_side
from kvitto.model.metric import Metric, Part
from kvitto.model.period import add_months
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.version import SourceState
from kvitto.workspace.priority import Priority

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A priority of one client; ``name`` is how a person finds it in ``rules/``."""

    name: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Run:
    """Days ``[first, after)`` that one source tells; ``stands_in`` says for whom, and why."""

    first: date
    after: date
    source: str
    stands_in: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who tells a part over a span: runs of days, and the part that reads them alone.

    ``before`` is the part as it was declared; ``others`` are the sources of the
    table that lose some of the days.
    """

    rule: Rule
    before: Part
    part: Part
    runs: tuple[Run, ...]
    others: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that tell any of the days, in order of time."""
        return tuple(dict.fromkeys(run.source for run in self.runs))

    @property
    def said(self) -> str:
        """Who won, in words."""
        words = []
        for run in self.runs:
            days = "" if len(self.runs) == 1 else f" from {run.first} to {run.after - _DAY}"
            words.append(f"{run.source} tells it{days}{run.stands_in}")
        return "; ".join(words)


def choose(
    rules: Sequence[Rule], metric: Metric, part: Part, span: Span, facts: Facts
) -> Chosen | None:
    """Who tells the part over the span; ``None`` where no rule holds or no other source is."""
    fitting = _fitting(rules, metric, part.table)
    names = tuple(state.name for state in facts.sources(part.table))
    if not fitting or len(names) < 2 or only_source(metric) is not None:
        return None
    key = ("chosen", fitting, part, span)
    found: Chosen | None = facts.once(key, lambda: _chosen(fitting, part, span, names, facts))
    return found


def tells(
    rules: Sequence[Rule], metric: Metric, states: Sequence[SourceState], table: str
) -> tuple[SourceState, ...]:
    """Of the sources of a table, those that may tell the metric at any time."""
    fitting = _fitting(rules, metric, table)
    if not fitting or only_source(metric) is not None:
        return tuple(states)
    known = {state.name for state in states}
    named: set[str] = set()
    for rule in fitting:
        ranked = [name for name in rule.priority.sources if name in known]
        named.update(ranked if rule.priority.fallback != "never" else ranked[:1])
    return tuple(state for state in states if state.name in named) or tuple(states)


def stands_in(rules: Sequence[Rule], metric: Metric, table: str) -> bool:
    """Whether another source may tell the days that the first one lacks."""
    return any(rule.priority.fallback != "never" for rule in _fitting(rules, metric, table))


def tolerance_of(rules: Sequence[Rule], metric: Metric, table: str) -> Rule | None:
    """The first rule about the metric; its tolerance says what a conflict is."""
    return next(iter(_fitting(rules, metric, table)), None)


def _fitting(rules: Sequence[Rule], metric: Metric, table: str) -> tuple[Rule, ...]:
    """The rules of the metric; without any, those of the table."""
    own = tuple(rule for rule in rules if _is_about(rule.priority.metric, metric.id))
    found = own or tuple(rule for rule in rules if rule.priority.table == table)
    return tuple(rule for rule in found if rule.priority.counts == "first")


def _is_about(named: str | None, id_: str) -> bool:
    """Also the forms of a word (``conversion_v2_form``) are about the word."""
    if named is None:
        return False
    return split_side(id_)[0] == named or re.match(rf"{re.escape(named)}_v\d", id_) is not None


def _chosen(
    rules: tuple[Rule, ...], part: Part, span: Span, names: tuple[str, ...], facts: Facts
) -> Chosen | None:
    if part.as_of or part.at is None:
        day = span.as_of or span.after - _DAY
        span = Span(day, day + _DAY)
    units = [unit for rule in rules for unit in _units(rule, part, span, names, facts)]
    runs = _joined(sorted(units, key=lambda run: run.first))
    if not runs:
        return None
    told = {run.source for run in runs}
    whole = len(runs) == 1 and (runs[0].first, runs[0].after) == (span.first, span.after)
    open_days = not whole and _is_open(runs, span)
    others = tuple(name for name in names if not whole or name not in told)
    where = _condition(part, runs, span if open_days else None, whole)
    narrowed = part.model_copy(
        update={"where": f"({part.where}) AND ({where})" if part.where else where}
    )
    first = next(rule for rule in rules if any(rule.priority.holds_on(r.first) for r in runs))
    return Chosen(first, part, narrowed, tuple(runs), others)


def _units(
    rule: Rule, part: Part, span: Span, names: tuple[str, ...], facts: Facts
) -> Iterator[Run]:
    """The runs of one rule: whole where nobody may stand in, else by day or month."""
    priority = rule.priority
    ranked = [name for name in priority.sources if name in names]
    first = max(span.first, priority.valid_from or date.min)
    last = min(span.after - _DAY, priority.valid_to or date.max)
    if not ranked or last < first:
        return
    if priority.fallback == "never" or len(ranked) == 1:
        yield Run(first, last + _DAY, ranked[0])
        return
    for begin, after in _tiles(first, last, priority.fallback):
        source, lacking = _first_able(priority, ranked, part, begin, after, facts)
        why = f", for {ranked[0]} {lacking}" if lacking else ""
        yield Run(max(begin, first), min(after, last + _DAY), source, why)


def _tiles(first: date, last: date, unit: str) -> Iterator[tuple[date, date]]:
    """Whole days or whole months that together hold the days from first to last."""
    begin = first if unit == "day" else first.replace(day=1)
    while begin <= last:
        after = begin + _DAY if unit == "day" else add_months(begin, 1)
        yield begin, after
        begin = after


def _first_able(
    priority: Priority, ranked: Sequence[str], part: Part, begin: date, after: date, facts: Facts
) -> tuple[str, str]:
    """The first source that has what the rule asks for, and what the first of all lacks."""
    lacking = ""
    for name in ranked:
        lacks = _lack(priority, name, part, begin, after, facts)
        if not lacks:
            return name, lacking
        lacking = lacking or lacks
    return ranked[0], ""


def _lack(priority: Priority, name: str, part: Part, begin: date, after: date, facts: Facts) -> str:
    if "no_data" in priority.fallback_when:
        days = rows_by_day(facts, part).get(name, {})
        if not any(begin <= day < after for day in days):
            return "has no data"
    if "not_final" in priority.fallback_when:
        state = next(one for one in facts.sources(part.table) if one.name == name)
        reach = state.complete_to
        if reach is not None and after - _DAY > reach - timedelta(days=state.settles_days):
            return "is not final"
    return ""


def rows_by_day(facts: Facts, part: Part) -> Mapping[str, Mapping[date, int]]:
    """How many rows each source has on each day, in the part's own date."""

    def read() -> dict[str, dict[date, int]]:
        frame = Frame(Reading.of(part), facts.client, everything=True)
        day = frame.use(frame.reading.date())
        source = exp.column("_source", table=part.table)
        query = frame.build([source, day.copy(), exp.Count(this=exp.Star())], ())
        found: dict[str, dict[date, int]] = {}
        text = query.group_by(source.copy(), day.copy()).sql("duckdb")
        for name, on, rows in facts.reader.query(text):
            if on is not None:
                found.setdefault(str(name), {})[on] = int(rows)
        return found

    return facts.once(("rows by day", Reading.of(part)), read)


def _joined(units: Sequence[Run]) -> list[Run]:
    """Neighbouring units of one source and reason as one run."""
    found: list[Run] = []
    for (source, why), group in groupby(units, key=lambda run: (run.source, run.stands_in)):
        for run in group:
            last = found[-1] if found else None
            same = last is not None and (last.source, last.stands_in) == (source, why)
            if last is not None and same and last.after == run.first:
                found[-1] = Run(last.first, run.after, source, why)
            else:
                found.append(run)
    return found


def _is_open(runs: Sequence[Run], span: Span) -> bool:
    """Whether a day of the span has no rule: there all sources count."""
    covered = sum((run.after - run.first).days for run in runs)
    return covered < (span.after - span.first).days


def _condition(part: Part, runs: Sequence[Run], open_span: Span | None, whole: bool) -> str:
    if whole or part.as_of or part.at is None:
        return f"_source = {quoted(runs[0].source)}"
    inside = [
        f"({part.at} >= '{run.first}' AND {part.at} < '{run.after}'"
        f" AND _source = {quoted(run.source)})"
        for run in runs
    ]
    if open_span is not None:
        ruled = " OR ".join(
            f"({part.at} >= '{run.first}' AND {part.at} < '{run.after}')" for run in runs
        )
        inside.append(f"NOT ({ruled})")
    return " OR ".join(inside)
