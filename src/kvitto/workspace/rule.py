"""Rules of the audit that cannot hold: unknown places, unfit defaults, conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from kvitto.errors import did_you_mean
from kvitto.model.table import CanonicalColumn, CanonicalTable, canonical_tables
from kvitto.workspace.definition import FieldRule, RulesDefinition
from kvitto.workspace.document import Keys


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is wrong with a rule; ``name`` is the rules' name, ``keys`` the place in it."""

    name: str
    keys: Keys
    asked: str
    found: str
    todo: str


def rule_problems(rules: Mapping[str, RulesDefinition]) -> tuple[RuleProblem, ...]:
    """Everything in these rules that cannot be carried out, all together."""
    found: list[RuleProblem] = []
    for name, definition in rules.items():
        for index, rule in enumerate(definition.fields):
            found.extend(_of_field(name, ("fields", index), rule))
        for place in definition.labels:
            found.extend(_of_label(name, place))
    found.extend(_conflicts(rules))
    return tuple(found)


def wrong_column(table: str, column: str) -> tuple[str, str, bool] | None:
    """What was found and what to do where ``table.column`` is unknown.

    The last part says whether it is the column (and not the table).
    """
    tables = canonical_tables()
    if table not in tables:
        return "there is no such table", did_you_mean(table, list(tables)), False
    known = tables[table]
    if not known.has(column):
        names = [item.name for item in known.declared]
        return f"the table {table} has no such column", did_you_mean(column, names), True
    return None


def unfit(column: CanonicalColumn, text: str) -> str | None:
    """Why ``text`` cannot be a value of the column; ``None`` if it can."""
    try:
        if column.values and text not in column.values:
            return f"'{text}' is not one of {', '.join(column.values)}"
        if column.type in ("money", "num"):
            exact = Decimal(text)
            if not exact.is_finite():
                return f"'{text}' is not a number"
        elif column.type == "frac":
            float(text)
        elif column.type == "int":
            int(text)
        elif column.type == "date":
            date.fromisoformat(text)
        elif column.type == "ts":
            datetime.fromisoformat(text)
        elif column.type == "bool" and text not in ("true", "false"):
            return f"'{text}' is neither true nor false"
    except (ValueError, InvalidOperation):
        return f"'{text}' is not a {_KIND.get(column.type, 'value')}"
    return None


_KIND = {
    "money": "number",
    "num": "number",
    "frac": "number",
    "int": "whole number",
    "date": "date such as 2017-12-31",
    "ts": "moment such as 2017-12-31T12:00",
}


def _of_field(name: str, keys: Keys, rule: FieldRule) -> Iterator[RuleProblem]:
    asked = f"the rule on {rule.table}.{rule.column}"
    wrong = wrong_column(rule.table, rule.column)
    if wrong is not None:
        found, todo, in_column = wrong
        yield RuleProblem(name, (*keys, "column" if in_column else "table"), asked, found, todo)
        return
    table = canonical_tables()[rule.table]
    column = table.column(rule.column)
    if rule.missing == "default":
        yield from _of_default(name, keys, asked, rule, table, column)
    elif rule.default is not None:
        found = f"it has a default, but missing is '{rule.missing}'"
        todo = "Write 'missing: default' or remove the default."
        yield RuleProblem(name, (*keys, "default"), asked, found, todo)


def _of_default(
    name: str,
    keys: Keys,
    asked: str,
    rule: FieldRule,
    table: CanonicalTable,
    column: CanonicalColumn,
) -> Iterator[RuleProblem]:
    place = (*keys, "default")
    if rule.default is None:
        todo = "Add 'default:' with the value, or write 'missing: review'."
        yield RuleProblem(name, place, asked, "it has no default to fill in", todo)
        return
    if column.derived or column.name in table.key:
        todo = "Write 'missing: review' or 'missing: exclude' instead."
        found = "a key and the columns that are made here cannot be filled with a default"
        yield RuleProblem(name, place, asked, found, todo)
        return
    if len(table.key) > 1:
        found = f"a row of {table.name} has no id of its own, so a default could not be undone"
        todo = "Write 'missing: review' or 'missing: exclude' instead."
        yield RuleProblem(name, place, asked, found, todo)
        return
    found_unfit = unfit(column, rule.default)
    if found_unfit is not None:
        todo = "Give a default of the column's type."
        yield RuleProblem(name, place, asked, found_unfit, todo)


def _of_label(name: str, place: str) -> Iterator[RuleProblem]:
    table, _, column = place.partition(".")
    wrong = wrong_column(table, column)
    if wrong is not None:
        found, todo, _ = wrong
        yield RuleProblem(name, ("labels", place), f"the labels of {place}", found, todo)


def _conflicts(rules: Mapping[str, RulesDefinition]) -> Iterator[RuleProblem]:
    """Two rules that say different things about one field of one client."""
    seen: dict[tuple[str, str, str], list[tuple[str, int, FieldRule, frozenset[str]]]] = {}
    for name, definition in rules.items():
        clients = frozenset(definition.clients)
        for index, rule in enumerate(definition.fields):
            place = (rule.table, rule.column, " ".join((rule.where or "").split()).lower())
            for other, at, earlier, theirs in seen.get(place, []):
                overlap = not clients or not theirs or clients & theirs
                same = (rule.missing, rule.default) == (earlier.missing, earlier.default)
                if overlap and not same:
                    yield RuleProblem(
                        name,
                        ("fields", index),
                        f"the rule on {rule.table}.{rule.column}",
                        f"rule {index + 1} of '{name}' says {rule.missing}, rule {at + 1} of"
                        f" '{other}' says {earlier.missing}, for the same rows",
                        "Remove one of the two, or give them different conditions.",
                    )
            seen.setdefault(place, []).append((name, index, rule, clients))
