"""A published version as it would be if one mapping held, without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.audit.label.occurrence import Queried
from kvitto.errors import WrongUse
from kvitto.model.table import canonical_tables
from kvitto.warehouse.quoting import named, quoted
from kvitto.warehouse.version import Version
from kvitto.workspace.concept import Place, places_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY = "1GB"
_NAMED = {"loss_reason_id": "loss_reasons", "stage_id": "stages"}


@dataclass(slots=True)
class Overlay:
    """A version in which some columns read otherwise; it answers like a reader."""

    version: Version
    connection: DuckDBPyConnection

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows that the SQL gives."""
        return self.connection.execute(sql, dict(parameters) if parameters else None).fetchall()

    def copy_parquet(self, sql: str, target: Path) -> Path:
        """Refused: what is only tried out is not kept."""
        raise WrongUse.of("keep lines of a preview", "nothing of it is kept", "Decide first.")


@contextmanager
def overlaid(
    path: Path, version: Version, client: str, concept: str, condition: str, canonical: str
) -> Iterator[Overlay]:
    """The version with the labels of the concept that meet ``condition`` called ``canonical``.

    ``condition`` is SQL over ``label``. Only rows of the client change.
    """
    import duckdb

    connection = duckdb.connect(config={"memory_limit": _MEMORY})
    try:
        connection.execute(f"ATTACH {quoted(path)} AS version (READ_ONLY)")
        connection.execute("SET enable_progress_bar = false")
        changed = _views(connection, client, concept, condition, canonical)
        for name in _tables(connection):
            if name not in changed:
                connection.execute(
                    f"CREATE VIEW {named(name)} AS SELECT * FROM version.main.{named(name)}"
                )
        mark = f"{version.id}+{concept}:{condition}={canonical}"
        yield Overlay(replace(version, id=mark, digest=mark), connection)
    finally:
        connection.close()


def _tables(connection: DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'version'"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _views(
    connection: DuckDBPyConnection, client: str, concept: str, condition: str, canonical: str
) -> set[str]:
    """Views in the place of the tables that hold the concept; gives their names."""
    by_table: dict[str, list[str]] = {}
    whose = f"client_id = {quoted(client)}"
    for place in places_of(concept):
        text = _replaced(place, whose, condition, canonical)
        if text is not None:
            by_table.setdefault(place.table, []).append(text)
    for table, parts in by_table.items():
        connection.execute(
            f"CREATE VIEW {named(table)} AS SELECT * REPLACE ({', '.join(parts)})"
            f" FROM version.main.{named(table)}"
        )
    return set(by_table)


def _replaced(place: Place, whose: str, condition: str, canonical: str) -> str | None:
    """The column's expression; of a column that points to a record, the record of that name."""
    column = named(place.column)
    holds = condition.replace("label", column)
    if place.definition.type != "id":
        meant = quoted(canonical)
        return f"CASE WHEN {whose} AND {holds} THEN {meant} ELSE {column} END AS {column}"
    target = _NAMED.get(place.column)
    if target is None or target not in canonical_tables():
        return None
    record = f"version.main.{target}"
    named_so = condition.replace("label", "n.name")
    whole = f"SELECT n.{column} FROM {record} AS n WHERE n.{whose}"
    other = f"(SELECT min(n.{column}) FROM {record} AS n WHERE n.{whose} AND n.name = "
    return (
        f"CASE WHEN {whose} AND {column} IN ({whole} AND {named_so}) THEN"
        f" coalesce({other}{quoted(canonical)}), {column}) ELSE {column} END AS {column}"
    )


def condition_of(kind: str, text: str, labels: Sequence[str]) -> str:
    """The condition on ``label`` that a rule of this kind takes up; ``labels`` are those known
    to fold to the text."""
    if kind == "pattern":
        return f"regexp_full_match(label, {quoted(text)}, 'i')"
    listed = ", ".join(quoted(one) for one in ([text] if kind == "exact" else labels))
    return f"label IN ({listed})" if listed else "FALSE"


def matching(reader: Queried, condition: str, labels: Sequence[str]) -> list[str]:
    """Those of the labels that the condition takes up."""
    rows = reader.query(
        f"SELECT label FROM (SELECT unnest($labels::VARCHAR[]) AS label) WHERE {condition}"
        " ORDER BY 1",
        {"labels": sorted(set(labels))},
    )
    return [str(row[0]) for row in rows]
