"""Findings about labels: one event counted by two sources, and more labels than are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvitto.audit.label.finding import label_findings

if TYPE_CHECKING:
    import duckdb


def event(tables: duckdb.DuckDBPyConnection, source: str, name: str, times: int) -> None:
    tables.execute(
        "INSERT INTO web_key_events (client_id, _source, name, occurred_on, events)"
        " VALUES ('acme', ?, ?, DATE '2024-05-01', ?)",
        [source, name, times],
    )


def test_one_event_of_two_sources_is_told_with_both_figures(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    event(tables, "ads", "purchase", 150)
    event(tables, "analytics", "purchase", 145)
    (one,) = label_findings(tables, ["acme"])
    assert one.code == "same_event_twice"
    assert "ads counts 150, analytics counts 145" in one.message
    assert label_findings(tables, ["other"]) == ()


def test_two_names_of_one_event_in_two_sources_are_suggested(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    event(tables, "ads", "Website purchase", 150)
    event(tables, "analytics", "completed transaction", 145)
    (one,) = label_findings(tables, ["acme"])
    assert one.code == "events_may_be_one"
    assert "kvitto label set acme conversion_event" in one.todo


def test_labels_beyond_the_most_frequent_are_counted_and_patterns_offered(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    tables.execute(
        "INSERT INTO _labels SELECT 'acme', 'crm', 'leads', 'source', 'campaign ' || range,"
        " 'campaign ' || range, 1, 'same', NULL, NULL, NULL FROM range(10000) UNION ALL"
        " SELECT 'acme', 'crm', 'leads', 'source', NULL, NULL, 990000, 'rest', '990000',"
        " NULL, NULL"
    )
    (one,) = label_findings(tables, ["acme"])
    assert (one.code, one.rows) == ("too_many_labels", 990_000)
    assert "'campaign [0-9]+'" in one.todo
