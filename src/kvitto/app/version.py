"""The published versions of the data, and the way back to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_owner, require_team

if TYPE_CHECKING:
    from kvitto.warehouse.version import Version


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One version as a line of a list."""

    id: str
    created_at: str
    rows: int
    sources: tuple[str, ...]
    current: bool

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "id": self.id,
            "created_at": self.created_at,
            "rows": self.rows,
            "sources": list(self.sources),
            "current": self.current,
        }


def list_versions(house: House, who: Who) -> tuple[ListedVersion, ...]:
    """Oldest first; nothing where nothing was published."""
    require_team(who, "see the versions of the data")
    found = house.warehouse.versions()
    current = house.warehouse.current().id if found else ""
    return tuple(
        ListedVersion(
            version.id,
            version.created_at,
            sum(version.rows.values()),
            tuple(state.name for state in version.sources),
            version.id == current,
        )
        for version in found
    )


def rollback(house: House, who: Who, to: str | None = None) -> Version:
    """Make an earlier version current: ``to``, or the one before the current one."""
    require_owner(who, "go back to an earlier version of the data")
    before = house.warehouse.current().id
    version = house.warehouse.rollback(to)
    note(house, who, "data.rollback", version.id, details={"from": before})
    return version
