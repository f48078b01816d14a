"""Numbers that a column alone does not explain: 1,331 among whole numbers, or in every row.

A tool writes all numbers of one file in one way, so the marks of the other
columns answer. Without them only the column's own whole numbers can: where
none above 999 stands without a sign, the sign separates thousands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from kvitto.sources.format import ColumnFormat, number_check_sql, number_sql
from kvitto.sources.staged import Decision, Question, StagedColumn
from kvitto.warehouse.quoting import named

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SIGNS = r"[-+−]?\d+[.,\s''’\x{00A0}\x{202F}][\d.,\s''’\x{00A0}\x{202F}]*"
"""Digits with at least one sign between or behind them."""


def settle_numbers(
    connection: DuckDBPyConnection,
    relation: str,
    columns: Sequence[StagedColumn],
    marks: frozenset[str],
    file: str,
) -> list[StagedColumn]:
    """The columns with their decimal mark, or with a question where nothing tells it.

    ``marks`` are the decimal marks of the file's other columns. Columns of
    which no more can be read in that way stay as they are.
    """
    open_questions = [column for column in columns if column.question is None]
    counted = _count(connection, relation, open_questions)
    marks = marks.union(
        mark
        for tests in counted.values()
        for mark, only in ((",", "only_comma"), (".", "only_dot"))
        if tests["more"] and tests[only]
    )
    return [
        _answered(column, marks)
        if column.question is not None
        else _judged(column, counted[column.name], marks, file)
        for column in columns
    ]


def _answered(column: StagedColumn, marks: frozenset[str]) -> StagedColumn:
    """A column of which every value can be read in two ways, with the answer of the others."""
    if len(marks) != 1 or (column.question and "mixes" in column.question.found):
        return column
    return _decided(column, next(iter(marks)), column.readable, _others(marks))


def _judged(
    column: StagedColumn, tests: Mapping[str, int], marks: frozenset[str], file: str
) -> StagedColumn:
    """A column of plain numbers with some that are not."""
    if not tests["more"]:
        return column
    mark, why = _mark(tests, marks)
    if mark and tests["comma" if mark == "," else "dot"] > column.readable:
        return _decided(column, mark, tests["comma" if mark == "," else "dot"], why)
    shown = f"{tests['more']} of its {column.filled} values have a sign between digits"
    found = f"{shown}, and neither they nor other columns tell whether it is the decimal mark"
    return replace(column, question=Question(file, column.header, "decimal", (",", "."), found))


def _mark(tests: Mapping[str, int], marks: frozenset[str]) -> tuple[str, str]:
    """The decimal mark and why, empty where it is open."""
    dot, comma = tests["only_dot"], tests["only_comma"]
    if dot and not comma:
        return ".", f"{dot} values can only be read with a decimal point"
    if comma and not dot:
        return ",", f"{comma} values can only be read with a decimal comma"
    if dot and comma:
        return "", ""
    if len(marks) == 1:
        return next(iter(marks)), _others(marks)
    if not marks and not tests["large"]:
        return ".", "whole numbers above 999 have a comma and all below have none"
    return "", ""


def _others(marks: frozenset[str]) -> str:
    return f"other columns of the file have '{next(iter(marks))}' as decimal mark"


def _decided(column: StagedColumn, mark: str, readable: int, why: str) -> StagedColumn:
    kind: Literal["percent", "number"] = "percent" if column.format.kind == "percent" else "number"
    form = ColumnFormat(kind, decimal="," if mark == "," else ".")
    decision = Decision("decimal mark", mark, "found", why)
    return replace(
        column,
        format=form,
        readable=readable,
        decisions=(*column.decisions, decision),
        question=None,
    )


def _count(
    connection: DuckDBPyConnection, relation: str, columns: Sequence[StagedColumn]
) -> dict[str, Mapping[str, int]]:
    """What the odd values can be read as, in one scan; nothing is asked where there are none."""
    if not columns:
        return {}
    asked = [_checks(column.name) for column in columns]
    parts = [
        f"count(*) FILTER (WHERE {condition})" for checks in asked for condition in checks.values()
    ]
    # Lines that the engine rejects are written down again; whoever counts them counts lines.
    (row,) = connection.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()
    counts = iter(row)
    return {
        column.name: {test: int(next(counts)) for test in checks}
        for column, checks in zip(columns, asked, strict=True)
    }


def _checks(name: str) -> Mapping[str, str]:
    text = named(name)
    signs = f"regexp_full_match(trim({text}), '{_SIGNS}')"
    plain = f"{number_sql(text, ColumnFormat('number'), 'DECIMAL(24,6)')} IS NOT NULL"
    whole = f"regexp_full_match(trim({text}), '[-+−]?\\d+')"
    odd_comma = f"({signs} AND {number_check_sql(text, ',')})"
    odd_dot = f"({signs} AND {number_check_sql(text, '.')})"
    return {
        "more": f"NOT ({plain}) AND ({odd_comma} OR {odd_dot})",
        "comma": f"{whole} OR {odd_comma}",
        "dot": f"{whole} OR {odd_dot}",
        "only_comma": f"{odd_comma} AND NOT {odd_dot}",
        "only_dot": f"{odd_dot} AND NOT {odd_comma}",
        "large": rf"regexp_full_match(trim({text}), '[-+]?\d{{4,}}')",
    }
