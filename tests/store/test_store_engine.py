"""Opening the state: made, brought up to date, refused, shared."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError

from kvitto.errors import MissingExtra, StoreFailed
from kvitto.store.engine import HEAD, Store, open_store, sqlite_url
from kvitto.store.lease import take
from kvitto.store.log import add_line, read_log
from kvitto.store.migrate import settings
from kvitto.store.table import METADATA


def test_the_newest_migration_is_the_head_of_the_scripts() -> None:
    assert ScriptDirectory.from_config(settings()).get_current_head() == HEAD


def test_the_migrations_give_the_tables_that_the_code_uses(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_constraints_have_names(store: Store) -> None:
    unique = inspect(store.engine).get_unique_constraints("deliveries")
    assert [found["name"] for found in unique] == ["uq_deliveries_edition"]


@pytest.mark.usefixtures("store")
def test_an_up_to_date_state_opens_without_alembic(url: str) -> None:
    code = (
        "import sys; from kvitto.store.engine import open_store;"
        f"open_store({url!r}).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_downgrade_leaves_nothing_and_can_be_upgraded_again(store: Store, url: str) -> None:
    config = settings()
    with store.write() as connection:
        config.attributes["connection"] = connection
        downgrade(config, "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    again = open_store(url)
    assert "people" in inspect(again.engine).get_table_names()
    again.close()


def test_a_state_of_a_newer_version_is_refused(store: Store, url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    with pytest.raises(StoreFailed, match="newer version"):
        open_store(url)


def test_a_folder_that_is_not_there_is_a_clear_failure(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="open the state"):
        open_store(sqlite_url(tmp_path / "missing" / "state.db"))


def test_a_file_that_is_no_database_is_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database at all, " * 100)
    with pytest.raises(StoreFailed, match=r"state\.db"):
        open_store(sqlite_url(tmp_path / "state.db"))


def test_a_missing_driver_names_the_extra() -> None:
    with pytest.raises(MissingExtra, match="kvitto\\[postgres\\]"):
        open_store("postgresql+pg8000://nobody@localhost/none")


def test_sqlite_runs_in_wal_with_foreign_keys(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path / "state.db")).read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert int(connection.execute(text("PRAGMA busy_timeout")).scalar_one()) == 10_000


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2018, 1, 2, 12, 0)
    with pytest.raises(StatementError, match="no time zone"):
        take(store, "a lock", "me", naive, 60)


def test_a_moment_comes_back_in_utc(store: Store, noon: datetime) -> None:
    there = noon.astimezone(timezone(timedelta(hours=5)))
    add_line(store, at=there, who="Elin", action="test", subject="x")
    assert read_log(store)[0].at == noon
    assert read_log(store)[0].at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET who = 'x'", "DELETE FROM audit_log"])
def test_nobody_can_change_the_audit_log(store: Store, noon: datetime, statement: str) -> None:
    add_line(store, at=noon, who="Elin", action="edition.seal", subject="a/R13/2017-12/1")
    with pytest.raises(DatabaseError, match="append-only"), store.write() as connection:
        connection.execute(text(statement))
    assert [line.who for line in read_log(store)] == ["Elin"]


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def write() -> None:
        with store.write() as connection:
            for name in ("a", "b", "a"):
                connection.execute(text(f"INSERT INTO leases VALUES ('{name}', 'x', '2018-01-02')"))

    with pytest.raises(IntegrityError):
        write()
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM leases")).scalar() == 0


def test_many_processes_may_open_a_new_state_at_once(url: str) -> None:
    code = f"from kvitto.store.engine import open_store; open_store({url!r})"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
