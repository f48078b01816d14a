"""What is found on labelled public data: floors a little below what was measured."""

from __future__ import annotations

import pytest

from tests.audit import entity_quality as measured

pytestmark = pytest.mark.skipif(
    not measured.DATA.is_dir(), reason="needs ../shared/data beside the repository"
)

FLOORS = {
    "febrl_1": (0.99, 0.98),
    "fake_1000": (0.98, 0.45),
    "restaurants": (0.90, 0.95),
    "restaurants_without_phone": (0.95, 0.85),
    "companies_dnb": (0.98, 0.50),
}
"""Precision and recall on the half on which no threshold was chosen."""


@pytest.mark.parametrize("name", FLOORS)
def test_labelled_records_are_found_better_than_by_equal_names(name: str) -> None:
    found = measured.measure(getattr(measured, name)())
    precision, recall = FLOORS[name]
    assert found.chosen.precision >= precision
    assert found.chosen.recall >= recall
    assert found.chosen.f1 > max(found.exact.f1, found.folded.f1)


def test_no_entity_is_in_both_halves() -> None:
    first, second = measured.halves(measured.restaurants())
    assert not {entity for entity, _ in first.rows} & {entity for entity, _ in second.rows}
    assert min(len(first.rows), len(second.rows)) > 300
