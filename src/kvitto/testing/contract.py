"""The tests themselves: what a person may rely on, whichever connector it is."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kvitto.errors import AddressRefused, BadSource, SourceRefused, SourceUnreachable
from kvitto.model.table import canonical_tables
from kvitto.sources import CONNECTORS, Staged
from kvitto.testing.stand_in import StandIn
from kvitto.testing.workplace import Workplace, rows_of, workplace
from kvitto.workspace.definition import ColumnMap

HEAVY = (
    "requests",
    "dlt",
    "pyarrow",
    "duckdb",
    "google",
    "googleapiclient",
    "grpc",
    "facebook_business",
    "simple_salesforce",
    "sqlalchemy",
)
"""Packages that nobody may pay for before a source is read."""


class ConnectorContract:
    """Derive from it, name the ``kind`` and give a stand-in; pytest finds the tests.

    ``definition`` are further entries of the source's file. ``now`` is when it
    is read, where the stand-in's records have their days in the past.
    """

    kind: ClassVar[str]
    definition: ClassVar[dict[str, Any]] = {}
    now: ClassVar[datetime | None] = None

    def stand_in(self) -> AbstractContextManager[StandIn]:
        """A running server that holds some records."""
        raise NotImplementedError

    @pytest.fixture
    def server(self) -> Any:
        """The running stand-in."""
        with self.stand_in() as server:
            yield server

    @pytest.fixture
    def place(self, server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        """A workspace with one source that reads the stand-in."""
        with workplace(
            tmp_path, self.kind, server.settings, server.secrets, monkeypatch, **self.definition
        ) as place:
            yield replace(place, now=self.now or datetime.now(UTC))

    def test_a_person_finds_out_what_it_reads_and_when_a_day_is_final(self) -> None:
        connector = CONNECTORS.get(self.kind)
        for sentence in (connector.reads, connector.settles, connector.limits, connector.tested):
            assert sentence.endswith("."), f"'{sentence}' is no sentence"
        for name, field in connector.settings.model_fields.items():
            assert field.description, f"the setting '{name}' has no description"
        for secret in connector.secrets:
            assert secret.prompt, secret.name
            assert secret.help, f"where does a person find the {secret.name}?"

    def test_its_streams_fill_columns_that_exist_from_fields_that_exist(self) -> None:
        for stream in CONNECTORS.get(self.kind).streams:
            fields = set(stream.fields)
            assert set(stream.key) <= fields, stream.name
            assert stream.cursor is None or stream.cursor in fields, stream.name
            assert stream.cursor or stream.keeping == "replace", stream.name
            for table, columns in stream.fill.items():
                known = {column.name for column in canonical_tables()[table].declared}
                assert set(columns) <= known, f"{stream.name}: {set(columns) - known}"
                for column, value in columns.items():
                    taken = value.column if isinstance(value, ColumnMap) else value
                    assert taken is None or taken in fields, f"{stream.name}.{column}: {taken}"

    def test_nothing_heavy_is_imported_before_it_is_used(self) -> None:
        code = (
            "import sys\n"
            "from kvitto.sources import CONNECTORS\n"
            f"CONNECTORS.get({self.kind!r})\n"
            f"print([name for name in {HEAVY!r} if name in sys.modules])"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == "[]"

    def test_the_connection_is_tested_without_reading_everything(self, place: Workplace) -> None:
        account = place.check()
        assert account.label
        shown = repr(account)
        assert not any(_is_shown(secret, shown) for secret in self._secrets(place))

    def test_every_row_becomes_canonical_or_stands_in_a_finding(self, place: Workplace) -> None:
        report = place.conform(place.read())
        assert sum(report.rows.values()) > 0
        assert report.rows_in == sum(report.rows.values()) + report.left_out
        unreadable = [one for one in report.findings if one.code == "unreadable_value"]
        assert unreadable == []

    def test_a_second_run_with_nothing_new_gives_the_same(self, place: Workplace) -> None:
        first, second = place.read(), place.read()
        assert rows_of(first) == rows_of(second)
        assert first.revision == second.revision

    def test_a_change_is_seen_and_nothing_else_moves(
        self, place: Workplace, server: StandIn
    ) -> None:
        before = rows_of(place.read())
        server.change()
        after = rows_of(place.read())
        assert before != after
        moved = sum(len(set(after[name]) ^ set(before[name])) for name in before)
        assert 0 < moved <= max(8, sum(len(rows) for rows in before.values()) // 4)

    def test_a_record_that_is_taken_away_is_gone_or_marked(
        self, place: Workplace, server: StandIn
    ) -> None:
        before = place.read()
        server.delete()
        after = place.read()
        assert rows_of(after) != rows_of(before)
        assert _alive(after) <= _alive(before)

    def test_refused_credentials_are_said_and_never_shown(
        self, place: Workplace, server: StandIn
    ) -> None:
        server.expire()
        with pytest.raises(SourceRefused) as raised:
            place.read()
        shown = "".join(str(problem) for problem in raised.value.problems)
        assert not any(_is_shown(secret, shown) for secret in self._secrets(place))
        assert all(problem.todo for problem in raised.value.problems)

    def test_a_server_that_asks_to_wait_is_waited_for(
        self, place: Workplace, server: StandIn
    ) -> None:
        server.throttle(1)
        assert sum(len(rows) for rows in rows_of(place.read()).values()) > 0

    def test_no_answer_is_told_apart_from_a_wrong_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.stand_in() as server:
            settings, secrets = dict(server.settings), dict(server.secrets)
        told = {**self.definition, "limits": {"wait_seconds": 1}}
        with (
            workplace(tmp_path, self.kind, settings, secrets, monkeypatch, **told) as place,
            pytest.raises(SourceUnreachable) as raised,
        ):
            place.read()
        assert raised.value.problems[0].todo

    def test_a_private_address_is_refused_unless_it_is_allowed(
        self, server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = {**self.definition, "allow_private": False}
        with (
            workplace(
                tmp_path, self.kind, server.settings, server.secrets, monkeypatch, **told
            ) as place,
            pytest.raises((AddressRefused, BadSource)) as raised,
        ):
            place.read()
        assert isinstance(raised.value, AddressRefused)

    def _secrets(self, place: Workplace) -> list[str]:
        import os

        names = [reference.partition(":")[2] for reference in place.definition.secrets.values()]
        return [os.environ[name] for name in names if name in os.environ]


def _is_shown(secret: str, text: str) -> bool:
    """Whether a credential stands in a text; one of a letter or two says nothing."""
    return len(secret) > 5 and secret in text


def _alive(staged: Staged) -> int:
    """Rows that are not marked as deleted."""
    import duckdb

    with duckdb.connect() as connection:
        return sum(
            int(
                connection.execute(
                    f"SELECT count(*) FROM {table.relation_sql} WHERE _deleted IS NULL"
                ).fetchall()[0][0]
            )
            for table in staged.tables
        )
