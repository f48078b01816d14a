"""Records that are named instead of numbered: "Acme" in a deal is the account of that name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kvitto.conform.context import Context
from kvitto.conform.identity import own_key, prefix
from kvitto.model.table import canonical_table, canonical_tables
from kvitto.warehouse.quoting import named, quoted, quoted_all

_NAMES = ("name", "full_name", "email")

_NAMEABLE = ("teams", "users", "accounts", "contacts", "loss_reasons", "campaigns", "projects")


@lru_cache(maxsize=1)
def by_name() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Tables whose records are made from a bare name, and the columns that may hold one.

    A help desk that names its customers and does not list them gives accounts
    known by name: nothing is lost, and nothing points to a record that is not there.
    """
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for target in _NAMEABLE:
        found[target] = tuple(
            (table.name, column.name)
            for table in canonical_tables().values()
            for column in table.declared
            if column.references == target and column.name != "merged_into_id"
        )
    return found


ALWAYS = {("users", "team_id"), ("users", "manager_id"), ("deals", "loss_reason_id")}
"""Columns whose unknown names become records even where the source lists such records."""


def reference_table(context: Context, target: str, within: str = "") -> str | None:
    """A table (raw in lower case -> id) of the target's records of this source.

    ``within`` is the platform whose records alone count, where a source mixes several.

    ``None`` where no record has a name that differs from its id, so that the
    id can be made from the raw text. Of two records with one name neither
    answers to it. An id counts before a name.
    """
    key = own_key(target)
    columns = [name for name in _NAMES if canonical_table(target).has(name)]
    if key is None or not columns:
        return None
    table = f"names_{target}"
    connection = context.connection
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    mine = f"FROM {named(target)} WHERE {context.mine()}"
    if within:
        mine += f" AND starts_with({key}, {quoted(f'{prefix(context.name, target)}{within}/')})"
    other = " OR ".join(f"(lower({name}) <> lower(_source_id))" for name in columns)
    if not context.count(f"SELECT count(*) {mine} AND ({other})"):
        return None
    named_rows = " UNION ALL ".join(
        f"SELECT lower({column}) AS raw, {key} AS id, 1 AS rank {mine} AND {column} IS NOT NULL"
        for column in columns
    )
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT raw, min(id) AS id FROM ("
        f" SELECT raw, id, rank, min(rank) OVER (PARTITION BY raw) AS best FROM ("
        f" SELECT lower(_source_id) AS raw, {key} AS id, 0 AS rank {mine} UNION ALL {named_rows}))"
        " WHERE rank = best GROUP BY raw HAVING count(DISTINCT id) = 1"
    )
    return table


def make_named(context: Context) -> dict[str, int]:
    """Make records for names that nothing stands behind; gives how many per table.

    Where the source lists such records itself, a name that is not in the list
    is left for the audit to find, except for teams and managers, which
    exports name and seldom list.
    """
    made: dict[str, int] = {}
    for target, columns in by_name().items():
        listed = context.understanding.fills(target)
        for table, column in columns:
            if not context.understanding.fills(table):
                continue
            unlisted = _unlisted(context) if target == "campaigns" else ()
            if listed and not unlisted and (table, column) not in ALWAYS:
                continue
            count = _make(context, target, table, column, unlisted if listed else ())
            if count:
                made[target] = made.get(target, 0) + count
    return made


def _unlisted(context: Context) -> tuple[str, ...]:
    """Platforms whose spend names campaigns that no file of theirs lists."""
    files = context.understanding.files
    listed = {file.platform for file in files if "campaigns" in file.tables}
    return tuple(sorted({file.platform for file in files} - listed - {""}))


def _make(context: Context, target: str, table: str, column: str, unlisted: tuple[str, ...]) -> int:
    """Records for the column's unknown names; with ``unlisted`` those of these platforms alone."""
    key = own_key(target)
    assert key is not None
    start = prefix(context.name, target)
    canonical = canonical_table(target)
    label = next(name for name in _NAMES if canonical.has(name))
    raw = _bare(context, target, f"substr(f.{named(column)}, {len(start) + 1})")
    begins = [f"starts_with(f.{named(column)}, {quoted(f'{start}{one}/')})" for one in unlisted]
    mine = " OR ".join(begins) or "true"
    mail = canonical.has("email") and label != "email"
    more, value = (
        (", email", f", CASE WHEN {raw} LIKE '%_@_%' THEN {raw} END") if mail else ("", "")
    )
    found = context.connection.execute(
        f"INSERT INTO {named(target)} (client_id, {key}, {label}{more}, _source, _source_id,"
        f" _batch) SELECT DISTINCT {quoted(context.client_id)}, f.{named(column)}, {raw}{value},"
        f" {quoted(context.name)}, {raw}, {quoted(context.batch)} FROM {named(table)} AS f"
        f" WHERE {context.mine('f')} AND f.{named(column)} IS NOT NULL AND ({mine})"
        f" AND NOT EXISTS (SELECT 1 FROM {named(target)} AS r"
        f" WHERE r.client_id = f.client_id AND r.{key} = f.{named(column)})"
    ).fetchone()
    return int(found[0]) if found else 0


def _bare(context: Context, target: str, raw: str) -> str:
    """The name without the platform that stands before it in the id."""
    platforms = {file.platform for file in context.understanding.files if file.platform}
    if target != "campaigns" or not platforms:
        return raw
    listed = quoted_all(sorted(platforms))
    return (
        f"CASE WHEN split_part({raw}, '/', 1) IN ({listed})"
        f" THEN substr({raw}, strpos({raw}, '/') + 1) ELSE {raw} END"
    )
