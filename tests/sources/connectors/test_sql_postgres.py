"""A real PostgreSQL: types, snapshots, late commits, rights, and what breaks in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.errors import BadDefinition, BadSource, SourceBusy, SourceRefused, SourceUnreachable
from kvitto.sources import Staged
from kvitto.sources.connector import Progress, silent
from kvitto.testing.workplace import Workplace, rows_of, workplace
from tests.postgres import Cluster, running_cluster
from tests.sources.connectors.stand_in import sql

CHANGES = {"name": "events", "keeping": "changes", "cursor": "at"}
EVENTS = """
CREATE TABLE events (id bigint PRIMARY KEY, name text, at {type}, gone boolean);
CREATE INDEX ON events (at);
"""


@dataclass(frozen=True)
class Site:
    """A database and a workspace that reads it."""

    database: Any
    place: Workplace

    def read(self, progress: Progress = silent) -> Staged:
        return self.place.read(progress)

    def rows(self, *columns: str, table: int = 0) -> list[tuple[Any, ...]]:
        return held(self.read(), *columns, table=table)


def held(staged: Staged, *columns: str, table: int = 0) -> list[tuple[Any, ...]]:
    chosen = staged.tables[table].relation_sql
    return duckdb.sql(f"SELECT {', '.join(columns)} FROM {chosen} ORDER BY ALL").fetchall()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with running_cluster() as cluster:
        yield cluster


Make = Callable[..., Site]


@pytest.fixture
def make(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    opened: list[Any] = []

    def made(tables: str, *read: dict[str, Any], settings: dict[str, Any] | None = None) -> Site:
        entering = sql.stand_in(cluster, list(read), tables)
        database = entering.__enter__()
        opened.append(entering)
        told = {**database.settings, **(settings or {})}
        place = workplace(tmp_path, "sql", told, database.secrets, monkeypatch)
        opened.append(place)
        return Site(database, place.__enter__())

    yield made
    for one in reversed(opened):
        one.__exit__(None, None, None)


TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN cents AS numeric(20, 4);
CREATE TABLE t (id int PRIMARY KEY, price cents, ratio double precision, cash money, yes boolean,
  zoned timestamptz, clock timestamp, day date, code varchar(10), padded char(5), who uuid,
  doc jsonb, list int[], feeling mood, raw bytea, words text);
INSERT INTO t VALUES (1, 1234567890123456.7891, 0.1, 12.34, true,
  '2026-03-29 03:30:00.123456+02', '2026-03-29 02:30:00.5', '2026-02-28', '007', 'ab',
  '12345678-1234-1234-1234-123456789012', '{"a": "å\\nb"}', '{1,2}', 'ok', '\\xff',
  E'line\\n"quoted", and a tab\\t'), (2);
"""


def test_every_type_is_kept_exactly_and_read_as_the_database_says(make: Make) -> None:
    staged = make(TYPES.replace(", (2)", ""), {"name": "t"}).read()
    (row,) = held(staged, "* EXCLUDE (_deleted)")
    assert row == (
        *("1", "1234567890123456.7891", "0.1", "12.34", "true"),
        *("2026-03-29 01:30:00.123456+00", "2026-03-29 02:30:00.5", "2026-02-28", "007", "ab"),
        *("12345678-1234-1234-1234-123456789012", '{"a": "å\\nb"}', "[1,2]", "ok"),
        'line\n"quoted", and a tab\t',
    )
    kinds = {column.name: column.format.kind for column in staged.tables[0].columns}
    assert (kinds["price"], kinds["day"], kinds["yes"], kinds["doc"]) == (
        *("number", "date", "bool"),
        "text",
    )
    zoned = {column.name for column in staged.tables[0].columns if column.format.zoned}
    assert zoned == {"zoned"}
    assert [one.code for one in staged.findings] == ["column_set_aside"]


def test_a_table_without_a_word_of_ours_is_recognised_like_a_file(make: Make) -> None:
    site = make(sql.TABLES, {"name": "deals"}, {"name": "accounts"})
    staged = site.read()
    report = site.place.conform(staged)
    assert report.rows["deals"] == 60
    assert report.rows["accounts"] == 7
    assert not any(table.declared for table in staged.tables)


