"""What is known of one published version, read once and kept.

A version never changes, so what was read of it is never stale. What is kept
is small: days of snapshots, first days, names of members, decisions.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from sqlglot import exp

from kvitto.metrics.answer import Readable
from kvitto.metrics.fence import fenced, from_table
from kvitto.metrics.kept import ISSUES, REGISTERS, STATES, kept_state
from kvitto.model.table import canonical_table
from kvitto.warehouse.version import SourceState

Kept = TypeVar("Kept")

_VERSIONS = 16


@dataclass(slots=True)
class Facts:
    """The facts of one version for one client."""

    reader: Readable
    client: str
    kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def once(self, key: tuple[Any, ...], make: Callable[[], Kept]) -> Kept:
        """What was made for the key before, or made now."""
        if key not in self.kept:
            self.kept[key] = make()
        found: Kept = self.kept[key]
        return found

    def sources(self, table: str) -> tuple[SourceState, ...]:
        """The sources of this client that fill the table; empty means not connected."""
        filling = tuple(
            state
            for state in self.reader.version.sources
            if state.client == self.client and self._fills(state, table)
        )
        return (*filling, *self._kept(table))

    def has_rows(self, table: str) -> bool:
        """Whether there is any row of this client in the table."""
        if not self.reader.version.rows.get(table, 0):
            return False
        query = from_table(table).select("1").limit(1)
        return self.once(("rows", table), lambda: bool(self._rows(query)))

    def known_to(self, table: str) -> date | None:
        """The last day that every source of the table is complete to, if that is known."""
        days = [state.complete_to for state in self.sources(table) if state.complete_to]
        return min(days) if days else None

    def snapshot_days(self, table: str, column: str) -> tuple[date, ...]:
        """The days for which there is a snapshot, in order."""

        def read() -> tuple[date, ...]:
            day = exp.column(column, table=table)
            query = (
                from_table(table).select(day).distinct().where(day.copy().is_(exp.null()).not_())
            )
            return tuple(sorted(row[0] for row in self._rows(query)))

        return self.once(("snapshots", table), read)

    def first_day(self, table: str, columns: tuple[str, ...]) -> date | None:
        """The earliest date in any of these columns; ``None`` without any."""

        def read() -> date | None:
            least = [exp.Min(this=exp.column(name, table=table)) for name in columns]
            days = [day for day in self._rows(from_table(table).select(*least))[0] if day]
            return min(days) if days else None

        return self.once(("first", table, columns), read) if columns else None

    def members(self, table: str) -> Mapping[str, str]:
        """What the records of a table are called, by key; equal names are told apart.

        A later version of a record (``valid_from``) wins over an earlier one.
        """
        return self.once(("members", table), lambda: self._members(table))

    def values(self, table: str, column: str) -> tuple[str, ...]:
        """The texts that stand in a column."""

        def read() -> tuple[str, ...]:
            query = from_table(table).select(exp.column(column, table=table)).distinct()
            return tuple(sorted(str(row[0]) for row in self._rows(query) if row[0] is not None))

        return self.once(("values", table, column), read)

    def applied_count(self, table: str) -> int:
        """How many decisions of the audit concern rows of the table."""

        def read() -> dict[str, int]:
            name = exp.column("table_name", table="_applied")
            query = from_table("_applied").select(name, exp.Count(this=exp.Star()))
            return {str(row[0]): int(row[1]) for row in self._rows(query.group_by(name.copy()))}

        return self.once(("applied",), read).get(table, 0)

    def _fills(self, state: SourceState, table: str) -> bool:
        if table in state.tables:
            return True
        if not self.reader.version.rows.get(table, 0):
            return False

        def read() -> bool:
            source = exp.column("_source", table=table)
            query = from_table(table).select("1").where(source.eq(exp.Literal.string(state.name)))
            return bool(self._rows(query.limit(1)))

        return self.once(("fills", state.name, table), read)

    def _kept(self, table: str) -> tuple[SourceState, ...]:
        """The register itself, where it is ours: it is complete to the last audit."""
        if table not in REGISTERS or not self.reader.version.rows.get(STATES, 0):
            return ()
        days = self.snapshot_days(STATES, "snapshot_on")
        if not days or (table != ISSUES and not self.has_rows(table)):
            return ()
        return (kept_state(self.client, days[-1]),)

    def _members(self, table: str) -> Mapping[str, str]:
        definition = canonical_table(table)
        key = definition.key[0]
        named = "full_name" if definition.has("full_name") else "name"
        columns = [exp.column(key, table=table), exp.column(named, table=table)]
        if definition.has("valid_from"):
            columns.append(exp.column("valid_from", table=table))
        found: dict[str, tuple[Any, str]] = {}
        for row in self._rows(from_table(table).select(*columns)):
            order = row[2] or date.min if len(row) > 2 else date.min
            label = row[1] or str(row[0]).rsplit(":", 1)[-1]
            if row[0] is not None and (order, label) >= found.get(row[0], (date.min, "")):
                found[row[0]] = (order, label)
        return _told_apart({record: label for record, (_, label) in found.items()})

    def _rows(self, query: exp.Select) -> list[tuple[Any, ...]]:
        return self.reader.query(fenced(query, self.client).sql("duckdb"))


_kept: OrderedDict[tuple[str, str, str], dict[tuple[Any, ...], Any]] = OrderedDict()
_lock = Lock()


def facts_of(reader: Readable, client: str) -> Facts:
    """The facts of the reader's version for the client; those read before are kept."""
    key = (reader.version.id, reader.version.digest, client)
    with _lock:
        kept = _kept.setdefault(key, {})
        _kept.move_to_end(key)
        while len(_kept) > _VERSIONS:
            _kept.popitem(last=False)
    return Facts(reader, client, kept)


def _told_apart(labels: Mapping[str, str]) -> Mapping[str, str]:
    counted: dict[str, int] = {}
    for label in labels.values():
        counted[label] = counted.get(label, 0) + 1
    return {
        record: label if counted[label] == 1 else f"{label} ({record.rsplit(':', 1)[-1]})"
        for record, label in labels.items()
    }
