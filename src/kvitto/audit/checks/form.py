"""The same form sent again by the same person minutes later: one enquiry, not two.

The same person is the same address, or where none is known the same contact.
The same form is the same source system with equal source, its detail,
campaign and product; of two that follow each other directly, what one of them
does not say is taken to be equal. In a chain the first stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Look, Probe, Setting
from kvitto.audit.record import COPIED, Records, alike
from kvitto.audit.scan import is_of
from kvitto.model.finding import Resolution, Severity
from kvitto.model.table import CanonicalTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORM = ("source", "source_detail", "campaign_id", "product")
"""What tells one form from another."""

_LEADS = (
    "SELECT t.rowid AS line, t.client_id, t._source, t.lead_id, t.created_at AS sent,"
    f" {', '.join(f't.{name}' for name in FORM)},"
    " coalesce(nullif(trim(lower(t.email)), ''), nullif(trim(lower(c.email)), ''),"
    " t.contact_id) AS person FROM leads AS t"
    " LEFT JOIN (SELECT client_id, contact_id, any_value(email) AS email FROM contacts"
    " WHERE _excluded IS NULL AND email IS NOT NULL GROUP BY ALL) AS c"
    " ON c.client_id = t.client_id"
    " AND c.contact_id = CASE WHEN t.email IS NULL THEN t.contact_id END"
    " WHERE t._excluded IS NULL AND t.created_at IS NOT NULL AND t.lead_id IS NOT NULL"
    " AND (t.email IS NOT NULL OR t.contact_id IS NOT NULL)"
    " AND t.merged_into_id IS NULL AND NOT coalesce(t.is_deleted, FALSE)"
    " AND NOT coalesce(t.is_test, FALSE)"
)

_DAYS_ALONE = (
    "SELECT (client_id, coalesce(_source, '')) FROM leads WHERE created_at IS NOT NULL"
    " GROUP BY client_id, coalesce(_source, '') HAVING"
    " bool_and(second(created_at) = 0 AND minute(created_at) % 15 = 0)"
    " AND bit_count(bit_or(1 << hour(created_at))) <= 2"
)
"""Sources that give days and no time: all their moments are midnights of a zone."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Look]:
    """The leads of clients with the same rule."""
    if table.name != "leads":
        return
    groups = alike(setting.records, setting.clients, "forms")
    for number, (records, clients) in enumerate(groups):
        if records.forms.do != "keep":
            yield Look("leads", _Forms(number, records, tuple(clients)))


@dataclass(frozen=True, slots=True)
class _Forms:
    number: int
    records: Records
    clients: Sequence[str]

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe]:
        minutes = self.records.forms.within_minutes
        if not self._may_be(connection, minutes):
            return
        marks = f"_forms_{self.number}"
        self._link(connection, minutes)
        _follow(connection)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {marks} AS SELECT l.line AS row, f.lead_id AS kept"
            " FROM _links AS l JOIN _people AS f ON f.line = l.first"
        )
        found = connection.execute(f"SELECT count(*) FROM {marks}").fetchall()[0][0]
        connection.execute("DROP TABLE _links")
        connection.execute("DROP TABLE _people")
        if found:
            yield self._probe(marks, minutes)

    def _may_be(self, connection: DuckDBPyConnection, minutes: int) -> bool:
        """Keep the leads of people who wrote twice within a window; false if there are none.

        Two moments that lie close are in one window of twice the length, or in
        one of those that begin half a window later; equal people have equal
        hashes. So few rows are left to be put in order. Sources that give days
        alone (local midnight, in summer and in winter) cannot tell minutes.
        """
        seconds = minutes * 120
        places = [f"(epoch(sent)::BIGINT + {shift}) // {seconds}" for shift in (0, minutes * 60)]
        whole = f"({_LEADS} AND {is_of(self.clients)})"
        twice = " UNION ".join(
            f"SELECT hash(client_id, person) AS who FROM {whole}"
            f" GROUP BY who, {place} HAVING count(*) > 1"
            for place in places
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE _people AS SELECT * FROM {whole}"
            f" WHERE hash(client_id, person) IN ({twice})"
            f" AND (client_id, coalesce(_source, '')) NOT IN ({_DAYS_ALONE})"
        )
        left = connection.execute("SELECT count(*) FROM _people").fetchall()[0][0]
        if not left:
            connection.execute("DROP TABLE _people")
        return bool(left)

    def _link(self, connection: DuckDBPyConnection, minutes: int) -> None:
        """Each copy with the lead directly before it that it is a copy of."""
        near = f"sent - {{}}.sent <= INTERVAL {minutes} MINUTE"
        order = "ORDER BY sent, lead_id, line"
        me = "client_id, _source, person"
        same = " AND ".join(f"coalesce({name} = prev.{name}, TRUE)" for name in FORM)
        fields = ", ".join(f"{name} := {name}" for name in FORM)
        whole = f"struct_pack(line := line, sent := sent, {fields})"
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE _links AS SELECT line,"
            f" CASE WHEN {near.format('twin')} THEN twin.line ELSE prev.line END AS first FROM ("
            f" SELECT *, lag({whole}) OVER (PARTITION BY {me} {order}) AS prev,"
            f" lag(struct_pack(line := line, sent := sent)) OVER (PARTITION BY {me},"
            f" {', '.join(FORM)} {order}) AS twin FROM _people)"
            f" WHERE {near.format('twin')} OR ({near.format('prev')} AND {same})"
        )

    def _probe(self, marks: str, minutes: int) -> Probe:
        merges = self.records.forms.do == "merge"
        done = "the first of them counts" if merges else "wait for review"
        return Probe(
            code="double_submitted",
            severity=Severity.notice if merges else Severity.warning,
            table="leads",
            column="lead_id",
            condition=f"{ROW}.rowid IN (SELECT row FROM {marks})",
            what=f"are the same form by the same person within {minutes} minutes and {done}"
            if not merges
            else f"are the same form by the same person within {minutes} minutes; {done}",
            todo="Keep the form from being sent twice"
            + ("." if merges else ", or write 'forms: {do: merge}' in rules/."),
            subject="leads",
            clients=tuple(self.clients),
            resolution=Resolution.exclude if merges else Resolution.review,
            rule=f"forms: copies within {minutes} minutes",
            excluded=COPIED,
            decides="analyst" if merges else "account manager",
            marks=marks,
            action="merged" if merges else None,
        )


def _follow(connection: DuckDBPyConnection) -> None:
    """Follow every chain to its first lead, each round twice as far."""
    while True:
        changed = connection.execute(
            "UPDATE _links AS l SET first = n.first FROM _links AS n"
            " WHERE n.line = l.first AND n.first <> l.first"
        ).fetchall()[0][0]
        if not changed:
            return
