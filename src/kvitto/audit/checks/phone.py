"""Telephone numbers that cannot be dialled, and those that lack their country.

The canonical form is that of E.164: a plus, the country, the number. The form
is looked at for all rows; whether a country has numbers of that length is asked
once for each country code and length; only what has another form is read
number by number, with the client's own country in mind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Look, Probe, Setting, row_column
from kvitto.audit.record import Records, alike
from kvitto.audit.scan import is_of
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalColumn, CanonicalTable
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 20_000
"""How many distinct numbers of another form are read; the rest is judged by its form alone."""

_PRINTED = r"[\s().\-/ ]|\(0\)"
"""What people put between digits."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Look]:
    """Every column that holds a telephone number."""
    for column in table.declared:
        if column.name == "phone" or column.name.endswith("_phone"):
            groups = alike(setting.records, setting.clients, "country")
            for number, (records, clients) in enumerate(groups):
                yield Look(table.name, _Phones(table, column, number, records, clients))


@dataclass(frozen=True, slots=True)
class _Phones:
    table: CanonicalTable
    column: CanonicalColumn
    number: int
    records: Records
    clients: Sequence[str]

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe]:
        place = row_column(self.column.name)
        printed = (
            f"regexp_replace(regexp_replace({place}, '\\(0\\)', '', 'g'), {_between()}, '', 'g')"
        )
        dense = f"regexp_full_match({place}, '\\+[1-9][0-9]{{6,14}}')"
        digits = f"CASE WHEN {dense} THEN {place} ELSE {printed} END"
        rows = (
            f'"{self.table.name}" AS {ROW} WHERE {ROW}._excluded IS NULL AND {is_of(self.clients)}'
        )
        whole = f"regexp_full_match({printed}, '(\\+|00)[1-9][0-9]{{6,14}}')"
        international = f"CASE WHEN {dense} THEN TRUE ELSE {whole} END"
        shapes = connection.execute(
            f"SELECT left(digits, 6) AS begins, strlen(digits) AS long, min(digits)"
            f" FROM (SELECT {digits} AS digits FROM {rows} AND {international}) GROUP BY 1, 2"
        ).fetchall()
        wrong = [(begins, long) for begins, long, one in shapes if not _possible(one, None)]
        others = connection.execute(
            f"SELECT DISTINCT {place} FROM {rows} AND NOT {international} ORDER BY 1 LIMIT {MOST}"
        ).fetchall()
        no_number = [str(one) for (one,) in others if not _possible(one, self.records.country)]
        local = [str(one) for (one,) in others if _possible(one, self.records.country)]
        listed = ", ".join(f"({quoted(begins)}, {long})" for begins, long in wrong)
        parts = [f"{place} IN ({_listed(no_number)})"] if no_number else []
        if wrong:
            parts.append(
                f"({international} AND (left({digits}, 6), strlen({digits})) IN ({listed}))"
            )
        if len(others) == MOST:
            parts.append(f"NOT regexp_matches({place}, '[0-9].*[0-9].*[0-9].*[0-9].*[0-9]')")
        if parts:
            yield self._wrong(" OR ".join(parts))
        if local:
            yield self._local(f"{place} IN ({_listed(local)})")

    def _wrong(self, condition: str) -> Probe:
        return Probe(
            code="invalid_phone",
            severity=Severity.notice,
            table=self.table.name,
            column=self.column.name,
            condition=condition,
            what=f"have no telephone number in {self.column.name} that can be dialled",
            todo="Correct the number in the source.",
            subject=self.table.name.replace("_", " "),
            clients=tuple(self.clients),
            shows=self.column.name,
        )

    def _local(self, condition: str) -> Probe:
        return Probe(
            code="local_phone",
            severity=Severity.notice,
            table=self.table.name,
            column=self.column.name,
            condition=condition,
            what=f"have a telephone number without its country in {self.column.name}",
            todo=f"They are numbers of {self.records.country}; write them with a plus and the"
            " country, or they can be dialled at home alone.",
            subject=self.table.name.replace("_", " "),
            clients=tuple(self.clients),
        )


def _between() -> str:
    return quoted(r"[\s().\-/\x{00A0}]")


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(quoted(text) for text in texts)


def _possible(text: str, country: str | None) -> bool:
    """Whether there are numbers of this length in its country."""
    import phonenumbers

    number = f"+{text[2:]}" if text.startswith("00") else text
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, country))
    except phonenumbers.NumberParseException:
        return False
