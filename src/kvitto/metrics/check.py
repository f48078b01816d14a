"""What is wrong with a metric's definition: everything at once, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlglot
from sqlglot import exp

from kvitto.errors import BadDefinition, KvittoError, Problem, did_you_mean
from kvitto.metrics.dimension import known_dimensions
from kvitto.metrics.expression import ExpressionFault, read
from kvitto.metrics.formula import read_formula
from kvitto.metrics.kind import is_inexact, kind_of, own_currency
from kvitto.metrics.reach import dimensions_of
from kvitto.metrics.unfold import unfold
from kvitto.model.metric import Aggregation, Metric, Part
from kvitto.model.table import canonical_table
from kvitto.model.value import UnitKind

Fault = tuple[str, str, str]
"""Which field, what was found, what to do."""

_NEEDS_MEASURE = (
    Aggregation.sum,
    Aggregation.average,
    Aggregation.median,
    Aggregation.percentile,
    Aggregation.distinct,
)
_ORDER_MATTERS = (Aggregation.sum, Aggregation.average)

_UNIT_OF_KIND: Mapping[str, frozenset[UnitKind]] = {
    "money": frozenset({UnitKind.money}),
    "duration": frozenset({UnitKind.duration}),
    "number": frozenset({UnitKind.count, UnitKind.number, UnitKind.duration}),
    "fraction": frozenset({UnitKind.share, UnitKind.number, UnitKind.duration}),
}


def check(metrics: Sequence[Metric], builtin: Sequence[Metric] = ()) -> tuple[Problem, ...]:
    """All problems of these metrics, which may build on the ``builtin`` ones."""
    known = {metric.id: metric for metric in (*builtin, *metrics)}
    taken = {metric.id for metric in builtin}
    found: list[Problem] = []
    for metric in metrics:
        if metric.id in taken:
            todo = "Choose another id; a definition that is shared by all stays as it is."
            found.append(Problem(f"the metric '{metric.id}'", "the id is taken", todo))
        taken.add(metric.id)
        found += [
            Problem(f"the metric '{metric.id}', {where}", what, todo)
            for where, what, todo in _faults(metric, known)
        ]
    return tuple(found)


def _faults(metric: Metric, known: Mapping[str, Metric]) -> Iterator[Fault]:
    yield from _words(metric)
    shape = (
        metric.value is not None,
        metric.numerator is not None and metric.denominator is not None,
        metric.formula is not None,
    )
    halves = (metric.numerator is None) != (metric.denominator is None)
    if sum(shape) != 1 or halves:
        yield (
            "what is measured",
            f"{sum(shape)} of value, numerator with denominator, and formula are given",
            "Give exactly one of them.",
        )
        return
    for name, part in metric.parts:
        yield from _part_faults(name, part)
    if metric.formula is not None:
        yield from _formula_faults(metric, known)
    else:
        yield from _unit_faults(metric)
    yield from _dimension_faults(metric, known)


def _words(metric: Metric) -> Iterator[Fault]:
    for field, texts in (("names", metric.names), ("explains", metric.explains)):
        if not texts.get("en"):
            yield field, "the English text is missing", f"Give {field}: {{en: ...}}."


def _part_faults(name: str, part: Part) -> Iterator[Fault]:
    try:
        canonical_table(part.table)
    except KvittoError as error:
        yield name, f"there is no table '{part.table}'", error.problems[0].todo
        return
    yield from _date_faults(name, part)
    if part.aggregation in _NEEDS_MEASURE and part.measure is None:
        what = f"{part.aggregation.value} has nothing to work on"
        yield f"{name}.measure", what, "Give a measure, or count rows with 'aggregation: count'."
    if part.aggregation is Aggregation.count and part.measure is not None:
        yield (
            f"{name}.measure",
            "count takes no measure, it counts rows",
            "Use 'aggregation: distinct' for different values, or put a condition into 'where'.",
        )
    if (part.aggregation is Aggregation.percentile) != (part.percentile is not None):
        what = "a percentile goes with its aggregation"
        yield f"{name}.percentile", what, "Write 'aggregation: percentile, percentile: 0.9'."
    elif part.percentile is not None and not 0 < part.percentile < 1:
        yield (
            f"{name}.percentile",
            f"{part.percentile} is not between 0 and 1",
            "Write 0.9 for P90.",
        )
    yield from _expression_faults(name, part)
    if part.otherwise is not None:
        yield from _part_faults(f"{name}.otherwise", part.otherwise)


def _date_faults(name: str, part: Part) -> Iterator[Fault]:
    if part.as_of:
        if part.at is not None:
            what = "both 'at' and 'as_of' are given"
            yield name, what, "A row is attributed by a date, or read as a state."
        interval = part.since is not None and part.until is not None
        if (part.snapshot is not None) == interval:
            yield name, "a state needs 'snapshot', or 'since' and 'until'", "Name one of the two."
    elif part.at is None:
        yield (
            name,
            "it has no date",
            "Name the date column that attributes a row, such as closed_on.",
        )


def _expression_faults(name: str, part: Part) -> Iterator[Fault]:
    for field in ("measure", "where", "at", "snapshot", "since", "until"):
        text = getattr(part, field)
        if text is None:
            continue
        try:
            expression = read(text, part.table)
            kind = _kind(text, part.table)
        except ExpressionFault as fault:
            yield f"{name}.{field}", fault.found, fault.todo
            continue
        if expression.pseudo and not part.as_of:
            what = f"'{text}' asks for {', '.join(sorted(expression.pseudo))}, which a flow has not"
            yield f"{name}.{field}", what, "Use it in a state ('as_of: true')."
        if field == "where" and kind not in ("truth", "unknown"):
            yield (
                f"{name}.where",
                f"'{text}' is a {kind}, not a condition",
                "Compare it to something.",
            )
        if field in ("at", "snapshot", "since", "until") and kind not in ("date", "unknown"):
            what = f"'{text}' is a {kind}, not a local date"
            yield f"{name}.{field}", what, "Name a date column; an instant x_at has a local x_on."
        if field == "measure":
            yield from _measure_faults(name, part, kind)


def _measure_faults(name: str, part: Part, kind: str) -> Iterator[Fault]:
    text = part.measure or ""
    tree = sqlglot.parse_one(text, read="duckdb")
    own = own_currency(tree, part.table)
    if own is not None:
        what = f"'{own}' is in the record's own currency; currencies are never added"
        yield f"{name}.measure", what, f"Use {own}_base, which is in the client's."
    if part.aggregation in _ORDER_MATTERS and is_inexact(tree, part.table):
        what = f"'{text}' is a binary fraction, whose sum depends on the order of its rows"
        yield f"{name}.measure", what, "Wrap the fraction in exact(...)."
    if kind in ("text", "date", "instant") and part.aggregation is not Aggregation.distinct:
        what = f"{part.aggregation.value} of '{text}', which is a {kind}"
        yield f"{name}.measure", what, "Measure a number, or use 'aggregation: distinct'."


def _kind(text: str, table: str) -> str:
    return kind_of(sqlglot.parse_one(text, read="duckdb"), table)


def _part_kind(part: Part) -> str:
    if part.aggregation in (Aggregation.count, Aggregation.distinct) or part.measure is None:
        return "number"
    try:
        return _kind(part.measure, part.table)
    except (ExpressionFault, KvittoError):
        return "unknown"


def _unit_faults(metric: Metric) -> Iterator[Fault]:
    kinds = {name: _part_kind(part) for name, part in metric.parts}
    if "unknown" in kinds.values():
        return
    if metric.value is not None:
        kind = kinds["value"]
    else:
        above, below = kinds["numerator"], kinds["denominator"]
        kind = "fraction" if above == below else above
        if metric.unit is UnitKind.share and above != below:
            what = f"a share of {above} in {below}"
            yield "unit", what, "Both parts of a share must be of one kind."
            return
    fitting = _UNIT_OF_KIND.get(kind, frozenset(UnitKind))
    if metric.unit not in fitting:
        named = " or ".join(sorted(unit.value for unit in fitting))
        what = f"the unit is {metric.unit.value}, but {kind} is measured"
        yield "unit", what, f"Write unit: {named}."


def _formula_faults(metric: Metric, known: Mapping[str, Metric]) -> Iterator[Fault]:
    try:
        formula = read_formula(metric.formula or "")
    except ExpressionFault as fault:
        yield "formula", fault.found, fault.todo
        return
    for term in formula.terms:
        inner = known.get(term.metric)
        if inner is None:
            what = f"there is no metric '{term.metric}'"
            yield "formula", what, did_you_mean(term.metric, list(known))
        elif term.months is not None and inner.formula is not None:
            what = f"{term.label}: '{term.metric}' is a formula itself"
            yield "formula", what, "Put trailing(...) round the metrics inside that formula."
    try:
        unfold(metric, known)
    except BadDefinition as error:
        yield "formula", error.problems[0].found, error.problems[0].todo
        return
    yield from _formula_unit_faults(metric, known)


def _formula_unit_faults(metric: Metric, known: Mapping[str, Metric]) -> Iterator[Fault]:
    try:
        powers = _powers(sqlglot.parse_one(metric.formula or "", read="duckdb"), known)
    except ExpressionFault as fault:
        yield "unit", fault.found, fault.todo
        return
    if powers is None:
        return
    money = powers[0]
    if (metric.unit is UnitKind.money) != (money == 1):
        what = f"the unit is {metric.unit.value}, but the formula gives {_power_words(powers)}"
        yield "unit", what, "Write the unit that the formula has."


_Powers = tuple[int, int]
"""How often money and durations are in a product."""


def _powers(node: exp.Expr, known: Mapping[str, Metric]) -> _Powers | None:
    if isinstance(node, exp.Paren | exp.Neg):
        return _powers(node.this, known)
    if isinstance(node, exp.Literal):
        return (0, 0)
    if isinstance(node, exp.Column | exp.Anonymous):
        name = node.name if isinstance(node, exp.Column) else node.expressions[0].name
        inner = known.get(name)
        if inner is None:
            return None
        return (int(inner.unit is UnitKind.money), int(inner.unit is UnitKind.duration))
    one, other = _powers(node.this, known), _powers(node.expression, known)
    if one is None or other is None:
        return None
    if isinstance(node, exp.Add | exp.Sub):
        if one != other and not isinstance(node.expression, exp.Literal):
            raise ExpressionFault(
                f"'{node.sql('duckdb')}' adds {_power_words(one)} and {_power_words(other)}",
                "Add only what is of one unit.",
            )
        return one
    sign = 1 if isinstance(node, exp.Mul) else -1
    return (one[0] + sign * other[0], one[1] + sign * other[1])


def _power_words(powers: _Powers) -> str:
    names = [
        name if power == 1 else f"{name}^{power}"
        for name, power in zip(("money", "duration"), powers, strict=True)
        if power
    ]
    return " times ".join(names) or "a plain number"


def _dimension_faults(metric: Metric, known: Mapping[str, Metric]) -> Iterator[Fault]:
    for name in metric.dimensions:
        if name not in known_dimensions():
            what = f"there is no dimension '{name}'"
            yield "dimensions", what, did_you_mean(name, list(known_dimensions()))
    try:
        reached = dimensions_of(metric.model_copy(update={"dimensions": ()}), known)
    except (KvittoError, ExpressionFault):
        return
    for name in metric.dimensions:
        if name in known_dimensions() and name not in reached:
            what = f"its tables do not reach '{name}'"
            yield "dimensions", what, f"They reach: {', '.join(reached) or 'none'}."
