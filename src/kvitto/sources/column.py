"""Columns decided from all of their values, in one scan of the engine.

A sample says which readings are possible; the whole column says which one
holds. Where more than one holds, the column carries a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from kvitto.sources.format import (
    ColumnFormat,
    day_sql,
    instant_sql,
    number_check_sql,
)
from kvitto.sources.number import settle_numbers
from kvitto.sources.shape import GROUPED, ISO, PARTED, Shape, shape_of
from kvitto.sources.staged import Decision, Question, StagedColumn
from kvitto.warehouse.quoting import named, named_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
_ZONE = re.compile(r"(Z|[+-]\d{2}(:?\d{2})?)$")

_AT_ONCE = 100
"""Columns that are looked at in one scan."""


@dataclass(frozen=True, slots=True)
class _Sampled:
    name: str
    header: str
    values: tuple[str, ...]
    shape: Shape
    stored: bool = False

    @property
    def distinct(self) -> tuple[str, ...]:
        """Each value once, in the order in which they come."""
        return tuple(dict.fromkeys(self.values))


def decide_columns(
    connection: DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    headers: Sequence[str],
    samples: Sequence[Sequence[str]],
    file: str,
    stored: frozenset[int] = frozenset(),
) -> tuple[tuple[StagedColumn, ...], int, int]:
    """Every column with its format, the rows of the relation, and the blank rows among them.

    ``stored`` are the places of columns whose numbers were stored as such, so
    that a point in them can be nothing but the decimal point.
    """
    sampled = [
        _Sampled(
            name, header, tuple(values), shape_of(values, stored=place in stored), place in stored
        )
        for place, (name, header, values) in enumerate(zip(names, headers, samples, strict=True))
    ]
    counted = _count(connection, relation, names, sampled)
    late = [
        column
        for place, column in enumerate(sampled)
        if column.shape == "empty" and counted[f"c{place}"]
    ]
    if late:
        forget_rejected(connection)
        found = {one.name: one for one in _sampled_late(connection, relation, late)}
        sampled = [found.get(column.name, column) for column in sampled]
        counted = _count(connection, relation, names, sampled)
    columns = tuple(
        _decided(column, counted, f"c{place}", file) for place, column in enumerate(sampled)
    )
    marks = _marks(sampled, counted)
    doubtful = [
        place for place, column in enumerate(columns) if _is_doubtful(sampled[place], column)
    ]
    again = settle_numbers(
        connection, relation, [columns[place] for place in doubtful], marks, file
    )
    settled = dict(zip(doubtful, again, strict=True))
    whole = tuple(settled.get(place, column) for place, column in enumerate(columns))
    return whole, counted["rows"], counted["blank"]


def _is_doubtful(sampled: _Sampled, column: StagedColumn) -> bool:
    """Whether the other columns of the file may say how these numbers are written."""
    if column.question is not None:
        return column.question.key == "decimal"
    return sampled.shape == "plain" and column.readable < column.filled


def _marks(sampled: Sequence[_Sampled], counted: Mapping[str, int]) -> frozenset[str]:
    """The decimal marks that columns of the file show beyond doubt.

    Stored numbers say nothing about how texts are written.
    """
    found = set()
    for place, column in enumerate(sampled):
        if column.shape in ("number", "grouped"):
            for mark, test in ((",", "only_comma"), (".", "only_dot")):
                if counted[f"c{place}.{test}"]:
                    found.add(mark)
        elif column.shape == "plain" and not column.stored:
            pointed = (value.strip() for value in column.values if "." in value)
            if any(not GROUPED.fullmatch(value) for value in pointed):
                found.add(".")
    return frozenset(found)


def forget_rejected(connection: DuckDBPyConnection) -> None:
    """A second scan would write the same rejected lines down again."""
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")


def _sampled_late(
    connection: DuckDBPyConnection, relation: str, columns: Sequence[_Sampled]
) -> list[_Sampled]:
    """Samples of columns whose first values come after the first lines."""
    found = []
    for column in columns:
        text = named(column.name)
        rows = connection.execute(
            f"SELECT {text} FROM {relation} WHERE {text} IS NOT NULL LIMIT 1000"
        ).fetchall()
        forget_rejected(connection)
        values = tuple(str(value) for (value,) in rows)
        found.append(_Sampled(column.name, column.header, values, shape_of(values)))
    return found


def _checks(column: _Sampled) -> Mapping[str, str]:
    """SQL of what must be counted over the whole column; each is a condition."""
    text = named(column.name)
    if column.shape == "iso":
        form = _iso_format(column.distinct)
        read = day_sql(text, form) if form.kind == "date" else instant_sql(text, form)
        return {"ok": f"{read} IS NOT NULL", "long": f"strlen({text}) > 10"}
    if column.shape == "parted":
        return _parted_checks(text, column.distinct)
    if column.shape == "named" or column.shape == "worded":
        form = ColumnFormat(_date_kind(column.distinct), order=column.shape)
        return {"ok": f"{instant_sql(text, form)} IS NOT NULL"}
    if column.shape == "plain":
        # The wider cast is a hundred times slower, so that it is left to what the other refuses.
        narrow, wide = (f"try_cast({text} AS DECIMAL({size},6)) IS NOT NULL" for size in (18, 24))
        checks = {"ok": f"{narrow} OR {wide}"}
        if not any("." in value for value in column.values):
            checks["point"] = f"contains({text}, '.')"
            checks["code"] = (
                f"starts_with({text}, '0') AND length({text}) > 1 AND NOT contains({text}, '.')"
            )
        return checks
    if column.shape in ("number", "grouped"):
        return {
            "comma": number_check_sql(text, ","),
            "dot": number_check_sql(text, "."),
            "only_comma": f"{number_check_sql(text, ',')} AND NOT {number_check_sql(text, '.')}",
            "only_dot": f"{number_check_sql(text, '.')} AND NOT {number_check_sql(text, ',')}",
            "marked": f"contains({text}, ',') OR contains({text}, '.')",
        }
    return {}


def _parted_checks(text: str, values: Sequence[str]) -> Mapping[str, str]:
    dmy, mdy = (instant_sql(text, _parted_format(values, order)) for order in ("dmy", "mdy"))
    return {
        "dmy": f"{dmy} IS NOT NULL",
        "mdy": f"{mdy} IS NOT NULL",
        "only_dmy": f"{dmy} IS NOT NULL AND {mdy} IS NULL",
        "only_mdy": f"{mdy} IS NOT NULL AND {dmy} IS NULL",
        "differ": f"{dmy} <> {mdy}",
        "long": f"length({text}) > 10",
    }


def _count(
    connection: DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    sampled: Sequence[_Sampled],
) -> dict[str, int]:
    """Every count over the whole relation: in one scan, or in several where it is very wide.

    Each check takes memory of its own in the engine, whatever its limit says.
    """
    counted: dict[str, int] = {}
    for first in range(0, len(sampled), _AT_ONCE):
        parts: dict[str, str] = {}
        for place, column in enumerate(sampled[first : first + _AT_ONCE], start=first):
            key = f"c{place}"
            parts[key] = f"count({named(column.name)})"
            for test, condition in _checks(column).items():
                parts[f"{key}.{test}"] = f"count(*) FILTER (WHERE {condition})"
        if first + _AT_ONCE >= len(sampled):
            # Last, so that the lines which the engine rejects are those of every column.
            every = named_all(names)
            parts["rows"] = "count(*)"
            parts["blank"] = f"count(*) FILTER (WHERE coalesce({every}) IS NULL)"
        if first:
            forget_rejected(connection)
        # All rows of the answer are taken: only then are rejected lines written down.
        asked = f"SELECT {', '.join(parts.values())} FROM {relation}"
        (row,) = connection.execute(asked).fetchall()
        counted |= {key: int(count) for key, count in zip(parts, row, strict=True)}
    return counted


def _decided(column: _Sampled, counted: Mapping[str, int], key: str, file: str) -> StagedColumn:
    filled = counted[key]
    tests = {
        name.split(".", 1)[1]: count
        for name, count in counted.items()
        if name.startswith(f"{key}.")
    }
    form, readable, decisions, question = _judge(column, tests, filled, file)
    return StagedColumn(
        column.name,
        column.header,
        form,
        tuple(dict.fromkeys(column.values))[:5],
        filled,
        readable,
        decisions,
        question,
    )


_Judged = tuple[ColumnFormat, int, tuple[Decision, ...], Question | None]


def _judge(column: _Sampled, tests: Mapping[str, int], filled: int, file: str) -> _Judged:
    shape = column.shape
    if shape == "iso":
        form = _iso_format(column.distinct)
        if tests["long"] and form.kind == "date":
            form = ColumnFormat("instant", "ymd", form.separator, form.zoned)
        why = f"{tests['ok']} of {filled} values are written year first"
        return form, tests["ok"], (Decision("date order", "ymd", "found", why),), None
    if shape == "parted":
        return _judge_parted(column, tests, filled, file)
    if shape == "named" or shape == "worded":
        form = ColumnFormat(_date_kind(column.distinct), order=shape)
        why = f"{tests['ok']} of {filled} values name the month"
        return form, tests["ok"], (Decision("date order", "named", "found", why),), None
    if shape == "plain" and not tests.get("code"):
        whole = tests.get("point") == 0 and tests["ok"] == filled
        return ColumnFormat("integer" if whole else "number"), tests["ok"], (), None
    if shape in ("number", "grouped"):
        return _judge_number(column, tests, filled, file)
    if shape == "bool":
        return ColumnFormat("bool"), filled, (), None
    return ColumnFormat("empty" if filled == 0 else "text"), filled, (), None


def _judge_parted(column: _Sampled, tests: Mapping[str, int], filled: int, file: str) -> _Judged:
    kind: Literal["date", "instant"] = "instant" if tests["long"] else "date"
    day_first = replace(_parted_format(column.distinct, "dmy"), kind=kind)
    month_first = replace(_parted_format(column.distinct, "mdy"), kind=kind)
    if tests["only_dmy"] and not tests["only_mdy"]:
        why = f"{tests['only_dmy']} of {filled} values have a first part above 12"
        return day_first, tests["dmy"], (Decision("date order", "dmy", "found", why),), None
    if tests["only_mdy"] and not tests["only_dmy"]:
        why = f"{tests['only_mdy']} of {filled} values have a second part above 12"
        return month_first, tests["mdy"], (Decision("date order", "mdy", "found", why),), None
    if not tests["differ"] and not tests["only_dmy"] and tests["dmy"]:
        why = "day and month are equal in every value"
        return day_first, tests["dmy"], (Decision("date order", "dmy", "found", why),), None
    if not tests["dmy"] and not tests["mdy"]:
        return ColumnFormat("text"), filled, (), None
    if tests["only_dmy"]:
        found = (
            f"the column mixes date orders: {tests['only_dmy']} values can only be day first,"
            f" {tests['only_mdy']} only month first, {tests['differ']} could be either"
        )
    else:
        found = (
            f"none of its {filled} values has a day above 12,"
            f" so '{column.values[0]}' may be day first or month first"
        )
    question = Question(file, column.header, "date_order", ("dmy", "mdy"), found)
    return day_first, tests["dmy"], (), question


def _judge_number(column: _Sampled, tests: Mapping[str, int], filled: int, file: str) -> _Judged:
    percent = sum("%" in value for value in column.values) * 2 > len(column.values)
    kind: Literal["percent", "number"] = "percent" if percent else "number"
    comma = ColumnFormat(kind, decimal=",")
    dot = ColumnFormat(kind, decimal=".")
    if not tests["marked"] or (tests["only_dot"] and not tests["only_comma"]):
        why = f"{tests['only_dot']} of {filled} values can only be read with a decimal point"
        return dot, tests["dot"], (Decision("decimal mark", ".", "found", why),), None
    if tests["only_comma"] and not tests["only_dot"]:
        why = f"{tests['only_comma']} of {filled} values can only be read with a decimal comma"
        return comma, tests["comma"], (Decision("decimal mark", ",", "found", why),), None
    if not tests["comma"] and not tests["dot"]:
        return ColumnFormat("text"), filled, (), None
    shown = next((v for v in column.values if "," in v or "." in v), column.values[0])
    if tests["only_comma"]:
        found = (
            f"the column mixes number styles: {tests['only_comma']} values can only have a"
            f" decimal comma, {tests['only_dot']} only a decimal point"
        )
    else:
        found = f"in none of its {filled} values can the decimal mark be told, as in '{shown}'"
    question = Question(file, column.header, "decimal", (",", "."), found)
    return dot, tests["dot"], (), question


def _iso_format(values: Sequence[str]) -> ColumnFormat:
    match = next((m for m in (ISO.fullmatch(v.strip()) for v in values) if m), None)
    separator = match.group(1) if match else "-"
    timed = [value for value in values if _has_clock(value)]
    zoned = any(_ZONE.search(value.strip()) for value in timed)
    return ColumnFormat("instant" if timed else "date", "ymd", separator, zoned)


def _parted_format(values: Sequence[str], order: Literal["dmy", "mdy"] | str) -> ColumnFormat:
    match = next((m for m in (PARTED.fullmatch(v.strip()) for v in values) if m), None)
    separator = match.group(1) if match else "/"
    chosen: Literal["dmy", "mdy"] = "dmy" if order == "dmy" else "mdy"
    return ColumnFormat(_date_kind(values), chosen, separator)


def _date_kind(values: Sequence[str]) -> Literal["date", "instant"]:
    return "instant" if any(_has_clock(value) for value in values) else "date"


def _has_clock(value: str) -> bool:
    rest = re.split(r"[T ,]", value.strip(), maxsplit=1)
    return len(rest) > 1 and _CLOCK.search(rest[1]) is not None and ":" in rest[1]
