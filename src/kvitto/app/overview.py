"""All clients at a glance: what is due, what is late, how fresh the data is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kvitto.app.audit import published_findings
from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.errors import WarehouseFailed
from kvitto.model.finding import Severity
from kvitto.model.period import Grain, Period, period_of, previous
from kvitto.model.scope import Scope
from kvitto.store.row import DeliveryState, EditionRow

if TYPE_CHECKING:
    from kvitto.workspace.definition import ClientDefinition

GRACE: Mapping[Grain, int] = {
    Grain.day: 1,
    Grain.week: 2,
    Grain.month: 5,
    Grain.quarter: 10,
    Grain.year: 20,
    Grain.span: 5,
}
"""Days after the last day of a period in which its report is not yet late."""

_REPORTED = ("active", "onboarding")


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One agreed report and its newest complete period.

    ``state`` is missing, draft, approved, sealed or delivered; ``edition`` the
    newest one of the period, ``None`` where there is none. ``late`` once
    ``due`` is over and it was not delivered to everybody.
    """

    report: str
    period: str
    edition: str | None
    state: str
    due: date
    late: bool


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client. ``last_sync`` is the oldest of its sources' syncs (ISO, UTC)."""

    client: str
    name: str
    manager: str
    status: str
    series: tuple[SeriesRow, ...]
    last_sync: str | None
    errors: int
    warnings: int


def clients(house: House, who: Who) -> tuple[ClientRow, ...]:
    """Every client in scope, those with a late report first, then by name.

    Raises :class:`NotAllowed` for a client's sign-in. A workspace without data
    has clients too: nothing was synced, nothing was found.
    """
    require_team(who, "see all clients")
    synced, found = _data_of(house, who.scope)
    newest = _newest(house, who)
    delivered = _delivered(house)
    rows = []
    for client in sorted(who.scope.clients):
        definition = house.client(client)
        rows.append(
            ClientRow(
                client,
                definition.name,
                definition.manager,
                definition.status,
                _series(house, client, definition, newest, delivered),
                synced.get(client),
                found[client, Severity.error],
                found[client, Severity.warning],
            )
        )
    return tuple(sorted(rows, key=lambda row: (not any(s.late for s in row.series), row.name)))


def _series(
    house: House,
    client: str,
    definition: ClientDefinition,
    newest: Mapping[tuple[str, str, str], EditionRow],
    delivered: frozenset[str],
) -> tuple[SeriesRow, ...]:
    if definition.status not in _REPORTED:
        return ()
    today = house.today_of(client)
    rows = []
    for series in definition.reports:
        template = house.templates.get(series.template)
        grain = template.grain if template is not None else Grain.month
        period = due_period(grain, definition, today)
        edition = newest.get((client, series.template, period.label))
        state = edition.state if edition is not None else "missing"
        if edition is not None and edition.id in delivered:
            state = "delivered"
        due = period.last + timedelta(days=GRACE[grain])
        late = today > due and state != "delivered"
        rows.append(
            SeriesRow(
                series.template, period.label, edition.id if edition else None, state, due, late
            )
        )
    return tuple(rows)


def due_period(grain: Grain, client: ClientDefinition, today: date) -> Period:
    """The newest period of that size that is over on ``today`` in the client's calendar."""
    calendar = client.calendar()
    return previous(period_of(today, grain, calendar), calendar)


def _newest(house: House, who: Who) -> dict[tuple[str, str, str], EditionRow]:
    from kvitto.app.edition import editions

    newest: dict[tuple[str, str, str], EditionRow] = {}
    for row in editions(house, who):
        key = (row.client, row.report, row.period)
        if key not in newest or newest[key].number < row.number:
            newest[key] = row
    return newest


def _delivered(house: House) -> frozenset[str]:
    """Editions of which every delivery in the ledger was sent."""
    from kvitto.store.delivery import list_deliveries

    states: defaultdict[str, set[DeliveryState]] = defaultdict(set)
    for row in list_deliveries(house.store):
        states[row.edition].add(row.state)
    return frozenset(name for name, found in states.items() if found == {DeliveryState.sent})


def _data_of(house: House, scope: Scope) -> tuple[dict[str, str], Counter[tuple[str, Severity]]]:
    """The last sync and the number of findings of each client, from the published version."""
    try:
        version = house.warehouse.current()
    except WarehouseFailed:
        return {}, Counter()
    found = published_findings(house, version.id, scope.clients)
    synced: dict[str, str] = {}
    for source in version.sources:
        if source.client not in scope:
            continue
        synced[source.client] = min(source.synced_at, synced.get(source.client, source.synced_at))
    return synced, Counter((finding.client, finding.severity) for finding in found)
