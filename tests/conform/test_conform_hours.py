"""A duration as a clock shows it, in hours."""

from __future__ import annotations

import duckdb
import pytest

from kvitto.conform.aside import _hours_sql


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("00:45:00", "0.75"),
        ("-00:45:00", "-0.75"),
        ("-01:30", "-1.5"),
        (" -01:30", "-1.5"),
        ("26:15:36", "26.26"),
        ("-1.5", "-1.5"),
    ],
)
def test_the_sign_of_a_duration_is_that_of_the_whole(text: str, hours: str) -> None:
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {_hours_sql('x')} FROM (SELECT ? AS x)", [text])
        found = row.fetchall()[0][0]
    assert float(found) == float(hours)
