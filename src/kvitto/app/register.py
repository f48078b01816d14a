"""The registers: systems that hold data, who can open them, and what each field is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from kvitto.app.conflict import conflicts
from kvitto.app.house import House
from kvitto.app.usage import uses_of
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.audit.register import Given
    from kvitto.audit.register.field import FieldValue
    from kvitto.model.finding import Finding
    from kvitto.report.register import FieldLine, Registers
    from kvitto.warehouse import Building, SourceState


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A place that holds data. ``people`` are those who can open it, programs left out."""

    client: str
    id: str
    name: str
    kind: str
    owner: str
    updated: str
    sources: tuple[str, ...]
    audited: date | None
    is_audited: bool
    signed_off_by: str
    signed_off_on: date | None
    people: int


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A person in a system. ``overdue`` names what was not done in time: training, review.

    ``last_used`` is known where the system tells who signs in, and who the person is there.
    """

    client: str
    system: str
    person: str
    role: str
    is_service: bool
    last_used: date | None
    trained: date | None
    reviewed: date | None
    supervisor: str
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The systems of a client. ``unnamed`` are sources of ours that no system names.

    ``is_listed`` tells an empty inventory from one that was never written.
    """

    client: str
    is_listed: bool
    systems: tuple[SystemRow, ...]
    unnamed: tuple[str, ...]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "listed": self.is_listed,
            "systems": [asdict(one) for one in self.systems],
            "unnamed_sources": list(self.unnamed),
            "findings": [one.model_dump(mode="json") for one in self.findings],
        }


def inventory(house: House, who: Who, client: str) -> Inventory:
    """Every place that holds this client's data, as the workspace says it, and what is amiss."""
    from kvitto.audit.register.inventory import (
        inventory_findings,
        is_audited,
        unnamed_sources,
    )
    from kvitto.workspace.system import SystemsDefinition

    require_team(who, "see the systems", client)
    definition = house.workspace.systems.get(client, SystemsDefinition())
    day, sources = house.today_of(client), _sources(house, client)
    listed = client in house.workspace.systems
    rows = tuple(
        SystemRow(
            client,
            one.id,
            one.name,
            one.kind,
            one.owner,
            one.updated,
            one.sources,
            one.audited,
            is_audited(one, day),
            one.signed_off_by,
            one.signed_off_on,
            sum(not access.service for access in one.access),
        )
        for one in definition.systems
    )
    found = tuple(inventory_findings(client, definition, sources, day)) if listed else ()
    return Inventory(client, listed, rows, unnamed_sources(definition, sources), found)


def access(house: House, who: Who, client: str) -> tuple[AccessRow, ...]:
    """Who can open what, for people of the team alone; the last sign-in is of the last sync."""
    from kvitto.audit.register.inventory import overdue

    require_team(who, "see who has access", client)
    definition = house.workspace.systems.get(client)
    if definition is None:
        return ()
    day, used = house.today_of(client), _last_used(house, client)
    found = []
    for system in definition.systems:
        for one in system.access:
            trained = not one.service and overdue(one.trained, definition.training_days, day)
            reviewed = overdue(one.reviewed, definition.review_days, day)
            late = (*(("training",) if trained else ()), *(("review",) if reviewed else ()))
            found.append(
                AccessRow(
                    client,
                    system.id,
                    one.person,
                    one.role,
                    one.service,
                    used.get((system.id, one.person.strip())),
                    one.trained,
                    one.reviewed,
                    one.supervisor,
                    late,
                )
            )
    return tuple(found)


def fields(house: House, who: Who, client: str, table: str | None = None) -> tuple[FieldValue, ...]:
    """What each field of the published data is worth to this client."""
    from kvitto.audit.register.field import field_values
    from kvitto.audit.register.fill import measure_fill
    from kvitto.model.table import canonical_table

    require_team(who, "see what the fields are worth", client)
    if table is not None:
        canonical_table(table)
    with house.readers.reading() as reader:
        fills = measure_fill(reader.query, client)
    found = field_values(fills, _given(house, (client,)))
    return tuple(one for one in found if table in (None, one.table))