def test_one_column_that_is_empty_everywhere_keeps_its_rows(make: Make) -> None:
    assert make("CREATE TABLE t (a text); INSERT INTO t VALUES (NULL), (NULL), ('')", {"name": "t"})
    site = make("CREATE TABLE t (a text); INSERT INTO t VALUES (NULL), (NULL), ('')", {"name": "t"})
    assert site.rows("a") == [(None,)] * 3


def test_all_tables_of_a_run_are_seen_at_the_same_moment(make: Make) -> None:
    made = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);"
    site = make(
        made + "INSERT INTO a VALUES (0); INSERT INTO b VALUES (0)", {"name": "a"}, {"name": "b"}
    )

    def between(_step: str, done: int, _total: int) -> None:
        if done == 1:  # the first table was read, the second comes now
            site.database.run("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)")

    seen = site.read(between)
    assert (held(seen, "id"), held(seen, "id", table=1)) == ([("0",)], [("0",)])
    later = site.read()
    assert held(later, "id") == held(later, "id", table=1) == [("0",), ("1",)]


def test_only_what_changed_is_asked_for_and_nothing_new_changes_nothing(make: Make) -> None:
    site = make(
        EVENTS.format(type="timestamptz")
        + "INSERT INTO events SELECT i, 'e', now() - interval '9 days' + i * interval '1 hour'"
        " FROM generate_series(1, 100) i",
        CHANGES,
    )
    first = site.read()
    site.database.run("UPDATE events SET name = 'silent' WHERE id = 1")  # without a new time
    assert rows_of(site.read()) == rows_of(first)
    site.database.run("UPDATE events SET name = 'told', at = now() WHERE id = 2")
    names = dict(site.rows("id", "name"))
    assert (names["1"], names["2"], len(names)) == ("e", "told", 100)


def test_microseconds_ties_and_rows_without_a_time_are_not_missed(make: Make) -> None:
    table = {**CHANGES, "overlap_minutes": 0}
    site = make(EVENTS.format(type="timestamptz"), table)
    moment = "2026-01-01 00:00:00.123456+00"
    site.database.run(f"INSERT INTO events VALUES (1, 'a', '{moment}'), (2, 'b', NULL)")
    site.read()
    site.database.run(
        f"INSERT INTO events VALUES (3, 'tie', '{moment}'),"
        " (4, 'next', '2026-01-01 00:00:00.123457+00');"
        "UPDATE events SET name = 'changed' WHERE id = 2"
    )
    names = ["a", "changed", "tie", "next"]
    assert site.rows("id", "name") == [(str(n), name) for n, name in enumerate(names, 1)]


def test_a_long_transaction_that_commits_late_is_found_by_the_overlap(make: Make) -> None:
    site = make(EVENTS.format(type="timestamptz"), CHANGES)
    site.database.run("INSERT INTO events VALUES (1, 'early', '2026-01-01 12:00+00')")
    site.read()
    site.database.run("INSERT INTO events VALUES (2, 'late', '2026-01-01 11:55+00')")
    site.database.run("INSERT INTO events VALUES (3, 'too late', '2026-01-01 11:30+00')")
    assert site.rows("id") == [("1",), ("2",)]


def test_the_hour_that_a_clock_without_a_zone_shows_twice_is_read_again(make: Make) -> None:
    site = make(EVENTS.format(type="timestamp"), CHANGES)
    site.database.run("INSERT INTO events VALUES (1, 'summer', '2026-10-25 02:55')")
    site.read()
    site.database.run("INSERT INTO events VALUES (2, 'winter', '2026-10-25 02:01')")
    assert site.rows("id") == [("1",), ("2",)]


def test_times_that_are_none_do_not_move_the_cursor(make: Make) -> None:
    site = make(EVENTS.format(type="timestamptz"), CHANGES)
    site.database.run(
        "INSERT INTO events VALUES (1, 'a', '2026-01-01'), (2, 'b', 'infinity'),"
        " (3, 'c', '-infinity'), (4, 'd', '0044-03-15 BC')"
    )
    site.read()
    site.database.run("INSERT INTO events VALUES (5, 'e', '2026-01-02')")
    assert len(site.rows("id")) == 5


