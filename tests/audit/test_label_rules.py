"""Rules about labels that cannot hold are told together, each at its place."""

from __future__ import annotations

from typing import Any

from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.label_check import label_problems


def problems(*files: dict[str, Any]) -> list[str]:
    named = {f"r{n}": RulesDefinition.model_validate(one) for n, one in enumerate(files)}
    return [f"{one.asked}: {one.found} {one.todo}" for one in label_problems(named)]


def source(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"concepts": {"source": {"rules": rules, **more}}}


def test_a_cycle_names_every_label_and_the_other_place() -> None:
    (one,) = problems(source({"exact": "a", "means": "b"}), source({"exact": "b", "means": "a"}))
    assert "a -> b -> a" in one
    assert "'r1', concepts.source.rules[1]" in one


def test_two_rules_in_conflict_are_told_unless_one_was_replaced() -> None:
    meta, face = {"exact": "FB", "means": "Meta"}, {"exact": "FB", "means": "Facebook"}
    (one,) = problems(source(meta, face))
    assert "says 'Meta', for the same client" in one
    old = {**meta, "replaced_on": "2025-01-01"}
    assert problems(source(old, {**face, "valid_from": "2025-01-01"})) == []


def test_rules_of_different_clients_do_not_meet() -> None:
    one = {**source({"exact": "FB", "means": "Meta"}), "clients": ["a"]}
    other = {**source({"exact": "FB", "means": "Facebook"}), "clients": ["b"]}
    assert problems(one, other) == []


def test_unknown_concepts_columns_and_values_get_the_nearest_name() -> None:
    found = problems(
        {"concepts": {"sorce": {}, "leads.statsu": {}}},
        source({"exact": "x", "means": "Gogle"}, values=["Google"]),
        {"concepts": {"outcome": {"rules": [{"exact": "x", "means": "wno"}]}}},
    )
    assert [
        next(w for w in ("source", "status", "Google", "won") if f"'{w}'?" in one) for one in found
    ] == ["source", "status", "Google", "won"]


def test_a_pattern_that_cannot_be_read_or_takes_everything_is_refused() -> None:
    found = problems(
        source({"pattern": "(", "means": "x"}, {"pattern": ".*", "means": "x"}),
        source({"pattern": "a" * 300, "means": "x"}, {"exact": "a", "folded": "a", "means": "x"}),
    )
    assert ["cannot be read" in found[0], "every label" in found[1]] == [True, True]
    assert "300 signs" in found[2]
    assert "2 of exact, folded and pattern" in found[3]
