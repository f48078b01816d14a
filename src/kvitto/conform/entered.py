"""Stage entries that an export of deals carries as columns: Date entered "Won (Sales Pipeline)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.conform.recognition import Headers
from kvitto.conform.understanding import FileUnderstanding, Fill
from kvitto.sources import StagedColumn, StagedTable
from kvitto.sources.format import ColumnFormat
from kvitto.warehouse.quoting import named, quoted
from kvitto.workspace.definition import ColumnMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHOWN = re.compile(
    r"^(?:date entered|inträdesdatum|data di ingresso|data de entrada|fecha de entrada"
    r"|eintrittsdatum|date d'entrée)\s+[\"'“”]{1,2}(?P<stage>.+?)\s*"
    r"(?:\((?P<pipeline>[^()]+)\))?[\"'“”]{1,2}$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"^(?:property_|properties\.)?hs_(?:v2_)?date_entered_(?P<stage>.+)$", re.IGNORECASE
)
_LIFECYCLE = re.compile(r"lifecycle", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Entry:
    column: StagedColumn
    stage: str
    pipeline: str | None


def entered_stages(
    connection: DuckDBPyConnection, deals: FileUnderstanding, headers: Headers
) -> FileUnderstanding | None:
    """A table of stage entries made of such columns, ``None`` where there are none.

    Stages of the contact lifecycle stand in the same exports and are no stages
    of deals.
    """
    del headers
    entries = [entry for entry in map(_entry, deals.staged.columns) if entry is not None]
    key = deals.fill_of("deals").get("deal_id")
    if not entries or key is None or key.map.column is None:
        return None
    relation = (
        f"({' UNION ALL '.join(_select(deals.staged, key.map.column, one) for one in entries)})"
    )
    found = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    rows = int(found[0]) if found else 0
    if not rows:
        return None
    staged = StagedTable(
        f"{deals.staged.name} stages",
        deals.staged.file,
        deals.staged.sheet,
        _columns(deals.staged, key.map.column, entries),
        relation,
        rows,
    )
    why = f"'{entries[0].column.header}' dates the entry into a stage"
    maps = {"deal_id": "deal", "stage_id": "stage", "entered_at": "entered"}
    if any(entry.pipeline for entry in entries):
        maps["pipeline_id"] = "pipeline"
    fills = tuple(
        Fill("deal_stage_history", column, ColumnMap(column=name), "guessed", why)
        for column, name in maps.items()
    )
    return FileUnderstanding(staged, fills, (), deals.layout, "deal_stage_history", derived=True)


def _entry(column: StagedColumn) -> _Entry | None:
    header = column.header.strip()
    shown = _SHOWN.match(header)
    if shown is not None:
        pipeline = shown["pipeline"]
        if pipeline is not None and _LIFECYCLE.search(pipeline):
            return None
        return _Entry(column, shown["stage"].strip().strip("\"'"), pipeline)
    coded = _NAMED.match(header)
    return None if coded is None else _Entry(column, coded["stage"], None)


def _select(staged: StagedTable, key: str, entry: _Entry) -> str:
    pipeline = "NULL" if entry.pipeline is None else quoted(entry.pipeline)
    value = named(entry.column.name)
    return (
        f"SELECT {named(key)} AS deal, {quoted(entry.stage)} AS stage,"
        f" CAST({pipeline} AS VARCHAR) AS pipeline, {value} AS entered"
        f" FROM {staged.relation_sql} WHERE {value} IS NOT NULL"
    )


def _columns(staged: StagedTable, key: str, entries: Sequence[_Entry]) -> tuple[StagedColumn, ...]:
    """The columns of the entries; dates are read as those columns are that have some."""
    dated = next((one.column for one in entries if one.column.filled), entries[0].column)
    ours = staged.column(key)
    text = ColumnFormat("text")
    return (
        StagedColumn("deal", ours.header if ours else key, text, (), 0, 0),
        StagedColumn("stage", "stage", text, (), 0, 0),
        StagedColumn("pipeline", "pipeline", text, (), 0, 0),
        StagedColumn(
            "entered", dated.header, dated.format, dated.samples, 0, 0, (), dated.question
        ),
    )
