"""Expressions of a metric: read, checked, and tied to the tables that they reach.

The language is a small part of SQL: columns (``amount_base``, or by a path of
links, ``deal.owner.name``), literals, comparisons, arithmetic, CASE, and the
functions of :data:`FUNCTIONS`. ``as_of`` is the day whose state is read,
``period_first`` and ``period_last`` the first and the last day asked about.
Everything else is refused. A division is guarded against zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kvitto.errors import KvittoError, did_you_mean
from kvitto.metrics.once import once
from kvitto.metrics.relation import Path, column_type
from kvitto.model.table import canonical_table

PSEUDO: dict[str, tuple[str, str]] = {
    "as_of": ("date", "day"),
    "period_first": ("date", "first_day"),
    "period_last": ("date", "last_day"),
}
"""Names that are no column: type word, and the column of the ``as_of`` days they become."""

FUNCTIONS: dict[str, str] = {
    "days": "days(from, to): whole days between two dates",
    "hours": "hours(from, to): hours between two instants, exact to a millionth",
    "exact": "exact(x): a fraction as a decimal, so that sums do not depend on their order",
    "planned_activity": "planned_activity(deal): whether an activity is planned after as_of",
    "advanced": "advanced(n): whether the deal entered a later stage or was won within n days",
    "once": "once(moment, minutes, condition, key, ...): no row like it came shortly before",
    "coalesce": "coalesce(a, b, ...): the first that is not empty",
    "nullif": "nullif(a, b): a, or empty where it equals b",
    "abs": "abs(x)",
    "least": "least(a, b, ...)",
    "greatest": "greatest(a, b, ...)",
    "lower": "lower(text)",
    "upper": "upper(text)",
}
"""What an expression may call, and what it means."""

_PLAIN_FUNCTIONS = (
    exp.Coalesce,
    exp.Nullif,
    exp.Abs,
    exp.Least,
    exp.Greatest,
    exp.Lower,
    exp.Upper,
)
_ALLOWED = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Is,
    exp.In,
    exp.Between,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Like,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Neg,
    exp.Case,
    exp.If,
    *_PLAIN_FUNCTIONS,
)

_PLANNED = """EXISTS (
  SELECT 1 FROM activities AS planned
  WHERE planned.deal_id = _deal AND planned.owner_id IS NOT NULL
    AND planned._excluded IS NULL AND planned.created_on <= as_of AND planned.scheduled_on > as_of
    AND (planned.done_on IS NULL OR planned.done_on > as_of))"""

_ADVANCED = """EXISTS (
  SELECT 1 FROM deal_stage_history AS later
  JOIN stages AS later_stage ON later_stage.stage_id = later.stage_id
  WHERE later.deal_id = deal_stage_history.deal_id AND later._excluded IS NULL
    AND later.entered_on >= deal_stage_history.entered_on
    AND DATE_DIFF('day', deal_stage_history.entered_on, later.entered_on) <= _days
    AND (later_stage.outcome = 'won'
      OR (later_stage.outcome = 'open' AND later_stage.position > stage.position)))"""


class ExpressionFault(Exception):
    """What is wrong with an expression, and what to do."""

    def __init__(self, found: str, todo: str) -> None:
        super().__init__(found)
        self.found = found
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression tied to its table.

    ``tree`` holds columns qualified with the alias of their path; copy it
    before it is put anywhere. ``needs`` are further tables without which the
    question has no answer.
    """

    tree: exp.Expr
    paths: frozenset[Path]
    pseudo: frozenset[str]
    needs: frozenset[str]

    def copy(self) -> exp.Expr:
        return self.tree.copy()


@lru_cache(maxsize=4096)
def read(text: str, table: str) -> Expression:
    """Parse an expression over a table. Raises :class:`ExpressionFault`."""
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except SqlglotError as error:
        first = str(error).splitlines()[0].split(". Line")[0]
        raise ExpressionFault(f"'{text}' cannot be read: {first}", "Mend the expression.") from None
    _refuse_strangers(tree, text)
    paths: set[Path] = set()
    pseudo: set[str] = set()
    needs: set[str] = set()
    holder = exp.Paren(this=tree)
    for column in list(holder.find_all(exp.Column)):
        column.replace(_tied(column, table, paths, pseudo))
    for call in list(holder.find_all(exp.Anonymous)):
        call.replace(_expanded(call, table, paths, pseudo, needs))
    for division in list(holder.find_all(exp.Div)):
        divisor = division.expression
        if not isinstance(divisor, exp.Literal):
            division.set("expression", exp.func("NULLIF", divisor.copy(), exp.Literal.number(0)))
    return Expression(holder.this.copy(), frozenset(paths), frozenset(pseudo), frozenset(needs))


def alias_of(table: str, path: Path) -> str:
    """The name that a table at the end of a path has in the SQL."""
    return "_".join(path) if path else table


