"""The systems that hold data, and who can open them: rows, findings, and the day's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kvitto.audit.register.given import Given
from kvitto.audit.register.state import State
from kvitto.audit.register.writing import add, renew
from kvitto.model.finding import Finding, Severity
from kvitto.workspace.system import AccessDefinition, SystemDefinition, SystemsDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AUDITED_DAYS = 365
"""A system that was looked through longer ago counts as not audited."""

Users = Mapping[str, Mapping[str, str]]
"""Of each client its users' ids, by whatever a person may be named with."""


def keep_inventory(
    connection: DuckDBPyConnection, given: Given
) -> tuple[tuple[Finding, ...], tuple[State, ...]]:
    """Write the systems and who can open them; give back findings and the day's state."""
    clients = sorted(given.days)
    users = _users(connection)
    renew(connection, "data_systems", clients)
    renew(connection, "data_access", clients, _other_days(given))
    listed = [
        (client, given.systems[client], given.days[client])
        for client in clients
        if client in given.systems
    ]
    found: list[Finding] = []
    states: list[State] = []
    for client, definition, day in listed:
        used = _last_uses(connection, client)
        mine = users.get(client, {})
        systems = [_system_row(client, one, mine) for one in definition.systems]
        access = [
            _access_row(client, day, system, one, mine, used)
            for system in definition.systems
            for one in system.access
        ]
        add(connection, "data_systems", systems)
        add(connection, "data_access", access)
        found += inventory_findings(client, definition, given.sources.get(client, ()), day)
        states += [_state(client, one, day) for one in definition.systems]
    return tuple(found), tuple(states)


def is_audited(system: SystemDefinition, day: date) -> bool:
    """Whether it was looked through within the last twelve months."""
    return system.audited is not None and timedelta(0) <= day - system.audited < timedelta(
        days=AUDITED_DAYS
    )


def unnamed_sources(definition: SystemsDefinition, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Sources that we read and no system names."""
    named = {source for system in definition.systems for source in system.sources}
    return tuple(sorted(set(sources) - named))


def inventory_findings(
    client: str, definition: SystemsDefinition, sources: tuple[str, ...], day: date
) -> Iterator[Finding]:
    """What is amiss in the inventory; people are counted here, and named in the register."""
    for source in unnamed_sources(definition, sources):
        yield _finding(
            "system_unnamed",
            client,
            1,
            f"the source {source} is read, but no system of the inventory names it",
            "Add the system to systems/, or the source to its system.",
            source=source,
        )
    for system in definition.systems:
        for code, rows, what, todo in _amiss(system, definition, day):
            yield _finding(code, client, rows, f"{system.name} {what}", todo, record=system.id)


def overdue(latest: date | None, days: int, day: date) -> bool:
    """Whether it was never done, or longer ago than that."""
    return latest is None or (day - latest).days > days


def _amiss(
    system: SystemDefinition, definition: SystemsDefinition, day: date
) -> Iterator[tuple[str, int, str, str]]:
    people = [one for one in system.access if not one.service]
    checks = (
        ("system_not_connected", int(not system.sources), "is not connected to any source",
         "Connect it, or know that nothing here speaks of it."),
        ("system_without_owner", int(not system.owner), "has no owner",
         "Name the person who answers for its content."),
        ("system_not_signed_off", int(not system.signed_off_by),
         "was not signed off", "Have its owner confirm what is written here."),
        ("system_not_audited", int(not is_audited(system, day)),
         "was not looked through within twelve months", "Audit it and write the day."),
        ("training_overdue",
         sum(overdue(one.trained, definition.training_days, day) for one in people),
         "can be opened by people whose training is overdue", "Train them and write the day."),
        ("review_overdue",
         sum(overdue(one.reviewed, definition.review_days, day) for one in system.access),
         "has accesses that nobody reviewed in time", "See whether they are still needed."),
        ("access_without_supervisor", sum(not one.supervisor for one in system.access),
         "has accesses without a supervisor", "Name who answers for each."),
    )  # fmt: skip
    return (check for check in checks if check[1])


def _finding(
    code: str,
    client: str,
    rows: int,
    message: str,
    todo: str,
    *,
    source: str = "",
    record: str | None = None,
) -> Finding:
    grave = code.startswith(("training", "review", "access", "system_without"))
    return Finding(
        code=code,
        severity=Severity.warning if grave else Severity.notice,
        client=client,
        source=source,
        table="data_access"
        if code.startswith(("training", "review", "access"))
        else "data_systems",
        column=None,
        rows=rows,
        records=() if record is None else (record,),
        message=message,
        todo=todo,
        decides="account manager",
    )


def _system_row(client: str, system: SystemDefinition, users: Mapping[str, str]) -> dict[str, Any]:
    people = {one.person.strip().casefold() for one in system.access if not one.service}
    return {
        "client_id": client,
        "system_id": system.id,
        "name": system.name,
        "kind": system.kind,
        "data_owner_id": users.get(system.owner.strip().casefold(), system.owner or None),
        "is_connected": bool(system.sources),
        "audited_at": system.audited and datetime.combine(system.audited, time()),
        "audited_on": system.audited,
        "people_with_access": len(people),
        "_source_id": system.id,
    }


def _access_row(
    client: str,
    day: date,
    system: SystemDefinition,
    access: AccessDefinition,
    users: Mapping[str, str],
    used: Mapping[tuple[str, str], date],
) -> dict[str, Any]:
    named = [access.user] if access.user else [access.person]
    user = next(
        (users[one.strip().casefold()] for one in named if one.strip().casefold() in users), None
    )
    days = [used[source, user] for source in system.sources if user and (source, user) in used]
    return {
        "client_id": client,
        "snapshot_on": day,
        "system_id": system.id,
        "person": access.person.strip(),
        "user_id": user,
        "role": access.role,
        "is_service": access.service,
        "last_used_on": max(days, default=None),
        "trained_on": access.trained,
        "reviewed_on": access.reviewed,
        "supervisor": access.supervisor or None,
        "_source_id": system.id,
    }


def _state(client: str, system: SystemDefinition, day: date) -> State:
    done = int(is_audited(system, day))
    return State(client, "systems", done, 1, "data_systems", system.id, kind=system.kind)


def _users(connection: DuckDBPyConnection) -> Users:
    rows = connection.execute(
        "SELECT client_id, user_id, email, name FROM users WHERE user_id IS NOT NULL"
        " ORDER BY client_id, user_id"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for client, user, email, name in rows:
        mine = found.setdefault(str(client), {})
        for word in (user, str(user).rsplit(":", 1)[-1], email, name):
            if word:
                mine.setdefault(str(word).strip().casefold(), str(user))
    return found


def _last_uses(connection: DuckDBPyConnection, client: str) -> Mapping[tuple[str, str], date]:
    rows = connection.execute(
        "SELECT coalesce(_source, ''), user_id, max(logged_in_on) FROM app_logins"
        " WHERE client_id = ? AND user_id IS NOT NULL AND logged_in_on IS NOT NULL GROUP BY 1, 2",
        [client],
    ).fetchall()
    return {(source, user): last for source, user, last in rows}


def _other_days(given: Given) -> str:
    parts = [
        f"(client_id = '{client}' AND snapshot_on <> DATE '{day}')"
        for client, day in sorted(given.days.items())
    ]
    return " OR ".join(parts) or "FALSE"
