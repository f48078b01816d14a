"""Metrics that are computed from other metrics.

A formula holds the ids of metrics, numbers, ``+ - * /`` and parentheses, and
two functions: ``trailing(metric, months)`` is the metric over that many months
up to the period's end, ``goal(metric)`` the goal that the client set for it.
A missing part makes the whole missing for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kvitto.metrics.expression import ExpressionFault
from kvitto.model.value import Figure, Missing, MissingKind, Number, Status, Unit, UnitKind, Value


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """One figure that a formula needs: a metric, over its own or a trailing window, or a goal."""

    metric: str
    months: int | None = None
    goal: bool = False

    @property
    def label(self) -> str:
        """How the term is named on a receipt and in line items."""
        if self.goal:
            return f"goal({self.metric})"
        return self.metric if self.months is None else f"trailing({self.metric}, {self.months})"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read. ``terms`` are in the order of their first appearance."""

    text: str
    terms: tuple[Term, ...]


@lru_cache(maxsize=512)
def read_formula(text: str) -> Formula:
    """Parse a formula. Raises :class:`ExpressionFault`."""
    terms = dict.fromkeys(_terms(_parsed(text), text))
    return Formula(text, tuple(terms))


def compute(text: str, numbers: Mapping[str, Number]) -> float | None:
    """The formula's result from the numbers of its terms (by label); ``None`` if it divides by 0.

    Computed exactly and rounded once.
    """
    try:
        whole = _walk(_parsed(text), text, lambda term: Fraction(numbers[term.label]))
    except ZeroDivisionError:
        return None
    return float(whole)


def evaluate(text: str, figures: Mapping[Term, Figure], unit: Unit) -> Figure:
    """The figure of a formula from the figures of its terms."""
    formula = read_formula(text)
    found = [figures[term] for term in formula.terms]
    lost = [figure for figure in found if isinstance(figure, Missing)]
    if lost:
        order = list(MissingKind)
        return replace(min(lost, key=lambda figure: order.index(figure.kind)), unit=unit)
    values = {term: figure for term, figure in figures.items() if isinstance(figure, Value)}
    counted = [values[term].n for term in formula.terms if not term.goal]
    if is_sum(text):
        return _added([values[term] for term in formula.terms], unit, sum(counted))
    n = min(counted, default=0)
    number = compute(text, {term.label: value.number for term, value in values.items()})
    if number is None:
        return Missing(MissingKind.zero_denominator, unit, "nothing to divide by", n)
    provisional = any(value.status is Status.provisional for value in values.values())
    exact: Number = number
    status = Status.provisional if provisional else Status.final
    if unit.kind is UnitKind.count and number.is_integer():
        exact = int(number)
    return Value(exact, unit, n, status)


@lru_cache(maxsize=512)
def is_sum(text: str) -> bool:
    """Whether the formula only adds metrics, so that its rows and decimals add up too."""
    tree = _parsed(text)
    kinds = (exp.Add, exp.Paren, exp.Column, exp.Identifier)
    return isinstance(tree, exp.Add) and all(isinstance(node, kinds) for node in tree.walk())


def _added(values: Sequence[Value], unit: Unit, n: int) -> Value:
    """The exact sum: decimals stay decimals."""
    provisional = any(value.status is Status.provisional for value in values)
    status = Status.provisional if provisional else Status.final
    if any(isinstance(value.number, float) for value in values):
        return Value(float(sum(Fraction(value.number) for value in values)), unit, n, status)
    with localcontext(prec=60):
        whole = sum((Decimal(value.number) for value in values), Decimal(0))
    exact: Number = int(whole) if whole == whole.to_integral_value() else whole
    return Value(exact, unit, n, status)


@lru_cache(maxsize=512)
def _parsed(text: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, read="duckdb")
    except SqlglotError as error:
        first = str(error).splitlines()[0].split(". Line")[0]
        raise ExpressionFault(f"'{text}' cannot be read: {first}", "Mend the formula.") from None


def _terms(node: exp.Expr, text: str) -> Iterator[Term]:
    if isinstance(node, exp.Column) and not node.table:
        yield Term(node.name)
    elif isinstance(node, exp.Anonymous):
        yield _called(node, text)
    elif isinstance(node, exp.Paren | exp.Neg):
        yield from _terms(node.this, text)
    elif isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        yield from _terms(node.this, text)
        yield from _terms(node.expression, text)
    elif not isinstance(node, exp.Literal) or node.is_string:
        raise ExpressionFault(
            f"'{text}' holds {node.sql('duckdb')!r}, which is not part of a formula",
            "Use ids of metrics, numbers, + - * /, trailing(metric, months) and goal(metric).",
        )


def _walk(node: exp.Expr, text: str, value: Callable[[Term], Fraction]) -> Fraction:
    if isinstance(node, exp.Paren):
        return _walk(node.this, text, value)
    if isinstance(node, exp.Neg):
        return -_walk(node.this, text, value)
    if isinstance(node, exp.Literal):
        return Fraction(Decimal(node.name))
    if isinstance(node, exp.Column):
        return value(Term(node.name))
    if isinstance(node, exp.Anonymous):
        return value(_called(node, text))
    left, right = _walk(node.this, text, value), _walk(node.expression, text, value)
    if isinstance(node, exp.Add):
        return left + right
    if isinstance(node, exp.Sub):
        return left - right
    return left * right if isinstance(node, exp.Mul) else left / right


def _called(call: exp.Anonymous, text: str) -> Term:
    name, given = str(call.this).lower(), call.expressions
    metric = given[0].name if given and isinstance(given[0], exp.Column) else ""
    if name == "goal" and len(given) == 1 and metric:
        return Term(metric, None, True)
    if name == "trailing" and len(given) == 2 and metric and isinstance(given[1], exp.Literal):
        return Term(metric, int(given[1].name))
    raise ExpressionFault(
        f"'{text}' calls '{call.sql('duckdb')}', which is not known here",
        "Known: trailing(metric, months) and goal(metric).",
    )