@pytest.mark.parametrize("flag", ["gone", "left_at"])
def test_a_row_that_is_flagged_is_deleted(make: Make, flag: str) -> None:
    made = EVENTS.format(type="timestamptz") + "ALTER TABLE events ADD left_at timestamptz;"
    site = make(made, {**CHANGES, "deleting": "flag", "deleted_field": flag})
    site.database.run("INSERT INTO events VALUES (1, 'a', '2026-01-01'), (2, 'b', '2026-01-01')")
    assert len(site.rows("id")) == 2
    value = {"gone": "true", "left_at": "now()"}[flag]
    site.database.run(f"UPDATE events SET {flag} = {value}, at = '2026-01-02' WHERE id = 1")
    assert site.rows("id") == [("2",)]


def test_a_row_that_is_gone_is_found_by_its_id(make: Make) -> None:
    made = "CREATE TABLE e (a int, b text, at timestamptz, PRIMARY KEY (a, b));"
    site = make(made, {**CHANGES, "name": "e", "deleting": "ids"})
    site.database.run("INSERT INTO e VALUES (1, 'x', now()), (1, 'y', now()), (2, 'x', now())")
    assert len(site.rows("a")) == 3
    site.database.run("DELETE FROM e WHERE b = 'y'")
    assert site.rows("a", "b") == [("1", "x"), ("2", "x")]


def test_a_table_that_may_not_be_read_leaves_the_others(make: Make) -> None:
    site = make(sql.TABLES, {"name": "deals"}, {"name": "accounts"})
    user = f"{sql.READER}_{site.database.name}"
    site.database.run(f"REVOKE SELECT ON deals FROM {user}")
    staged = site.read()
    (told,) = [one for one in staged.findings if one.code == "table_refused"]
    assert (told.severity.value, told.table) == ("error", "deals")
    assert [table.name for table in staged.tables] == ["accounts"]
    assert dict(site.place.check().refused).keys() == {"deals"}
    site.database.run(f"REVOKE SELECT ON accounts FROM {user}")
    with pytest.raises(SourceRefused, match="may not read"):
        site.read()


def test_a_table_that_was_read_and_may_not_be_any_more_is_a_refusal(make: Make) -> None:
    site = make(sql.TABLES, {"name": "deals"}, {"name": "accounts"})
    site.read()
    user = f"{sql.READER}_{site.database.name}"
    site.database.run(f"REVOKE SELECT ON deals FROM {user}; DELETE FROM accounts")
    with pytest.raises(SourceRefused, match="may not read deals"):
        site.read()
    site.database.run(f"GRANT SELECT ON deals TO {user}")
    assert len(site.rows("deal_id")) == 60


def test_columns_that_may_not_be_read_are_left_out(make: Make) -> None:
    site = make("CREATE TABLE t (id int PRIMARY KEY, pay int); INSERT INTO t VALUES (1, 2)")
    user = f"{sql.READER}_{site.database.name}"
    site.database.run(f"REVOKE SELECT ON t FROM {user}; GRANT SELECT (id) ON t TO {user}")
    site.database.tables.append({"name": "t"})
    assert [column.name for column in site.read().tables[0].columns] == ["id", "_deleted"]


def test_nothing_is_written_whatever_a_view_does(make: Make) -> None:
    site = make(
        "CREATE TABLE log (n int); CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER"
        " AS 'INSERT INTO log VALUES (1) RETURNING n'; CREATE VIEW v AS SELECT f() AS n",
        {"name": "v"},
    )
    with pytest.raises(SourceUnreachable, match="read-only transaction"):
        site.read()
    assert site.database.run("SELECT count(*) FROM log") == "0"


def test_a_statement_that_takes_too_long_is_ended(make: Make) -> None:
    site = make(
        "CREATE VIEW v AS SELECT count(*) AS n FROM generate_series(1, 100000000000) a",
        {"name": "v"},
        settings={"timeout_seconds": 1},
    )
    with pytest.raises(SourceUnreachable, match="timeout"):
        site.read()


def test_a_database_without_its_name_or_its_user_is_a_refusal(make: Make) -> None:
    site = make("CREATE TABLE t (id int)", {"name": "t"})
    settings = site.place.definition.settings
    settings["url"] = settings["url"].rpartition("/")[0] + "/elsewhere"
    with pytest.raises(SourceRefused, match="does not exist"):
        site.read()


