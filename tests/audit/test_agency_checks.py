"""Every planted fault of the demo agency is found, and little else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.audit.agency_score import KINDS, scores, synced


@pytest.mark.parametrize("kind", list(KINDS))
def test_all_planted_faults_are_told_at_each_client_and_little_else(kind: str) -> None:
    mine = [one for one in scores() if one.kind == kind]
    assert sum(one.planted for one in mine) > 0
    assert {one.client: one.recall for one in mine} == {one.client: 1.0 for one in mine}
    assert {one.client for one in mine if one.precision < 0.95} == set()


def test_with_copies_merged_the_leads_of_each_month_are_the_true_ones(tmp_path: Path) -> None:
    path, truth = synced(tmp_path, 0.1, ("dellorto",), "forms: {do: merge}\n")
    of = truth.clients["dellorto"]
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT strftime(created_on, '%Y-%m'), count(*) FROM leads WHERE _excluded IS NULL"
            " GROUP BY ALL"
        ).fetchall()
    expected = {month: of.months[month]["leads_created"] for month in of.months}
    assert expected != {month: of.shown[month]["leads_created"] for month in of.shown}
    assert dict(rows) == {month: count for month, count in expected.items() if count}
