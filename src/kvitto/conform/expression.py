"""One canonical column as SQL over a staged table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kvitto.conform.understanding import Fill
from kvitto.model.table import CanonicalColumn
from kvitto.sources import ColumnFormat, StagedColumn, StagedTable
from kvitto.sources.format import day_sql, instant_sql, number_sql, truth_sql
from kvitto.warehouse.quoting import named, quoted

NUMBER_TYPES = ("money", "num", "int", "frac")
DATE_TYPES = ("ts", "date")
TYPED = (*NUMBER_TYPES, *DATE_TYPES, "bool")
"""Types of columns that some texts cannot be read as."""


@dataclass(frozen=True, slots=True)
class Read:
    """How a column is read: its raw text, the SQL that converts it, its format.

    ``day_only`` says that the values are days without a time of day.
    """

    raw: str
    sql: str
    form: ColumnFormat
    staged: StagedColumn | None

    @property
    def day_only(self) -> bool:
        return self.form.kind == "date"

    @property
    def zoned(self) -> bool:
        """Whether the result is an instant in UTC rather than what a clock showed."""
        return self.form.zoned or self.form.order in ("seconds", "milliseconds")


def read_column(
    fill: Fill,
    column: CanonicalColumn,
    table: StagedTable,
    lookup: str | None,
    labels: Mapping[str, str],
) -> Read:
    """The SQL for one fill. ``lookup`` is the joined column where it comes from another file."""
    staged = None if fill.map.column is None else table.column(fill.map.column)
    raw = raw_sql(fill, staged, lookup, labels)
    form = format_of(fill, column, staged)
    return Read(raw, _converted(raw, column, form, fill.map.factor), form, staged)


def raw_sql(
    fill: Fill, staged: StagedColumn | None, lookup: str | None, labels: Mapping[str, str]
) -> str:
    """The text as it stands in the source, with its labels translated."""
    if fill.map.constant is not None:
        return quoted(fill.map.constant)
    text = lookup if lookup is not None else "NULL"
    if staged is not None:
        text = f"s.{named(staged.name)}"
    text = trimmed(text)
    for words in (labels, fill.map.values):
        text = translated(text, words)
    return text


def trimmed(text: str) -> str:
    """The text without blanks around it, NULL where nothing is left.

    Most values have none, and looking is much cheaper than trimming.
    """
    if text == "NULL":
        return text
    blank = f"starts_with({text}, ' ') OR suffix({text}, ' ')"
    return f"CASE WHEN {blank} THEN nullif(trim({text}), '') ELSE {text} END"


def translated(text: str, words: Mapping[str, str]) -> str:
    """The text with these labels replaced; others stay as they are."""
    if not words:
        return text
    cases = " ".join(f"WHEN {quoted(raw)} THEN {quoted(meant)}" for raw, meant in words.items())
    return f"CASE {text} {cases} ELSE {text} END"


def format_of(fill: Fill, column: CanonicalColumn, staged: StagedColumn | None) -> ColumnFormat:
    """How the text is read: as found in the file, with a person's answers on top."""
    form = ColumnFormat("text") if staged is None else staged.format
    if fill.map.decimal is not None and column.type in NUMBER_TYPES:
        form = replace(
            form,
            kind="percent" if form.kind == "percent" else "number",
            decimal=fill.map.decimal,
        )
    if column.type in DATE_TYPES:
        form = _date_format(form, staged)
        if fill.map.date_order is not None:
            separator = form.separator if form.kind in ("date", "instant") else _separator(staged)
            form = replace(form, order=fill.map.date_order, separator=separator)
    return form


def _separator(staged: StagedColumn | None) -> str:
    shown = "" if staged is None or not staged.samples else staged.samples[0]
    return next((sign for sign in "/.-" if sign in shown), "/")


def _date_format(form: ColumnFormat, staged: StagedColumn | None) -> ColumnFormat:
    """Numbers in a date column: a day's serial number, seconds or milliseconds, or yyyymmdd."""
    if form.kind in ("date", "instant"):
        return form
    if form.kind not in ("integer", "number") or staged is None or not staged.samples:
        return ColumnFormat("instant", "ymd")
    numbers = [Decimal(sample.strip()) for sample in staged.samples if _is_number(sample)]
    if not numbers:
        return ColumnFormat("instant", "ymd")
    largest = max(abs(number) for number in numbers)
    if largest >= 10**11:
        return ColumnFormat("instant", "milliseconds")
    if largest >= 10**8:
        return ColumnFormat("instant", "seconds")
    if largest >= 10**7:
        return ColumnFormat("date", "compact")
    timed = form.kind == "number"
    return ColumnFormat("instant" if timed else "date", "serial")


def _is_number(text: str) -> bool:
    bare = text.strip().lstrip("-")
    return bare.replace(".", "", 1).isdigit()


def _converted(
    raw: str, column: CanonicalColumn, form: ColumnFormat, factor: Decimal | None
) -> str:
    kind = column.type
    if kind in NUMBER_TYPES:
        if kind == "int":
            whole = number_sql(raw, form, "DECIMAL(20,4)")
            return f"CAST({_scaled(whole, factor)} AS BIGINT)"
        if factor is not None or kind == "frac":
            exact = number_sql(raw, form, "DECIMAL(24,8)")
            return f"CAST({_scaled(exact, factor)} AS {column.sql_type})"
        return number_sql(raw, form, column.sql_type)
    if kind == "ts":
        return day_sql(raw, form) if form.kind == "date" else instant_sql(raw, form)
    if kind == "date":
        return day_sql(raw, form)
    if kind == "bool":
        return truth_sql(raw)
    return raw


def _scaled(number: str, factor: Decimal | None) -> str:
    return number if factor is None else f"{number} * {factor}"
