"""One source from staged tables to canonical rows, inside a building."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from kvitto.conform.check import added_up, check_inside, row_findings
from kvitto.conform.context import Context
from kvitto.conform.deal import Extra, deal_extra, entry_extra
from kvitto.conform.entries import finish_entries
from kvitto.conform.fill import Filling, filling, insert_fill
from kvitto.conform.finding import write_findings
from kvitto.conform.history import end_with_deals, make_history, make_snapshots
from kvitto.conform.identity import in_order
from kvitto.conform.labelled import count_labels, finish_labels
from kvitto.conform.money import WITH_AMOUNTS, base_amount, currency_below
from kvitto.conform.question import unanswered
from kvitto.conform.reference import make_named
from kvitto.conform.understanding import ConformReport, Understanding
from kvitto.errors import BadDefinition, NeedsAnswer
from kvitto.model.finding import Finding
from kvitto.model.table import canonical_tables
from kvitto.sources import Staged
from kvitto.warehouse import SourceState
from kvitto.warehouse.quoting import named, quoted
from kvitto.warehouse.schema import LABELS, RELABELLED, SOURCE_FINDINGS
from kvitto.workspace.definition import ClientDefinition, SourceDefinition
from kvitto.workspace.label import LabelBook, plain_book

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NO_LABELS = LabelBook()


def conform(
    connection: DuckDBPyConnection,
    name: str,
    definition: SourceDefinition,
    staged: Staged,
    understanding: Understanding,
    client: ClientDefinition,
    batch: str,
    *,
    labels: LabelBook | Mapping[str, Mapping[str, str]] = _NO_LABELS,
    today: date | None = None,
    synced_at: str | None = None,
    client_id: str | None = None,
) -> ConformReport:
    """Replace the source's rows of one client in the building by what was staged.

    ``client_id`` is that client, the definition's where it is not given. ``labels``
    are the rules about labels that are in force, or exact ones by column.

    ``today`` is the day of the sync where the definition gives no ``as_of``;
    ``synced_at`` ISO text in UTC, now where not given. Raises
    :class:`BadDefinition` for a definition that does not fit the files and
    :class:`NeedsAnswer` for open questions about columns that are used; all of
    them together, before anything is written. What is wrong with rows is a
    finding, also kept in the building's ``_source_findings``.
    """
    if understanding.problems:
        raise BadDefinition(*understanding.problems)
    questions = unanswered(staged, understanding)
    if questions:
        raise NeedsAnswer(*questions)
    now = datetime.now(UTC)
    as_of = definition.as_of or today or now.date()
    whose = client_id or definition.client or ""
    book = labels if isinstance(labels, LabelBook) else plain_book(labels)
    context = Context(
        connection, name, definition, staged, understanding, client, batch, as_of, whose, book
    )
    _clear(context)
    rows, left_out, made, findings = _fill_all(context)
    for table, count in make_named(context).items():
        made[table] = made.get(table, 0) + count
    for joined in finish_labels(context):
        rows[joined.table] = rows.get(joined.table, 0) - joined.rows
        left_out += joined.rows
        findings.append(added_up(context, joined))
    if understanding.fills("deal_stage_history"):
        repeated, about = finish_entries(context)
        if "deal_stage_history" in rows:
            rows["deal_stage_history"] -= repeated
            left_out += repeated
        else:
            made["deal_stage_history"] -= repeated
        findings += about
    if understanding.fills("deals"):
        made["deal_stage_history"] = made.get("deal_stage_history", 0) + make_history(context)
        end_with_deals(context)
        made["deal_snapshots"] = make_snapshots(context)
    mapped = count_labels(context)
    if mapped:
        made["label_mappings"] = made.get("label_mappings", 0) + mapped
    found = (*staged.all_findings(), *understanding.findings)
    whole = (*found, *findings, *check_inside(context))
    write_findings(connection, whole)
    for table in ("reject_errors", "reject_scans"):
        # The rejected lines were counted while reading and are findings by now.
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    used = [file.staged for file in understanding.files if file.fills and not file.derived]
    unused = understanding.set_aside + sum(table.rejected for table in used)
    state = SourceState(
        name,
        definition.kind,
        whose,
        synced_at or now.isoformat(timespec="seconds"),
        definition.as_of or staged.complete_to or as_of,
        sum(rows.values()) + sum(made.values()),
        staged.settles_days if definition.settles_days is None else definition.settles_days,
        _fed_tables(understanding, made),
    )
    return ConformReport(
        name,
        sum(table.rows for table in used) + unused,
        MappingProxyType(rows),
        left_out + unused,
        MappingProxyType(made),
        whole,
        state,
    )


def _fed_tables(understanding: Understanding, made: Mapping[str, int]) -> tuple[str, ...]:
    """The canonical tables that the source feeds, whether or not it has a row for them now."""
    fed = {table for file in understanding.files for table in file.tables}
    if "deals" in fed:
        fed |= {"deal_stage_history", "deal_snapshots"}
    return tuple(sorted(fed.union(table for table, count in made.items() if count)))


def _clear(context: Context) -> None:
    """Take out what the building may hold of this source and client already."""
    mine = context.mine()
    for table in canonical_tables():
        held = context.connection.execute(
            f"SELECT 1 FROM {named(table)} WHERE {mine} LIMIT 1"
        ).fetchone()
        if held is not None:
            context.connection.execute(f"DELETE FROM {named(table)} WHERE {mine}")
    for extra in (SOURCE_FINDINGS, LABELS, RELABELLED):
        context.connection.execute(
            f"DELETE FROM {extra} WHERE source = {quoted(context.name)}"
            f" AND client_id = {quoted(context.client_id)}"
        )


def _fill_all(
    context: Context,
) -> tuple[dict[str, int], int, dict[str, int], list[Finding]]:
    """Every table from every file: (rows, left out, made, findings)."""
    rows: dict[str, int] = {}
    made: dict[str, int] = {}
    findings: list[Finding] = []
    left_out = 0
    files = context.understanding.files
    for table in in_order({table for file in files for table in file.tables}):
        for file in files:
            if table not in file.tables:
                continue
            folded = table != file.tables[0]
            fill = filling(context, file, table)
            count = _insert(context, fill, made, folded=folded)
            if folded or file.derived:
                made[table] = made.get(table, 0) + count
                continue
            rows[table] = rows.get(table, 0) + count
            left_out += file.staged.rows - count
            findings += row_findings(context, fill, count)
    return rows, left_out, made, findings


def _insert(context: Context, fill: Filling, made: dict[str, int], *, folded: bool) -> int:
    extra = Extra()
    if fill.table.name == "deals":
        extra = deal_extra(context, fill, made)
    elif fill.table.name == "deal_stage_history":
        extra = entry_extra(context, fill, made)
    elif fill.table.name in WITH_AMOUNTS:
        extra = Extra(*base_amount(context, fill), currency_below(fill))
    return insert_fill(
        context,
        fill,
        extra.columns,
        extra.joins,
        extra.below,
        folded=folded,
        guards=extra.guards,
    )
