"""Days on which two sources tell the same figure, and whether they agree: kept at each sync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.app.house import House
from kvitto.app.usage import metrics_in_force
from kvitto.errors import KvittoError, WrongState
from kvitto.model.period import Period
from kvitto.model.scope import Scope

if TYPE_CHECKING:
    from kvitto.metrics.bridge.build import Pair
    from kvitto.warehouse import Building, SourceState
    from kvitto.warehouse.version import Version

DAYS = 92
"""So many days back the sources are compared; what was found of earlier days is kept."""

Row = Mapping[str, object]


@dataclass(slots=True)
class _Built:
    """The version that is being built, as something that can be asked."""

    version: Version
    connection: Any

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows that the SQL gives."""
        found: list[tuple[Any, ...]] = self.connection.execute(sql, parameters or {}).fetchall()
        return found

    def copy_parquet(self, sql: str, target: Path) -> Path:
        """Nothing is copied out of what is not published."""
        raise WrongState.of(
            f"write {target.name}", "the version is not published yet", "Publish it first."
        )


def conflicts(
    house: House, building: Building, states: Sequence[SourceState]
) -> dict[str, tuple[Row, ...]]:
    """Of each client the days that two sources can be compared on, by its priorities.

    A priority of a metric compares that one; one of a table, every metric in
    force that is counted or summed over it. What cannot be told apart by source
    is left out.
    """
    asked = {client: tuple(_pairs(house, client)) for client in sorted(house.workspace.clients)}
    if not any(asked.values()):
        return {}
    reader = _reader(house, building, states)
    return {
        client: tuple(row for pair in pairs for row in _compared(house, reader, client, pair))
        for client, pairs in asked.items()
    }


def _pairs(house: House, client: str) -> Iterator[Pair]:
    from kvitto.metrics.bridge.build import Pair

    day = house.today_of(client)
    period = Period(day - timedelta(days=DAYS - 1), day + timedelta(days=1))
    for rules in house.workspace.rules.values():
        if rules.clients and client not in rules.clients:
            continue
        for priority in rules.priorities:
            if priority.counts == "all" or not priority.holds_on(day):
                continue
            named = [priority.metric] if priority.metric else _over(house, client, priority.table)
            for metric in named:
                for other in priority.sources[1:]:
                    scope = Scope.of("audit", client)
                    yield Pair(str(metric), priority.sources[0], other, period, scope)


def _over(house: House, client: str, table: str | None) -> list[str]:
    catalogue = house.catalogue_of(client)
    return [
        name
        for name in sorted(metrics_in_force(house, client))
        if (value := catalogue.get(name).value) is not None
        and value.table == table
        and value.at is not None
        and value.aggregation.value in ("count", "sum")
    ]


def _compared(house: House, reader: _Built, client: str, pair: Pair) -> Iterator[Row]:
    from kvitto.metrics.bridge.daily import compare

    try:
        context = house.context(client)
        found = compare(reader, house.catalogue_of(client), pair, context)
    except KvittoError:
        return
    for day in found.days:
        if day.differs is not None:
            yield {
                "client_id": client,
                "compared_on": day.on,
                "metric": pair.metric,
                "source": pair.one,
                "other_source": pair.other,
                "is_conflict": day.differs,
            }


def _reader(house: House, building: Building, states: Sequence[SourceState]) -> _Built:
    from kvitto.warehouse.digest import count_rows
    from kvitto.warehouse.version import Version

    at = house.now().isoformat()
    rows = count_rows(building.connection)
    return _Built(Version(f"building {at}", at, at, tuple(states), rows), building.connection)
