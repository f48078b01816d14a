"""What a published version of the warehouse is, and what is known of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceState:
    """How fresh one source is in a version.

    ``synced_at`` is ISO text in UTC; ``complete_to`` the last local day that
    the source is known to show in full; a day younger than ``settles_days``
    before it may still change. ``rows`` counts the canonical rows it brought.
    ``tables`` are the canonical tables that it feeds, also those of which it
    has no row yet; none where an older version did not write them down.

    A source that serves several clients has a state for each.
    """

    name: str
    kind: str
    client: str
    synced_at: str
    complete_to: date | None
    rows: int
    settles_days: int
    tables: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other states of a version: its name and client."""
        return self.name, self.client


@dataclass(frozen=True, slots=True)
class Version:
    """One published warehouse. ``digest`` is over the contents, free of clocks and row order.

    ``id`` is ``v0001-1a2b3c4d``: a running number and the digest's first eight
    digits. ``rows`` counts the rows of each canonical table that has any.
    """

    id: str
    created_at: str
    digest: str
    sources: tuple[SourceState, ...]
    rows: Mapping[str, int]

    @property
    def number(self) -> int:
        """The running number."""
        return int(self.id[1:].split("-", 1)[0])

    def states(self, name: str) -> tuple[SourceState, ...]:
        """The states of that source, one for each client whose data it has here."""
        return tuple(state for state in self.sources if state.name == name)

    def source(self, name: str, client: str | None = None) -> SourceState | None:
        """The state of that source, ``None`` where this version has none of it.

        Without a client it is that of its first client, by name.
        """
        found = self.states(name)
        return next((state for state in found if client in (None, state.client)), None)


def to_plain(version: Version) -> dict[str, object]:
    """The version as what JSON can hold."""
    return {
        "id": version.id,
        "created_at": version.created_at,
        "digest": version.digest,
        "sources": [state_to_plain(state) for state in version.sources],
        "rows": dict(version.rows),
    }


def from_plain(plain: Mapping[str, Any]) -> Version:
    """The version out of what :func:`to_plain` made."""
    return Version(
        str(plain["id"]),
        str(plain["created_at"]),
        str(plain["digest"]),
        tuple(_state(state) for state in plain["sources"]),
        MappingProxyType({str(name): int(count) for name, count in plain["rows"].items()}),
    )


def state_to_plain(state: SourceState) -> dict[str, object]:
    """One source's state as what JSON can hold."""
    return {
        "name": state.name,
        "kind": state.kind,
        "client": state.client,
        "synced_at": state.synced_at,
        "complete_to": None if state.complete_to is None else state.complete_to.isoformat(),
        "rows": state.rows,
        "settles_days": state.settles_days,
        "tables": list(state.tables),
    }


def _state(plain: Mapping[str, Any]) -> SourceState:
    complete = plain["complete_to"]
    return SourceState(
        str(plain["name"]),
        str(plain["kind"]),
        str(plain["client"]),
        str(plain["synced_at"]),
        None if complete is None else date.fromisoformat(complete),
        int(plain["rows"]),
        int(plain["settles_days"]),
        tuple(str(table) for table in plain.get("tables", ())),
    )
