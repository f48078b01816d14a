"""How each source fared when it was last tried: one small file per source.

It tells a person what is wrong and since when, and the next sync whether
anything can have changed since the last good one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kvitto import __version__
from kvitto.app.house import House
from kvitto.errors import KvittoError

if TYPE_CHECKING:
    from kvitto.warehouse import Version

_FOLDER = "sources"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a source could not be read: the error's code, what was found, what to do."""

    code: str
    found: str
    todo: str


@dataclass(frozen=True, slots=True)
class Health:
    """What is remembered of a source.

    ``tried_at`` and ``good_at`` (ISO, UTC) are its last try and its last good
    one. ``stamp`` is equal where neither the data nor what it was made with has
    changed; ``synced`` are the published states that it stands for.
    """

    tried_at: str | None = None
    good_at: str | None = None
    stamp: str | None = None
    synced: tuple[str, ...] = ()
    trouble: tuple[Trouble, ...] = ()


def read_health(house: House, source: str) -> Health:
    """What is remembered of the source; nothing where it was never tried."""
    path = house.runtime / _FOLDER / f"{source}.json"
    try:
        plain: dict[str, Any] = json.loads(path.read_text("utf-8"))
        trouble = tuple(Trouble(**one) for one in plain.pop("trouble"))
        return Health(**{**plain, "synced": tuple(plain["synced"])}, trouble=trouble)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return Health()


def failed_sources(house: House, client: str) -> dict[str, str]:
    """The client's sources that could not be read the last time, each with the reason."""
    known = {
        name: read_health(house, name).trouble
        for name, source in house.workspace.sources.items()
        if client in source.serves
    }
    return {name: trouble[0].found for name, trouble in known.items() if trouble}


def write_health(house: House, source: str, health: Health) -> None:
    """Remember it; a crash leaves what was remembered before."""
    from kvitto.warehouse.disk import write_whole

    path = house.runtime / _FOLDER / f"{source}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(health), indent=1, sort_keys=True).encode())


def trouble_of(error: KvittoError) -> tuple[Trouble, ...]:
    """The error as it is remembered."""
    return tuple(
        Trouble(error.code, f"{one.asked}: {one.found}", one.todo) for one in error.problems
    )


def states_of(version: Version | None, source: str) -> tuple[str, ...]:
    """Which published states of the source readers see now."""
    if version is None:
        return ()
    return tuple(
        f"{state.client} {state.synced_at}" for state in version.sources if state.name == source
    )


def stamp_of(house: House, source: str, data: str) -> str:
    """A text that is equal where the source would conform to the same rows again.

    ``data`` says which data it is; the definitions, the day and the program's
    own version are added.
    """
    workspace = house.workspace
    definition = workspace.sources[source]
    shared = workspace.connections.get(definition.connection or "")
    parts = [
        __version__,
        data,
        definition.model_dump_json(),
        shared.model_dump_json() if shared is not None else "",
        *(f"{house.today_of(client)}" for client in definition.serves),
        *(workspace.clients[client].model_dump_json() for client in definition.serves),
        *(rules.model_dump_json() for _, rules in sorted(workspace.rules.items())),
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
