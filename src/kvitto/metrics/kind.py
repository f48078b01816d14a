"""What an expression measures: money, a duration, a plain number, a text, a date.

Enough to notice that amounts are counted, days are called money, or an amount
in the deal's own currency is summed.
"""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from kvitto.metrics.expression import PSEUDO, ExpressionFault
from kvitto.metrics.relation import Path, column_type
from kvitto.model.table import canonical_table

_OF_TYPE = {
    "money": "money",
    "int": "number",
    "num": "number",
    "frac": "fraction",
    "bool": "truth",
    "date": "date",
    "ts": "instant",
}
_TRUTH = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.And,
    exp.Or,
    exp.Not,
    exp.In,
    exp.Is,
    exp.Between,
    exp.Like,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Boolean,
)


def kind_of(tree: exp.Expr, table: str) -> str:
    """The kind of an expression as it is written, before it is tied to its table.

    One of money, number, fraction, duration, text, date, instant, truth,
    unknown. Raises :class:`ExpressionFault` where kinds do not go together.
    """
    if isinstance(tree, exp.Paren | exp.Neg | exp.Abs):
        return kind_of(tree.this, table)
    if isinstance(tree, exp.Column):
        return _column_kind(tree, table)
    if isinstance(tree, exp.Literal):
        return "text" if tree.is_string else _number_kind(tree.name)
    if isinstance(tree, _TRUTH):
        return "truth"
    if isinstance(tree, exp.Anonymous):
        return _called_kind(str(tree.this).lower())
    if isinstance(tree, exp.Coalesce | exp.Least | exp.Greatest | exp.Nullif):
        return kind_of(tree.this, table)
    if isinstance(tree, exp.Add | exp.Sub):
        return _same(kind_of(tree.this, table), kind_of(tree.expression, table), tree)
    if isinstance(tree, exp.Mul):
        return _times(kind_of(tree.this, table), kind_of(tree.expression, table), tree)
    if isinstance(tree, exp.Div):
        return _over(kind_of(tree.this, table), kind_of(tree.expression, table), tree)
    return "unknown"


def own_currency(tree: exp.Expr, table: str) -> str | None:
    """A column in a record's own currency, where the table has it in the client's too."""
    for column in tree.find_all(exp.Column):
        if not column.table and canonical_table(table).has(f"{column.name}_base"):
            return column.name
    return None


def is_inexact(tree: exp.Expr, table: str) -> bool:
    """Whether the value is a binary fraction, whose sum depends on the order of its rows."""
    if isinstance(tree, exp.Anonymous):
        return False
    if isinstance(tree, exp.Column):
        return _column_kind(tree, table) == "fraction"
    return isinstance(tree, exp.Div) or any(
        is_inexact(child, table) for child in tree.iter_expressions()
    )


def _column_kind(column: exp.Column, table: str) -> str:
    *steps, name = (part.name for part in column.parts)
    path: Path = tuple(steps[1:] if steps and steps[0] == table else steps)
    if not path and name in PSEUDO:
        return PSEUDO[name][0]
    return _OF_TYPE.get(column_type(table, path, name), "text")


def _number_kind(text: str) -> str:
    return "number" if Decimal(text) == Decimal(text).to_integral_value() else "fraction"


def _called_kind(name: str) -> str:
    known = {"days": "duration", "hours": "duration", "exact": "number"}
    return known.get(
        name, "truth" if name in ("planned_activity", "advanced", "once") else "unknown"
    )


def _same(one: str, other: str, tree: exp.Expr) -> str:
    plain = {"number", "fraction"}
    if one == other or "unknown" in (one, other):
        return one
    if {one, other} <= plain:
        return "fraction"
    if {one, other} <= {"date", "duration", "number"} and "date" in (one, other):
        return "date"
    raise ExpressionFault(
        f"'{tree.sql('duckdb')}' adds {one} and {other}", "Add only what is of one kind."
    )


def _times(one: str, other: str, tree: exp.Expr) -> str:
    if one == other and one in ("money", "duration"):
        raise ExpressionFault(
            f"'{tree.sql('duckdb')}' multiplies {one} by {other}", "Multiply by a plain number."
        )
    for kind in ("money", "duration"):
        if kind in (one, other):
            return kind
    return "fraction" if "fraction" in (one, other) else "number"


def _over(one: str, other: str, tree: exp.Expr) -> str:
    if one == other:
        return "fraction"
    if one in ("number", "fraction") and other in ("money", "duration"):
        raise ExpressionFault(
            f"'{tree.sql('duckdb')}' divides {one} by {other}", "Turn the division round."
        )
    return one if one in ("money", "duration") else "fraction"
