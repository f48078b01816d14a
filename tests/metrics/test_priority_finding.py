"""Two sources that look alike are told; two that hold different things are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from kvitto.audit.two_sources import two_sources
from kvitto.model.finding import Finding
from kvitto.workspace.definition import RulesDefinition
from tests.metrics.world import Memory

DAYS = [date(2017, 11, 1) + timedelta(days=day) for day in range(20)]


def leads(source: str, counts: Sequence[int], **more: Any) -> list[dict[str, Any]]:
    return [
        {"lead_id": f"{source}{day}-{n}", "_source": source, "created_on": day, **more}
        for day, count in zip(DAYS, counts, strict=True)
        for n in range(count)
    ]


def found(rows: list[dict[str, Any]], *rules: dict[str, Any]) -> tuple[Finding, ...]:
    memory = Memory().fresh({"leads": rows})
    given = [RulesDefinition.model_validate(rule) for rule in rules]
    return tuple(two_sources(memory.connection, given))


TWIN = [*leads("crm", [5] * 20), *leads("other", [5, 4] * 10)]


def test_two_sources_of_one_table_that_look_alike_are_told_with_both_figures() -> None:
    (one,) = found(TWIN)
    assert (one.code, one.client, one.table, one.rows) == ("two_sources", "north", "leads", 90)
    assert "look alike on 20 of 20 days (100 and 90)" in one.message
    assert "priorities: [{table: leads, sources: [crm, other]}]" in one.todo
    assert (one.first_day, one.last_day) == (DAYS[0], DAYS[-1])


def test_different_shops_are_not_told() -> None:
    assert found([*leads("shop", [9] * 20), *leads("fair", [1, 0] * 10)]) == ()


def test_a_source_that_takes_over_is_no_second_source() -> None:
    before, after = [5] * 10 + [0] * 10, [0] * 10 + [5] * 10
    assert found([*leads("crm", before), *leads("other", after)]) == ()


def test_one_source_alone_and_sources_of_two_clients_are_never_told() -> None:
    assert found(leads("crm", [5] * 20)) == ()
    theirs = leads("other", [5] * 20, client_id="south")
    assert found([*leads("crm", [5] * 20), *theirs]) == ()


def test_a_rule_about_the_table_settles_it_for_its_clients_alone() -> None:
    order = {"priorities": [{"table": "leads", "sources": ["crm", "other"]}]}
    assert found(TWIN, order) == ()
    both = {"priorities": [{"table": "leads", "sources": ["crm", "other"], "counts": "all"}]}
    assert found(TWIN, both) == ()
    assert len(found(TWIN, {"clients": ["south"], **order})) == 1