def registers_for(house: House, who: Who, client: str, findings: Sequence[Finding]) -> Registers:
    """All registers of a client as a report shows them."""
    from kvitto.app.data_health import data_health
    from kvitto.app.recheck import rates
    from kvitto.report import register as shown

    held, listed = data_health(house, who, client)[0], inventory(house, who, client)
    names = {one.id: one.name for one in listed.systems}
    return shown.Registers(
        day=held.day,
        scores=tuple(
            shown.ScoreLine(
                one.name,
                one.score,
                tuple(shown.PartLine(p.name, p.weight, p.part, p.whole) for p in one.parts),
            )
            for one in (held.whole, *held.sources)
        ),
        course=held.course,
        is_listed=listed.is_listed,
        systems=tuple(
            shown.SystemLine(
                one.name,
                one.kind,
                one.owner,
                one.updated,
                bool(one.sources),
                one.audited,
                one.is_audited,
                one.signed_off_by,
                one.people,
            )
            for one in listed.systems
        ),
        unnamed=listed.unnamed,
        access=tuple(
            shown.AccessLine(
                names[one.system],
                one.person,
                one.role,
                one.is_service,
                one.last_used,
                one.supervisor,
                one.overdue,
            )
            for one in access(house, who, client)
        ),
        fields=tuple(_field_line(one) for one in fields(house, who, client)),
        rates=tuple(
            shown.RateLine(
                one.table, one.field, one.checked, one.wrong, one.rate, one.low, one.high
            )
            for one in rates(house, who, client)
        ),
        findings=tuple(findings),
        touched=_touched(house, client),
    )


def _field_line(one: FieldValue) -> FieldLine:
    from kvitto.report.register import FieldLine

    metrics = tuple(sorted({use.by for use in one.uses if use.kind == "metric"}))
    return FieldLine(one.table, one.column, one.filled, one.rows, metrics, one.advice)


def _touched(house: House, client: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The metrics in force that read a column, or (no column) any of a table."""
    from kvitto.audit.register.field import made_from

    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in uses_of(house, client):
        if one.kind == "metric" and one.last is not None:
            for table, column in made_from(one.table, one.column):
                found.setdefault((table, column), {})[one.by] = None
                found.setdefault((table, ""), {})[one.by] = None
    return {place: tuple(names) for place, names in found.items()}


def keep_registers(
    house: House,
    building: Building,
    findings: Sequence[Finding],
    fresh: Sequence[SourceState],
) -> tuple[Finding, ...]:
    """Bring the registers of the version that is being built up to today; what they find."""
    from dataclasses import replace

    from kvitto.audit.register import register

    states = {state.key: state for state in fresh}
    for state in () if building.previous is None else building.previous.sources:
        if state.name in house.workspace.sources:
            states.setdefault(state.key, state)
    known = tuple(states.values())
    given = replace(
        _given(house, sorted(house.workspace.clients)),
        states=known,
        conflicts=conflicts(house, building, known),
    )
    return register(building.connection, findings, given)


def _given(house: House, clients: Sequence[str]) -> Given:
    from kvitto.app.recheck import answered
    from kvitto.audit.register import Given

    return Given(
        days={client: house.today_of(client) for client in clients},
        systems={
            client: house.workspace.systems[client]
            for client in clients
            if client in house.workspace.systems
        },
        sources={client: _sources(house, client) for client in clients},
        uses={client: uses_of(house, client) for client in clients},
        checks={client: answered(house, client) for client in clients},
        labels={client: _labels(house, client) for client in clients},
    )


def _sources(house: House, client: str) -> tuple[str, ...]:
    return tuple(
        name for name, source in sorted(house.workspace.sources.items()) if client in source.serves
    )


def _labels(house: House, client: str) -> frozenset[tuple[str, str]]:
    from kvitto.workspace.label import standing

    book = standing(house.workspace.rules.values(), client, house.today_of(client))
    named = {(concept, one) for concept, listed in book.values.items() for one in listed}
    meant = {(concept, one.means) for concept, listed in book.rules.items() for one in listed}
    return frozenset(named | meant)


def _last_used(house: House, client: str) -> dict[tuple[str, str], date]:
    from kvitto.errors import WarehouseFailed

    try:
        with house.readers.reading() as reader:
            rows = reader.query(
                "SELECT system_id, person, last_used_on FROM data_access"
                " WHERE client_id = $client AND last_used_on IS NOT NULL AND snapshot_on ="
                " (SELECT max(snapshot_on) FROM data_access WHERE client_id = $client)",
                {"client": client},
            )
    except WarehouseFailed:
        return {}
    return {(system, person): last for system, person, last in rows}
