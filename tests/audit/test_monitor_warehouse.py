"""The monitors over a version in memory: one scan for each table, findings with their days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from kvitto.audit import audit, read_findings
from kvitto.audit.monitor import Arrival, watch
from kvitto.audit.monitor.plan import WATCHED, rule_for
from kvitto.audit.monitor.profile import read_profiles
from kvitto.errors import BadDefinition
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import ClientDefinition, RulesDefinition
from kvitto.workspace.folder import load_workspace
from kvitto.workspace.monitor import MonitorRule
from tests.audit.monitor_data import add, warehouse

TODAY = date(2025, 12, 31)
NORTH = {"north": ClientDefinition(name="North"), "south": ClientDefinition(name="South")}


@pytest.fixture
def version() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = warehouse()
    yield connection
    connection.close()


def lead(number: int, day: date, client: str = "north") -> dict[str, object]:
    return {
        "client_id": client,
        "lead_id": f"{client}-{number}",
        "email": f"person{number}@example.com",
        "source": ("web", "paid_search", "referral")[number % 3],
        "created_at": f"{day} 09:{number % 60:02}:00",
        "created_on": day,
    }


def leads(connection: duckdb.DuckDBPyConnection, days: int, client: str = "north") -> None:
    """Eight to eleven enquiries a day, each by somebody else."""
    connection.execute(
        "INSERT INTO leads (client_id, _source, lead_id, email, source, created_at, created_on)"
        " SELECT $client, 'feed', $client || '-' || d || '-' || n,"
        " 'person' || d || '.' || n || '@example.com',"
        " CASE n % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'paid_search' ELSE 'referral' END,"
        " day + to_minutes(n), day FROM"
        " (SELECT d, n, CAST($today AS DATE) - CAST($days - 1 - d AS INTEGER) AS day"
        "  FROM range($days) AS a(d), range(11) AS b(n) WHERE n < 8 + (d * 5) % 4)",
        {"client": client, "today": TODAY, "days": days},
    )


class _Reader:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def query(self, sql: str, parameters: object = None) -> list[tuple[object, ...]]:
        return self._connection.execute(sql, parameters).fetchall()


def told(connection: duckdb.DuckDBPyConnection, **more: object) -> list[Finding]:
    return watch(connection, NORTH, {}, TODAY, **more)  # type: ignore[arg-type]  # an Arrival


def test_a_batch_that_came_again_under_other_ids_is_told(
    version: duckdb.DuckDBPyConnection,
) -> None:
    leads(version, 70)
    day = TODAY - timedelta(days=5)
    version.execute(
        "INSERT INTO leads SELECT * REPLACE ('again-' || lead_id AS lead_id) FROM leads"
        " WHERE created_on = ?",
        [day],
    )
    (finding,) = told(version)
    assert (finding.code, finding.first_day, finding.last_day) == ("duplicated_batch", day, day)


def test_a_day_twice_as_busy_with_other_people_is_no_batch_twice(
    version: duckdb.DuckDBPyConnection,
) -> None:
    leads(version, 70)
    day = TODAY - timedelta(days=5)
    add(version, "leads", [lead(9_000 + n, day) for n in range(10)])
    assert told(version) == []


def test_one_clients_gap_is_no_other_clients(version: duckdb.DuckDBPyConnection) -> None:
    for client in NORTH:
        leads(version, 70, client)
    gone = [TODAY - timedelta(days=n) for n in range(10, 17)]
    version.execute("DELETE FROM leads WHERE client_id = 'south' AND created_on IN ?", [gone])
    (finding,) = told(version)
    assert (finding.client, finding.code, finding.severity) == ("south", "gap", Severity.warning)
    assert (finding.first_day, finding.last_day) == (min(gone), max(gone))


def test_rows_that_do_not_come_up_to_where_the_source_reaches_are_late(
    version: duckdb.DuckDBPyConnection,
) -> None:
    leads(version, 70)
    version.execute("DELETE FROM leads WHERE created_on > ?", [TODAY - timedelta(days=9)])
    assert told(version) == []
    (finding,) = told(version, arrival=Arrival({("north", "feed"): TODAY}))
    assert (finding.code, finding.last_day) == ("late_arrival", TODAY)


def test_a_rule_stops_the_watch_for_one_client_alone(version: duckdb.DuckDBPyConnection) -> None:
    for client in NORTH:
        leads(version, 70, client)
    version.execute("DELETE FROM leads WHERE created_on = ?", [TODAY - timedelta(days=10)])
    version.execute("DELETE FROM leads WHERE created_on = ?", [TODAY - timedelta(days=11)])
    version.execute("DELETE FROM leads WHERE created_on = ?", [TODAY - timedelta(days=12)])
    off = RulesDefinition(clients=("north",), monitors=(MonitorRule(table="leads", off=True),))
    found = watch(version, NORTH, {"quiet": off}, TODAY)
    assert {finding.client for finding in found} <= {"south"}


def test_the_more_exact_rule_holds() -> None:
    whole = RulesDefinition(monitors=(MonitorRule(sensitivity="low"),))
    own = RulesDefinition(
        clients=("north",), monitors=(MonitorRule(source="feed", sensitivity="high"),)
    )
    rules = {"a": own, "b": whole}
    assert rule_for(rules, "north", "feed", "leads").sensitivity == "high"
    assert rule_for(rules, "south", "feed", "leads").sensitivity == "low"
    assert rule_for(rules, "north", "crm", "leads").sensitivity == "low"


def test_what_the_audit_tells_stands_in_the_version_with_its_days(
    version: duckdb.DuckDBPyConnection,
) -> None:
    leads(version, 70)
    gone = [TODAY - timedelta(days=n) for n in range(10, 17)]
    version.execute("DELETE FROM leads WHERE created_on IN ?", [gone])
    audit(version, NORTH, {}, today=TODAY)
    kept = [one for one in read_findings(_Reader(version), {"north"}) if one.code == "gap"]
    assert [(one.first_day, one.last_day) for one in kept] == [(min(gone), max(gone))]
    assert kept[0].model_dump(mode="json")["first_day"] == min(gone).isoformat()


def test_a_finding_without_days_is_written_as_it_always_was() -> None:
    plain = Finding(
        code="x", severity=Severity.notice, client="c", source="s", table="t", rows=1,
        message="m", todo="t",
    )  # fmt: skip
    assert "first_day" not in plain.model_dump(mode="json")


def test_a_column_that_is_empty_now_is_told_until_it_is_filled_again(
    version: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    leads(version, 10)
    paths = [tmp_path / "one.duckdb", tmp_path / "two.duckdb"]
    _copy(version, paths[0])
    version.execute("UPDATE leads SET email = NULL")
    version.execute(f"ATTACH '{paths[0]}' AS previous (READ_ONLY)")
    audit(version, NORTH, {}, today=TODAY, arrival=Arrival(fresh=("feed",)))
    (first,) = _drift(version)
    assert (first.table, first.column) == ("leads", "email")
    _copy(version, paths[1])
    version.execute("DETACH previous")
    version.execute(f"ATTACH '{paths[1]}' AS previous (READ_ONLY)")
    audit(version, NORTH, {}, today=TODAY, arrival=Arrival(fresh=("feed",)))
    assert [one.column for one in _drift(version)] == ["email"]
    version.execute("UPDATE leads SET email = 'a@example.com'")
    audit(version, NORTH, {}, today=TODAY, arrival=Arrival(fresh=("feed",)))
    assert [one.severity for one in _drift(version)] == [Severity.notice]


def _copy(version: duckdb.DuckDBPyConnection, path: Path) -> None:
    version.execute(f"ATTACH '{path}' AS kept")
    version.execute("COPY FROM DATABASE memory TO kept")
    version.execute("DETACH kept")


def _drift(version: duckdb.DuckDBPyConnection) -> list[Finding]:
    found = read_findings(_Reader(version), {"north"})
    return [one for one in found if one.code == "schema_drift"]


@pytest.mark.parametrize("name", sorted(WATCHED))
def test_every_watched_column_is_there_and_an_empty_table_says_nothing(
    version: duckdb.DuckDBPyConnection, name: str
) -> None:
    table, watched = canonical_tables()[name], WATCHED[name]
    named = {watched.day, *watched.measures, *watched.whole, *watched.sizes}
    assert all(table.has(column) for column in named | {watched.label or watched.day})
    assert list(read_profiles(version, watched, TODAY, {})) == []


def test_a_table_is_read_in_two_queries_whatever_its_days_and_clients(
    version: duckdb.DuckDBPyConnection,
) -> None:
    for client in NORTH:
        leads(version, 30, client)
    asked: list[str] = []

    class Counting:
        def __init__(self) -> None:
            self.fetchmany = version.fetchmany

        def execute(self, sql: str, values: object = None) -> duckdb.DuckDBPyConnection:
            asked.append(sql)
            return version.execute(sql, values)

    connection: duckdb.DuckDBPyConnection = Counting()  # type: ignore[assignment]  # counts alone
    profiles = list(read_profiles(connection, WATCHED["leads"], TODAY, {}))
    assert (len(profiles), len(asked)) == (2, 2)
    assert sum(profiles[0].rows) == sum(profiles[1].rows)


def test_rules_on_watching_that_cannot_hold_are_told_with_their_lines(tmp_path: Path) -> None:
    for folder in ("clients", "sources", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "kvitto.yml").write_text("agency: A\n", encoding="utf-8")
    (tmp_path / "clients" / "north.yml").write_text("name: North\n", encoding="utf-8")
    (tmp_path / "sources" / "crm.yml").write_text("client: north\npath: x\n", encoding="utf-8")
    rules = "monitors:\n  - {table: leeds}\n  - {source: cmr}\n"
    rules += "  - {table: leads, off: true}\n  - {table: leads}\n"
    (tmp_path / "rules" / "watch.yml").write_text(rules, encoding="utf-8")
    with pytest.raises(BadDefinition) as caught:
        load_workspace(tmp_path)
    lines = sorted(problem.line or 0 for problem in caught.value.problems)
    assert lines == [2, 3, 5]
    assert "Did you mean 'leads'?" in str(caught.value)
