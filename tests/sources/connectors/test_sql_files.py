"""SQLite and DuckDB files, read like any other database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.errors import BadDefinition, BadSource, SourceBusy
from kvitto.sources import Staged, StagedTable, read_source
from kvitto.testing.workplace import rows_of
from kvitto.workspace.definition import SourceDefinition

MADE = """
CREATE TABLE deals (deal_id INTEGER PRIMARY KEY, name TEXT, amount DECIMAL(10, 2), won BOOLEAN,
  closed DATE, updated_at DATETIME, scan BLOB, note TEXT);
INSERT INTO deals VALUES
  (1, 'One', 0.1, 1, '2026-01-31', '2026-03-01 10:00:00', x'00', 'N/A'),
  (2, 'Två', 1234567.89, 0, '2026-02-13', '2026-03-01T10:05:00Z', NULL, 'a "quoted", line
and another'),
  (3, NULL, 10, 0, NULL, NULL, NULL, '');
CREATE VIEW won AS SELECT deal_id, amount FROM deals WHERE won;
"""
CHANGES = {"name": "deals", "keeping": "changes", "cursor": "updated_at"}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.executescript(MADE)
    yield connection
    connection.close()


def read(root: Path, *tables: dict[str, Any], url: str = "sqlite:///crm.db", **more: Any) -> Staged:
    told = {"kind": "sql", "client": "acme", "settings": {"url": url, "tables": tables}, **more}
    return read_source("crm", SourceDefinition.model_validate(told), root)


def held(staged: Staged, *columns: str) -> list[tuple[Any, ...]]:
    (table,) = staged.tables
    return duckdb.sql(
        f"SELECT {', '.join(columns)} FROM {table.relation_sql} ORDER BY ALL"
    ).fetchall()


def kinds(table: StagedTable) -> dict[str, str]:
    return {column.name: column.format.kind for column in table.columns}


def test_values_of_sqlite_are_kept_exactly(file: sqlite3.Connection, tmp_path: Path) -> None:
    staged = read(tmp_path, {"name": "deals"})
    assert held(staged, "deal_id", "name", "amount", "note") == [
        ("1", "One", "0.1", None),
        ("2", "Två", "1234567.89", 'a "quoted", line\nand another'),
        ("3", None, "10", None),
    ]
    assert kinds(staged.tables[0])["amount"] == "number"
    assert kinds(staged.tables[0])["closed"] == "date"
    assert not staged.tables[0].declared


def test_bytes_are_set_aside_with_a_notice(file: sqlite3.Connection, tmp_path: Path) -> None:
    staged = read(tmp_path, {"name": "deals"})
    (notice,) = [one for one in staged.findings if one.code == "column_set_aside"]
    assert "scan" in notice.message
    assert staged.tables[0].column("scan") is None


def test_changes_of_sqlite_are_found_however_times_are_written(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    assert len(held(read(tmp_path, CHANGES), "deal_id")) == 3
    file.executescript(
        "UPDATE deals SET name = 'Zwei', updated_at = '2026-03-01 12:00:00+01:00'"
        " WHERE deal_id = 2;"
        "UPDATE deals SET name = 'Three' WHERE deal_id = 3;"  # it has no time of change at all
        "UPDATE deals SET name = 'Old' WHERE deal_id = 1;"  # within the overlap
    )
    names = held(read(tmp_path, CHANGES), "deal_id", "name")
    assert names == [("1", "Old"), ("2", "Zwei"), ("3", "Three")]


def test_a_view_without_a_key_keeps_rows_that_are_equal(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    file.executescript("CREATE VIEW twice AS SELECT 'x' AS a FROM deals")
    first, second = (read(tmp_path, {"name": "twice"}) for _ in range(2))
    assert held(first, "a") == [("x",)] * 3
    assert first.revision == second.revision
    assert {column.name for column in first.tables[0].columns} == {"a", "_deleted"}


def test_a_key_that_rows_share_is_refused_and_loses_nothing(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    with pytest.raises(BadSource, match="2 rows share it"):
        read(tmp_path, {"name": "deals", "key": "won"})
    with pytest.raises(BadSource, match="1 lack it"):
        read(tmp_path, {"name": "deals", "key": "name"})


def test_what_the_catalogue_does_not_know_is_said_all_together(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    with pytest.raises(BadDefinition) as raised:
        read(
            tmp_path,
            {"name": "deal"},
            {"name": "deals", "key": "deal_no", "fields": ["amout"], "as": "b"},
            {"name": "won", "keeping": "changes", "cursor": "deal_id"},
            {"query": "DELETE FROM deals", "as": "c"},
        )
    said = str(raised.value)
    assert "Did you mean 'deals'?" in said
    assert "Did you mean 'amount'?" in said
    assert "it has no primary key" in said
    assert "it is no SELECT but DELETE" in said
    assert len(raised.value.problems) == 5


def test_nothing_named_lists_what_there_is(file: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="the database has: deals, won"):
        read(tmp_path)


def test_a_query_is_a_table_like_any_other(file: sqlite3.Connection, tmp_path: Path) -> None:
    query = "SELECT name AS n, amount * 2 AS twice FROM deals -- two\n WHERE name IS NOT NULL;"
    staged = read(tmp_path, {"query": query, "as": "doubled"})
    assert held(staged, "n", "twice") == [("One", "0.2"), ("Två", "2469135.78")]


@pytest.mark.parametrize("content", [b"", b"deal_id,name\n1,One\n"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "crm.db").write_bytes(content)
    with pytest.raises((BadSource, BadDefinition)):
        read(tmp_path, {"name": "deals"})
    with pytest.raises(BadSource):
        read(tmp_path, {"name": "deals"}, url="duckdb:///crm.db")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "crm.db").touch()
    with pytest.raises(BadSource, match=r"Did you mean 'crm\.db'"):
        read(tmp_path, {"name": "deals"}, url="sqlite:///crn.db")
    assert not (tmp_path / "crn.db").exists()


def test_types_of_duckdb_are_taken_at_its_word(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as made:
        made.execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a DECIMAL(20, 4), moment TIMESTAMPTZ,"
            " clock TIMESTAMP, tags VARCHAR[], d DATE, code VARCHAR)"
        )
        made.execute(
            "INSERT INTO t VALUES (1, 1234567890123456.7891, '2026-01-01 10:00:00+01',"
            " '2026-01-01 10:00:00', ['x', 'y'], '2026-01-01', '007'), (2, NULL, NULL, NULL,"
            " NULL, NULL, 'A1')"
        )
    staged = read(tmp_path, {"name": "t"}, url="duckdb:///crm.duckdb")
    assert held(staged, "a", "moment", "clock", "tags")[0] == (
        "1234567890123456.7891",
        "2026-01-01 09:00:00+00",
        "2026-01-01 10:00:00",
        '["x","y"]',
    )
    found = {column.name: column.format for column in staged.tables[0].columns}
    assert (found["moment"].kind, found["moment"].zoned) == ("instant", True)
    assert (found["clock"].kind, found["clock"].zoned) == ("instant", False)
    assert (found["d"].kind, found["a"].kind, found["code"].kind) == ("date", "number", "text")


def test_a_database_of_duckdb_reads_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    duckdb.connect(str(tmp_path / "crm.duckdb")).close()
    url = "duckdb:///crm.duckdb"
    query = f"SELECT * FROM '{tmp_path}/secret.csv'"
    with pytest.raises(BadSource, match="disabled"):
        read(tmp_path, {"query": query, "as": "x"}, url=url)


def test_a_column_that_went_and_one_that_is_another_now_are_told(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    read(tmp_path, {"name": "deals"})
    file.executescript("ALTER TABLE deals RENAME COLUMN note TO remark")
    for _ in range(2):  # it is told until somebody has acted
        staged = read(tmp_path, {"name": "deals"})
        (gone,) = [one for one in staged.findings if one.code == "column_gone"]
        assert gone.column == "note"
    file.executescript("DROP TABLE deals; DROP VIEW won")
    with pytest.raises(BadDefinition, match="no such table"):
        read(tmp_path, {"name": "deals"})


def test_days_are_read_again_and_rows_without_one_are_counted(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    table = {"name": "deals", "keeping": "days", "cursor": "closed", "settles_days": 3000}
    first = read(tmp_path, table, since="2026-01-01")
    assert held(first, "deal_id") == [("1",), ("2",)]
    (told,) = [one for one in first.findings if one.code == "days_not_read"]
    assert told.rows == 1
    file.executescript("DELETE FROM deals WHERE deal_id = 1")
    assert held(read(tmp_path, table, since="2026-01-01"), "deal_id") == [("2",)]


def test_a_column_that_only_the_source_file_names_is_kept_or_missed(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    table = {"name": "deals", "fields": ["name"]}
    more = [{"file": "deals", "fill": {"deals": {"deal_id": "deal_id", "amount": "amount"}}}]
    staged = read(tmp_path, table, tables=more)
    assert held(staged, "deal_id", "name", "amount")[0] == ("1", "One", "0.1")
    wrong = [{"file": "deals", "fill": {"deals": {"deal_id": "deal_id", "amount": "amuont"}}}]
    with pytest.raises(BadSource, match="Did you mean 'amount'"):
        read(tmp_path, table, tables=wrong)


def test_two_columns_that_differ_in_capitals_are_both_kept(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as made:
        made.execute('CREATE TABLE t AS SELECT 1 AS "_deleted", 2 AS "_row", 3 AS a')
    staged = read(tmp_path, {"name": "t"}, url="duckdb:///x.duckdb")
    assert held(staged, '"_deleted_2"', '"_row_2"', "a") == [("1", "2", "3")]


def test_a_writer_that_holds_the_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "crm.duckdb"
    code = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        with pytest.raises(SourceBusy, match="Another program has it open"):
            read(tmp_path, {"name": "t"}, url="duckdb:///crm.duckdb")
        writer.communicate(b"\n")


def test_the_same_is_read_whatever_the_size_of_a_page(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    file.executemany("INSERT INTO deals (name) VALUES (?)", [(f"n{i}",) for i in range(500)])
    file.commit()
    found = []
    for size in (1, 7, 10_000):
        settings = {"url": "sqlite:///crm.db", "tables": [{"name": "deals"}]}
        told = {"kind": "sql", "client": "a", "settings": {**settings, "rows_per_page": size}}
        staged = read_source(f"s{size}", SourceDefinition.model_validate(told), tmp_path)
        found.append(rows_of(staged))
    assert found[0] == found[1] == found[2]
    assert len(found[0]["deals"]) == 503
