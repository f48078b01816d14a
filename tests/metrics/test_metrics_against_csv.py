"""The demo's figures against a plain calculation over its CSV files.

The calculation knows nothing of the compiler: it reads the files with the csv
module and counts.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import mean, median

import pytest

from kvitto.model.value import Missing
from kvitto.warehouse.reader import Reader
from tests.metrics.world import CRM, measure

QUARTERS = {
    "2017-Q1": (date(2017, 1, 1), date(2017, 3, 31)),
    "2017-Q2": (date(2017, 4, 1), date(2017, 6, 30)),
    "2017-Q3": (date(2017, 7, 1), date(2017, 9, 30)),
    "2017-Q4": (date(2017, 10, 1), date(2017, 12, 31)),
}


@dataclass(frozen=True)
class Deal:
    stage: str
    begun: date | None
    closed: date | None
    value: int | None
    region: str
    manager: str
    product: str


def deals() -> list[Deal]:
    with (CRM / "sales_teams.csv").open() as stream:
        people = {row["sales_agent"]: row for row in csv.DictReader(stream)}
    with (CRM / "sales_pipeline.csv").open() as stream:
        return [_deal(row, people[row["sales_agent"]]) for row in csv.DictReader(stream)]


def _deal(row: dict[str, str], person: dict[str, str]) -> Deal:
    return Deal(
        row["deal_stage"],
        date.fromisoformat(row["engage_date"]) if row["engage_date"] else None,
        date.fromisoformat(row["close_date"]) if row["close_date"] else None,
        int(row["close_value"]) if row["close_value"] else None,
        person["regional_office"],
        person["manager"],
        row["product"].replace("GTXPro", "GTX Pro"),
    )


DEALS = deals()


def closed_in(quarter: str, stage: str, keep: Callable[[Deal], bool]) -> list[Deal]:
    first, last = QUARTERS[quarter]
    return [
        deal
        for deal in DEALS
        if deal.stage == stage and deal.closed and first <= deal.closed <= last and keep(deal)
    ]


def by_hand(metric: str, quarter: str, keep: Callable[[Deal], bool]) -> float | None:
    won, lost = closed_in(quarter, "Won", keep), closed_in(quarter, "Lost", keep)
    days = [(deal.closed - deal.begun).days for deal in won if deal.closed and deal.begun]
    if metric == "deals_won":
        return len(won)
    if metric == "deals_lost":
        return len(lost)
    if metric == "bookings_amount":
        return sum(deal.value or 0 for deal in won)
    if metric == "close_rate":
        return len(won) / (len(won) + len(lost)) if won or lost else None
    if metric == "sales_cycle_length_median":
        return median(days) if days else None
    if metric == "sales_cycle_length_mean":
        return mean(days) if days else None
    last = QUARTERS[quarter][1]
    at_the_end = [deal for deal in DEALS if keep(deal) and _open_on(deal, last)]
    return len(at_the_end)


def _open_on(deal: Deal, day: date) -> bool:
    # A deal without a date was first seen on the day of the export.
    begun = deal.begun or date(2017, 12, 31)
    return begun <= day and (deal.closed is None or deal.closed > day)


METRICS = (
    "deals_won",
    "deals_lost",
    "open_deals",
    "bookings_amount",
    "close_rate",
    "sales_cycle_length_median",
    "sales_cycle_length_mean",
)


def places() -> Iterator[tuple[str, str | None]]:
    yield "whole", None
    for name in ("region", "manager", "product"):
        for member in sorted({getattr(deal, name) for deal in DEALS}):
            yield name, member


def is_of(name: str, member: str | None, deal: Deal) -> bool:
    return member is None or getattr(deal, name) == member


@pytest.mark.parametrize("dimension", ["whole", "region", "manager", "product"])
@pytest.mark.parametrize("metric", METRICS)
def test_each_quarter_equals_the_plain_calculation(
    reader: Reader, metric: str, dimension: str
) -> None:
    by = ["quarter"] if dimension == "whole" else ["quarter", dimension]
    answer = measure(reader, metric, in_="2017", by=by).answer
    compared = 0
    for quarter in QUARTERS:
        for name, member in places():
            if name != dimension:
                continue
            place: dict[str, str | None] = {"quarter": quarter}
            if member is not None:
                place[name] = member
            expected = by_hand(metric, quarter, partial(is_of, name, member))
            figure = answer.one(metric, **place).figure
            if expected is None:
                assert isinstance(figure, Missing)
            else:
                assert not isinstance(figure, Missing), (place, figure)
                assert float(figure.number) == pytest.approx(expected, rel=1e-12)
            compared += 1
    assert compared == len(answer.cells)


def test_a_single_quarter_equals_the_same_quarter_of_the_year(reader: Reader) -> None:
    year = measure(reader, *METRICS, in_="2017", by=["quarter"]).answer
    for quarter in QUARTERS:
        alone = measure(reader, *METRICS, in_=quarter).answer
        for metric in METRICS:
            assert alone.one(metric).figure == year.one(metric, quarter=quarter).figure
