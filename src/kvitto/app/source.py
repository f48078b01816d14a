"""The sources of a workspace: how fresh each is, what ails it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kvitto.app.connect.known import ending, read_sign_in, renewal, signs_in_by_browser
from kvitto.app.health import Health, Trouble, read_health
from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.errors import SourceRefused, WarehouseFailed

if TYPE_CHECKING:
    from kvitto.warehouse import SourceState, Version
    from kvitto.workspace.definition import SourceDefinition


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source as it stands.

    ``good_at`` and ``tried_at`` (ISO, UTC) are its last good sync and its last
    try. ``newest`` is the last day on which something in it happened, ``lag``
    the days from there to today. Days up to ``final_to`` change no more;
    ``complete_to`` is the last day that is shown in full. ``trouble`` is what
    ails it, ``todo`` what to do. ``path`` says where it is read from. ``expires_at``
    (ISO, UTC) is when its credential ends, ``ending`` says so where that is soon.
    """

    name: str
    kind: str
    clients: tuple[str, ...]
    path: str
    good_at: str | None
    tried_at: str | None
    rows: int
    newest: date | None
    lag: int | None
    complete_to: date | None
    final_to: date | None
    trouble: tuple[Trouble, ...] = ()
    expires_at: str | None = None
    ending: str = ""

    @property
    def todo(self) -> str:
        """What a person should do; nothing where all is well."""
        if self.trouble:
            return self.trouble[0].todo
        if self.ending:
            return self.ending
        return "" if self.good_at else f"Read it: kvitto sync {self.name}"

    def document(self) -> dict[str, object]:
        """As data."""
        plain = asdict(self)
        for key in ("newest", "complete_to", "final_to"):
            plain[key] = None if plain[key] is None else plain[key].isoformat()
        return {**plain, "clients": list(self.clients), "todo": self.todo}


def sources(house: House, who: Who) -> tuple[SourceRow, ...]:
    """The sources of the clients in scope, as readers see them now."""
    require_team(who, "see the sources")
    try:
        version = house.warehouse.current()
    except WarehouseFailed:
        version = None
    rows = []
    for name, definition in sorted(house.workspace.sources.items()):
        mine = tuple(client for client in definition.serves if client in who.scope)
        if mine:
            rows.append(_row(house, name, definition, mine, version))
    return tuple(rows)


def _row(
    house: House,
    name: str,
    definition: SourceDefinition,
    clients: tuple[str, ...],
    version: Version | None,
) -> SourceRow:
    from kvitto.warehouse.newest import newest_day

    health = read_health(house, name)
    states = [
        state
        for state in (version.sources if version is not None else ())
        if state.name == name and state.client in clients
    ]
    newest = None
    if version is not None and states:
        with house.readers.reading(version.id) as reader:
            newest = newest_day(reader, states, max(house.today_of(client) for client in clients))
    reached = min((one.complete_to for one in states if one.complete_to), default=None)
    settles = max((one.settles_days for one in states), default=0)
    trouble = tuple(_with_way_out(house, name, one) for one in health.trouble)
    sign_in = read_sign_in(house, name)
    expires_at = None if sign_in is None else sign_in.expires_at
    ends = ending(expires_at, house.now())
    return SourceRow(
        name,
        definition.kind,
        clients,
        _place(definition),
        _good_at(health, states),
        health.tried_at,
        sum(one.rows for one in states),
        newest,
        None if newest is None else max((house.today_of(clients[0]) - newest).days, 0),
        reached,
        None if reached is None else reached - timedelta(days=settles),
        trouble,
        expires_at,
        f"{ends}. {renewal(house, name)}" if ends else "",
    )


def _with_way_out(house: House, name: str, trouble: Trouble) -> Trouble:
    """A refused sign-in that a person gives with the browser: how to give it again."""
    if trouble.code != SourceRefused.code or not signs_in_by_browser(house, name):
        return trouble
    return replace(trouble, todo=f"{trouble.todo} {renewal(house, name)}")


def _good_at(health: Health, states: list[SourceState]) -> str | None:
    """The last good sync; the published one where nothing else is remembered."""
    return health.good_at or min((one.synced_at for one in states), default=None)


def _place(definition: SourceDefinition) -> str:
    if definition.path:
        return definition.path
    named: Mapping[str, object] = definition.settings
    shown = [str(named[key]) for key in ("url", "account", "property", "database") if key in named]
    return definition.connection or (shown[0] if shown else "")
