"""The tables of every version: all canonical ones, empty where no source fills them."""

from __future__ import annotations

from kvitto.model.table import CanonicalTable, canonical_tables

FINDINGS = "_findings"
APPLIED = "_applied"
SOURCE_STATE = "_source_state"
SOURCE_FINDINGS = "_source_findings"
CANDIDATES = "_candidates"
RESOLVED = "_resolved"
LABELS = "_labels"
RELABELLED = "_relabelled"

_FINDING_COLUMNS = (
    ("code", "VARCHAR"),
    ("severity", "VARCHAR"),
    ("client_id", "VARCHAR"),
    ("source", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("column_name", "VARCHAR"),
    ("row_count", "BIGINT"),
    ("records", "VARCHAR"),
    ("message", "VARCHAR"),
    ("todo", "VARCHAR"),
    ("resolution", "VARCHAR"),
    ("decides", "VARCHAR"),
    ("first_day", "DATE"),
    ("last_day", "DATE"),
)

EXTRA_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    FINDINGS: _FINDING_COLUMNS,
    SOURCE_FINDINGS: _FINDING_COLUMNS,
    APPLIED: (
        ("client_id", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("record_id", "VARCHAR"),
        ("action", "VARCHAR"),
        ("rule", "VARCHAR"),
        ("column_name", "VARCHAR"),
        ("why", "VARCHAR"),
        ("kept_id", "VARCHAR"),
    ),
    CANDIDATES: (
        ("client_id", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("one_id", "VARCHAR"),
        ("other_id", "VARCHAR"),
        ("score", "DOUBLE"),
        ("reasons", "VARCHAR"),
        ("state", "VARCHAR"),
    ),
    RESOLVED: (
        ("client_id", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("made_from", "VARCHAR"),
        ("left_out", "VARCHAR"),
    ),
    LABELS: (
        ("client_id", "VARCHAR"),
        ("source", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("column_name", "VARCHAR"),
        ("raw", "VARCHAR"),
        ("canonical", "VARCHAR"),
        ("row_count", "BIGINT"),
        ("kind", "VARCHAR"),
        ("rule", "VARCHAR"),
        ("decided_by", "VARCHAR"),
        ("valid_from", "DATE"),
    ),
    RELABELLED: (
        ("client_id", "VARCHAR"),
        ("source", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("column_name", "VARCHAR"),
        ("raw", "VARCHAR"),
        ("row_key", "VARCHAR"),
    ),
    SOURCE_STATE: (
        ("client_id", "VARCHAR"),
        ("name", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("synced_at", "VARCHAR"),
        ("complete_to", "DATE"),
        ("row_count", "BIGINT"),
        ("settles_days", "BIGINT"),
        ("filled_tables", "VARCHAR[]"),
    ),
}
"""Tables beyond the canonical ones. ``records`` is a JSON list of ids as text.

``_findings`` is what the audit found, ``_source_findings`` what reading and
conforming found, kept apart so that an unsynced source's are carried on.
``_applied.kept_id`` is the record that stands for one that was merged into it.
``_candidates`` are pairs of records that may be one (``state``: ask, merged,
apart), ``_resolved`` what a client's were made from, so that unchanged records
are not compared again.
"""


def create_statements() -> tuple[str, ...]:
    """The DDL of every table of a version."""
    canonical = tuple(create_table(table) for table in canonical_tables().values())
    extra = tuple(
        f'CREATE TABLE "{name}" ({_listed(columns)})' for name, columns in EXTRA_TABLES.items()
    )
    return canonical + extra


def create_table(table: CanonicalTable) -> str:
    """The DDL of one canonical table. Keys are checked by the audit, not by an index."""
    columns = tuple((column.name, column.sql_type) for column in table.columns)
    return f'CREATE TABLE "{table.name}" ({_listed(columns)})'


def _listed(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns)