def _refuse_strangers(tree: exp.Expr, text: str) -> None:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            name = str(node.this).lower()
            if name not in FUNCTIONS:
                raise ExpressionFault(
                    f"'{text}' calls '{name}', which is not a function here",
                    did_you_mean(name, list(FUNCTIONS)),
                )
        elif isinstance(node, exp.AggFunc):
            raise ExpressionFault(
                f"'{text}' aggregates inside an aggregate ({node.sql_name()})",
                "Say the aggregation with 'aggregation:' and keep the expression to one row.",
            )
        elif isinstance(node, exp.Query | exp.Subquery | exp.Exists):
            raise ExpressionFault(f"'{text}' holds a query", "Reach other tables by their links.")
        elif isinstance(node, exp.Func) and not isinstance(node, (*_ALLOWED, exp.And, exp.Or)):
            name = node.sql_name().lower()
            raise ExpressionFault(
                f"'{text}' calls '{name}', which is not a function here",
                did_you_mean(name, list(FUNCTIONS)),
            )
        elif not isinstance(node, (*_ALLOWED, exp.Anonymous)):
            raise ExpressionFault(
                f"'{text}' holds {type(node).__name__}, which is not part of the language",
                "Use columns, literals, comparisons, arithmetic and the known functions.",
            )


def _tied(column: exp.Column, table: str, paths: set[Path], pseudo: set[str]) -> exp.Expr:
    names = [part.name for part in column.parts]
    *steps, name = names
    if steps and steps[0] == table:
        steps = steps[1:]
    if not steps and name in PSEUDO:
        pseudo.add(name)
        return exp.column(PSEUDO[name][1], table="as_of")
    path = tuple(steps)
    try:
        column_type(table, path, name)
    except KvittoError as error:
        problem = error.problems[0]
        raise ExpressionFault(f"{problem.asked}: {problem.found}", problem.todo) from None
    add_path(paths, path)
    return exp.column(name, table=alias_of(table, path))


def add_path(paths: set[Path], path: Path) -> None:
    """Add a path and those on the way to it."""
    for length in range(1, len(path) + 1):
        paths.add(path[:length])


def _expanded(
    call: exp.Anonymous, table: str, paths: set[Path], pseudo: set[str], needs: set[str]
) -> exp.Expr:
    name = str(call.this).lower()
    given = [argument.copy() for argument in call.expressions]
    if name == "once":
        return _once(given, table)
    wanted = {"days": 2, "hours": 2, "exact": 1, "planned_activity": 1, "advanced": 1}[name]
    if len(given) != wanted:
        raise ExpressionFault(f"'{name}' takes {wanted} argument(s)", FUNCTIONS[name] + ".")
    if name == "planned_activity":
        needs.add("activities")
        pseudo.add("as_of")
        return _filled(_PLANNED, {"_deal": given[0], "as_of": exp.column("day", table="as_of")})
    if name == "advanced":
        if table != "deal_stage_history":
            raise ExpressionFault(
                f"'advanced' is asked of {table}", "It is known of deal_stage_history alone."
            )
        add_path(paths, ("stage",))
        return _filled(_ADVANCED, {"_days": given[0]})
    return _MADE[name](given)


def _once(given: list[exp.Expr], table: str) -> exp.Expr:
    if len(given) < 4 or not isinstance(given[1], exp.Literal) or given[1].is_string:
        raise ExpressionFault("'once' takes at least 4 arguments", FUNCTIONS["once"] + ".")
    if len(canonical_table(table).key) > 1:
        todo = "Count a table whose rows have an id of their own."
        raise ExpressionFault(f"a row of {table} is no single event", todo)
    if any(column.table != table for part in given for column in part.find_all(exp.Column)):
        raise ExpressionFault(
            f"'once' reaches beyond {table}", f"Use the columns of {table} alone."
        )
    moment, minutes, condition, *keys = given
    return once(table, moment, int(minutes.name), condition, keys)


def _days(given: list[exp.Expr]) -> exp.Expr:
    return _filled("DATE_DIFF('day', _from, _to)", {"_from": given[0], "_to": given[1]})


def _hours(given: list[exp.Expr]) -> exp.Expr:
    text = "CAST(DATE_DIFF('second', _from, _to) / 3600.0 AS DECIMAL(18, 6))"
    return _filled(text, {"_from": given[0], "_to": given[1]})


def _exact(given: list[exp.Expr]) -> exp.Expr:
    return _filled("CAST(_x AS DECIMAL(18, 6))", {"_x": given[0]})


_MADE: dict[str, Callable[[list[exp.Expr]], exp.Expr]] = {
    "days": _days,
    "hours": _hours,
    "exact": _exact,
}


def _filled(text: str, values: dict[str, exp.Expr]) -> exp.Expr:
    holder = exp.Paren(this=sqlglot.parse_one(text, read="duckdb"))
    for column in list(holder.find_all(exp.Column)):
        if not column.table and column.name in values:
            column.replace(values[column.name].copy())
    made: exp.Expr = holder.this.copy()
    return made
