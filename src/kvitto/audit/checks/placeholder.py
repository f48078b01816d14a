"""Words that fill a field and say nothing: "Select", "- None -", "n/a", "xxx", ".".

Where a rule says so they are emptied before anything else is asked of the
table, so that the rules about missing fields hold for them. What stood there
stays in the row's ``_was``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Look, Probe, Setting, row_column
from kvitto.audit.record import alike
from kvitto.audit.scan import SMALL, condition_of, finding_of, is_of, rows_of, scan, source_of
from kvitto.audit.union import remembered
from kvitto.audit.word import EDGES, placeholder_words, stripped, test_words
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import CanonicalColumn, CanonicalTable
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.schema import APPLIED
from kvitto.workspace.record_rule import PlaceholderRule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST = 30
"""What has more bytes than this is no placeholder."""

SPELLINGS = 200
"""Up to so many spellings are named one by one."""

FEW = 1_000
"""A column of so many values is asked value by value."""

NAMES = ("name", "full_name", "email", "domain")
"""Columns in which a word for a test tells a test record, which is another finding."""

MEANT = ("medium", "locale", "comment", "side", "unit")
"""Columns in which such words mean something, or nothing is made of them."""

RULE = "placeholders: empty"


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Look]:
    """Every free text of the table."""
    columns = tuple(column for column in table.declared if _is_free(table, column))
    if columns:
        for records, clients in alike(setting.records, setting.clients, "placeholders"):
            yield Look(table.name, _Placeholders(table, columns, records.placeholders, clients))


def _is_free(table: CanonicalTable, column: CanonicalColumn) -> bool:
    is_text = column.type == "text" or (column.type == "enum" and not column.values)
    return is_text and column.name not in MEANT and column.name not in table.key


@dataclass(frozen=True, slots=True)
class _Placeholders:
    """Looks for the spellings that occur, column by column; empties them where the rule says so."""

    table: CanonicalTable
    columns: tuple[CanonicalColumn, ...]
    rule: PlaceholderRule
    clients: tuple[str, ...]

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe | Finding]:
        probes = [self._probe(*one) for one in self._conditions(connection)]
        if self.rule.do == "keep" or len(self.table.key) > 1:
            yield from probes
            return
        hits = scan(connection, self.table, probes)
        for probe in dict.fromkeys(hit.probe for hit in hits):
            self._empty(connection, probe)
        for hit in hits:
            told = finding_of(hit)
            yield told.model_copy(update={"message": f"{told.message}; they count as missing"})

    def _conditions(self, connection: DuckDBPyConnection) -> Iterator[tuple[str, str]]:
        """The spellings that occur, as conditions: a short list is quicker than all words."""
        told = {column.name: self._told(column.name) for column in self.columns}
        few = self._few(connection)
        rows = f"{source_of(self.table.name, ())} AND {is_of(self.clients)}"
        asked = []
        for column, condition in told.items():
            place = row_column(column)
            if column in few:
                seen = f"(SELECT DISTINCT {place} FROM {rows}) AS {ROW} WHERE {condition}"
            else:
                seen = f"{rows} AND {condition}"
            asked.append(f"(SELECT list(DISTINCT {place}) FROM {seen})")
        found = connection.execute(f"SELECT {', '.join(asked)}").fetchall()[0]
        for (column, condition), spelled in zip(told.items(), found, strict=True):
            if spelled and len(spelled) < SPELLINGS:
                listed = ", ".join(quoted(str(text)) for text in sorted(spelled))
                condition = f"{row_column(column)} IN ({listed})"
            if spelled:
                yield column, condition

    def _few(self, connection: DuckDBPyConnection) -> frozenset[str]:
        """Columns of a large table that hold few values: those are asked instead of the rows."""
        if rows_of(connection, self.table.name) <= SMALL:
            return frozenset()
        names = [column.name for column in self.columns]
        asked = ", ".join(f'approx_count_distinct("{name}")' for name in names)
        counts = connection.execute(
            f'SELECT {asked} FROM (FROM "{self.table.name}" LIMIT {SMALL})'
        ).fetchall()[0]
        return frozenset(name for name, count in zip(names, counts, strict=True) if count <= FEW)

    def _told(self, column: str) -> str:
        place = row_column(column)
        words = {*placeholder_words(), *map(stripped, self.rule.words), ""}
        if column in NAMES:
            words -= set(test_words())
        listed = ", ".join(f"({quoted(word)})" for word in sorted(words))
        bare = f"trim(lower({place}), {quoted(EDGES)})"
        plain = " AND ".join(_is_plain(f"ord({end})") for end in (place, f"right({place}, 1)"))
        return (
            f"strlen({place}) < {LONGEST} AND CASE WHEN {plain} THEN lower({place}) ELSE {bare} END"
            f" IN (FROM (VALUES {listed}))"
        )

    def _probe(self, column: str, condition: str) -> Probe:
        return Probe(
            code="placeholder",
            severity=Severity.notice,
            table=self.table.name,
            column=column,
            condition=condition,
            what=f"have a word in {column} that stands for nothing",
            todo="Empty the field in the source, or write 'placeholders: {do: empty}' in rules/.",
            subject=self.table.name.replace("_", " "),
            clients=self.clients,
            shows=column,
        )

    def _empty(self, connection: DuckDBPyConnection, probe: Probe) -> None:
        column = str(probe.column)
        rows = f"{source_of(self.table.name, ())} AND {condition_of(probe)}"
        connection.execute(
            f"INSERT INTO {APPLIED} SELECT {ROW}.client_id, '{self.table.name}',"
            f" CAST({row_column(self.table.key[0])} AS VARCHAR), 'emptied', ?, ?,"
            f" concat('\"', {row_column(column)}, '\" stands for nothing'), NULL FROM {rows}",
            [RULE, column],
        )
        connection.execute(
            f'UPDATE "{self.table.name}" AS {ROW} SET "{column}" = NULL,'
            f" _was = {remembered(column)}"
            f" WHERE {ROW}._excluded IS NULL AND {condition_of(probe)}"
        )


def _is_plain(code: str) -> str:
    """Whether a text begins, or ends, with a letter or digit: most do, and need no stripping."""
    return f"({code} BETWEEN 97 AND 122 OR {code} BETWEEN 65 AND 90 OR {code} BETWEEN 48 AND 57)"
