"""What of the rows did not get into the canonical tables, and why."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.conform.context import Context
from kvitto.conform.expression import TYPED, Read
from kvitto.conform.fill import Filling
from kvitto.conform.labelled import Joined
from kvitto.conform.money import (
    Without,
    converted_tables,
    count_in_place,
    count_without_rate,
)
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.warehouse.quoting import named


def row_findings(context: Context, fill: Filling, count: int) -> list[Finding]:
    """Rows without an id and values that cannot be read, of one file in one table.

    Counting what got in against what the file holds is nearly free; only where
    they differ is the file looked at again.
    """
    found: list[Finding] = []
    missing = fill.file.staged.rows - count
    if missing > 0:
        found.append(_missing_key(fill, context, missing))
    doubtful = [
        (name, read)
        for name, read in fill.reads.items()
        if fill.table.column(name).type in TYPED and read.staged is not None
    ]
    if doubtful:
        found += _unreadable(context, fill, doubtful)
    found += _labelled(context, fill)
    column, without = count_in_place(context, fill)
    if without[0]:
        found.append(_no_rate(context, fill.table.name, column, without))
    return found


def check_inside(context: Context) -> tuple[Finding, ...]:
    """What shows only when all rows are in: amounts without a rate."""
    return tuple(
        _no_rate(context, table, column, without)
        for table, column in converted_tables().items()
        if context.understanding.fills(table) and (without := count_without_rate(context, table))[0]
    )


def _no_rate(context: Context, table: str, column: str, without: Without) -> Finding:
    count, records, currencies = without
    return _finding(
        context,
        "no_exchange_rate",
        table,
        column,
        count,
        records,
        f"{count} amounts of {table} in {', '.join(currencies)} have no rate to"
        f" {context.client.currency} on their date and add nothing to any figure",
        "Add the rates to a source that fills fx_rates, or set the source's currency.",
        Severity.error,
    )


def _missing_key(fill: Filling, context: Context, missing: int) -> Finding:
    key = ", ".join(
        read.staged.header
        for name, read in fill.reads.items()
        if name in fill.table.key and read.staged
    )
    return _finding(
        context,
        "missing_id",
        fill.table.name,
        fill.table.key[0],
        missing,
        (),
        f"{missing} rows of {fill.file.staged.file} have no {key or 'id'} and are left out",
        "Fill it in the source, or map another column that is never empty.",
        Severity.error,
        Resolution.exclude,
    )


def _unreadable(
    context: Context, fill: Filling, doubtful: Sequence[tuple[str, Read]]
) -> list[Finding]:
    short = _short_columns(context, fill, doubtful)
    found = []
    for name, read in short:
        count, records, samples = _failures(context, fill, read)
        if not count:
            continue
        shown = ", ".join(f"'{sample}'" for sample in samples)
        found.append(
            _finding(
                context,
                "unreadable_value",
                fill.table.name,
                name,
                count,
                records,
                f"{count} values of '{read.staged.header if read.staged else name}' in"
                f" {fill.file.staged.file} cannot be read as {_said(fill, name, read)}: {shown}",
                "Mend them in the source, or say how they are written with"
                " date_order, decimal or values.",
                Severity.error,
            )
        )
    return found


def _short_columns(
    context: Context, fill: Filling, doubtful: Sequence[tuple[str, Read]]
) -> list[tuple[str, Read]]:
    """The columns that hold fewer values than the files they come from."""
    counted = ", ".join(f"count({named(name)})" for name, _ in doubtful)
    row = context.connection.execute(
        f"SELECT {counted} FROM {named(fill.table.name)} WHERE {context.mine()}"
    ).fetchone()
    assert row is not None
    files = [
        file
        for file in context.understanding.files
        if file.tables and file.tables[0] == fill.table.name
    ]
    if len(files) > 1:
        return list(doubtful)
    return [
        (name, read)
        for (name, read), count in zip(doubtful, row, strict=True)
        if read.staged is not None and count < read.staged.filled
    ]


def _failures(
    context: Context, fill: Filling, read: Read
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    row = context.connection.execute(
        f"SELECT count(*), list(key)[:20], list(DISTINCT raw ORDER BY raw)[:3] FROM"
        f" (SELECT {fill.key} AS key, {read.raw} AS raw, {read.sql} AS value FROM {fill.source})"
        " WHERE raw IS NOT NULL AND value IS NULL AND key IS NOT NULL AND key <> ''"
    ).fetchone()
    if row is None or not row[0]:
        return 0, (), ()
    return int(row[0]), tuple(map(str, row[1])), tuple(map(str, row[2]))


def _said(fill: Filling, name: str, read: Read) -> str:
    kind = fill.table.column(name).type
    if kind in ("ts", "date"):
        words = {"dmy": "dates with the day first", "mdy": "dates with the month first"}
        return words.get(read.form.order, "dates")
    return "yes or no" if kind == "bool" else "numbers"


def _labelled(context: Context, fill: Filling) -> list[Finding]:
    """Labels that a rule replaced, with how often."""
    return [
        _finding(
            context,
            "label_replaced",
            fill.table.name,
            one.column,
            one.rows,
            (),
            f"'{one.raw}' is read as '{one.canonical}' in {one.rows} rows"
            if one.raw
            else f"{one.canonical} are read as rules say, in {one.rows} rows",
            "Nothing; the rule stands in the workspace's rules.",
            Severity.notice,
        )
        for one in fill.replaced
    ]


def added_up(context: Context, joined: Joined) -> Finding:
    """Daily totals that rules about labels made the same row, and that were added up."""
    return _finding(
        context,
        "labels_added_up",
        joined.table,
        None,
        joined.rows,
        (),
        f"{joined.rows} rows of {joined.table} were added to another one, because a rule gives"
        " their labels one name",
        "Nothing; the rule stands in the workspace's rules.",
        Severity.notice,
    )


def _finding(
    context: Context,
    code: str,
    table: str,
    column: str | None,
    rows: int,
    records: tuple[str, ...],
    message: str,
    todo: str,
    severity: Severity,
    resolution: Resolution = Resolution.keep,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        client=context.client_id,
        source=context.name,
        table=table,
        column=column,
        rows=rows,
        records=records,
        message=message,
        todo=todo,
        resolution=resolution,
    )
