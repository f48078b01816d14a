"""What is wrong in the published data."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.model.finding import Finding

if TYPE_CHECKING:
    from kvitto.warehouse import Warehouse


def findings(house: House, who: Who, client: str | None = None) -> tuple[Finding, ...]:
    """The findings of the current version, the gravest first: of one client or of all in scope.

    Raises :class:`WarehouseFailed` where nothing was published yet.
    """
    require_team(who, "see the findings", client)
    found = published_findings(house.warehouse, house.warehouse.current().id)
    return tuple(
        finding
        for finding in found
        if finding.client in who.scope and client in (None, finding.client)
    )


@lru_cache(maxsize=2)
def published_findings(warehouse: Warehouse, version: str) -> tuple[Finding, ...]:
    """All findings of a version, the gravest first; a version never changes, so they are kept.

    Of every client: narrow them to a scope before anybody sees them.
    """
    from kvitto.audit import read_findings

    with warehouse.reader(version) as reader:
        return read_findings(reader)