def test_a_name_is_found_with_its_schema_and_as_it_is_written(make: Make) -> None:
    made = (
        'CREATE SCHEMA "Sales"; CREATE TABLE "Sales"."Big Deals" ("Deal ID" int PRIMARY KEY,'
        " a int);"
        'INSERT INTO "Sales"."Big Deals" VALUES (1, 2); GRANT USAGE ON SCHEMA "Sales" TO public;'
        'GRANT SELECT ON "Sales"."Big Deals" TO public;'
    )
    tables = ({"name": "Sales.Big Deals", "as": "big"}, {"name": "Sales.Big Deal", "as": "none"})
    with pytest.raises(BadDefinition, match=r"Did you mean 'Sales\.Big Deals'"):
        make(made, *tables).read()
    site = make(made, tables[0])
    assert site.rows('"Deal ID"', "a") == [("1", "2")]


def test_a_query_with_a_join_is_read_and_a_doubled_name_refused(make: Make) -> None:
    joined = "FROM deals JOIN accounts USING (account_id) WHERE amount > 5000"
    query = {"query": f"SELECT deal_id, account_name, amount {joined};", "as": "big"}
    site = make(sql.TABLES, query)
    assert len(site.rows("deal_id", "account_name", "amount")) == 11
    twice = {"query": f"SELECT account_name, account_name {joined}", "as": "twice"}
    with pytest.raises(BadDefinition, match="two of its columns are called 'account_name'"):
        make(sql.TABLES, twice).read()
    wrong = {"query": f"SELECT deal_idd {joined}", "as": "wrong"}
    with pytest.raises(BadSource, match="deal_idd"):
        make(sql.TABLES, wrong).read()


MANY = (
    EVENTS.format(type="timestamptz")
    + "INSERT INTO events SELECT i, repeat('x', 90), timestamptz '2026-01-01' + i * interval '1 s'"
    " FROM generate_series(1, 60000) i; ANALYZE events;"
)


def test_a_connection_that_breaks_leaves_what_was_kept_and_the_next_run_goes_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvitto.sources.connectors.sql.write.STEP_ROWS", 5_000)
    monkeypatch.setattr("kvitto.sources.connectors.sql.postgres._BYTES", 200_000)
    site = make(MANY, {**CHANGES, "deleting": "ids"})
    site.database.door.cut_after(4_000_000)
    with pytest.raises(SourceUnreachable, match="goes on"):
        site.read()
    state = (site.place.root / ".kvitto/landing/vendor/state.json").read_text()
    assert '"cursor": "2026-01-01' in state
    site.database.door.mend()
    assert len(site.rows("id")) == 60_000


def test_a_table_that_somebody_changes_is_not_waited_for_long(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setattr("kvitto.sources.connectors.sql.postgres._LOCK_SECONDS", 1)
    site = make("CREATE TABLE t (id int)", {"name": "t"})
    url = site.database.cluster.url(site.database.name, "postgresql")
    with psycopg.connect(url) as owner:
        owner.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceBusy):
            site.read()
        owner.rollback()
    assert site.rows("id") == []


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_who_is_thrown_out_in_the_middle_reads_all_of_it_the_next_time(make: Make) -> None:
    site = make(
        "CREATE VIEW v AS SELECT i AS id, pg_sleep(0.02)::text AS s FROM generate_series(1, 200) i",
        {"name": "v", "key": "id"},
    )
    user = f"{sql.READER}_{site.database.name}"
    end = (
        "DO $$ BEGIN FOR n IN 1..500 LOOP"
        " PERFORM pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE usename = '{user}' AND query LIKE 'COPY%'; EXIT WHEN FOUND;"
        " PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.02); END LOOP; END $$"
    )
    with meanwhile(lambda: site.database.run(end)), pytest.raises(SourceUnreachable):
        site.read()
    assert len(site.rows("id")) == 200


def test_bytes_that_are_no_text_do_not_stop_a_database_without_an_encoding(
    cluster: Cluster, make: Make
) -> None:
    site = make("CREATE TABLE t (id int)", {"name": "t"})
    name = f"ascii_{site.database.name}"
    cluster.run(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0")
    cluster.run(
        "CREATE TABLE t (id int, a text); INSERT INTO t VALUES (1, E'\\xe5');"
        " GRANT SELECT ON t TO public;",
        name,
    )
    settings = site.place.definition.settings
    settings["url"] = settings["url"].rpartition("/")[0] + f"/{name}"
    assert site.rows("id", "a") == [("1", "å")]
