"""Companies and people that the demo agency entered twice: found, and none merged unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.app.agency import generate
from kvitto.audit.entity.pair import ASK
from kvitto.audit.entity.resolution import find_pairs

Found = dict[str, set[frozenset[str]]]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agency at a tenth of its size, synced."""
    from kvitto.cli.main import cli

    root = tmp_path_factory.mktemp("agency") / "agency"
    generate(root, size=0.1)
    with pytest.raises(SystemExit) as ended:
        cli.main(["sync", "-w", str(root)])
    assert ended.value.code in (0, None)
    return root


@pytest.fixture(scope="module")
def version(agency: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its accounts and contacts, as they stood before anybody decided."""
    (path,) = sorted((agency / ".kvitto" / "warehouse" / "versions").glob("*.duckdb"))[-1:]
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS published (READ_ONLY)")
        for table in ("accounts", "contacts"):
            connection.execute(f"CREATE TABLE {table} AS FROM published.{table}")
        yield connection


def planted(agency: Path, table: str) -> set[tuple[str, frozenset[str]]]:
    """Client and the sources' ids of each pair that was planted."""
    truth: dict[str, Any] = json.loads((agency / "truth.json").read_text(encoding="utf-8"))
    return {
        (client, frozenset(item[table]))
        for client, one in truth["clients"].items()
        for fault in one["faults"]
        if fault["kind"] == "duplicate"
        for item in fault["items"]
    }


@pytest.mark.parametrize("table", ["accounts", "contacts"])
def test_planted_duplicates_are_found_and_nothing_is_merged_unasked(
    agency: Path, version: duckdb.DuckDBPyConnection, table: str
) -> None:
    key = f"{table[:-1]}_id"
    rows = version.execute(f"SELECT client_id, {key}, _source, _source_id FROM {table}").fetchall()
    known = {(client, record): (source, own) for client, record, source, own in rows}
    pairs = find_pairs(version, table).pairs
    assert {pair.state for pair in pairs} == {ASK}
    within = set()
    for pair in pairs:
        one, other = known[pair.client, pair.one], known[pair.client, pair.other]
        if one[0] == other[0]:
            within.add((pair.client, frozenset((one[1], other[1]))))
    wanted = planted(agency, table)
    assert len(within & wanted) >= 0.95 * len(wanted)
    assert len(within & wanted) >= 0.95 * len(within)
