"""What is wrong in the published data."""

from __future__ import annotations

from functools import lru_cache

from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.model.finding import Finding


def findings(house: House, who: Who, client: str | None = None) -> tuple[Finding, ...]:
    """The findings of the current version, the gravest first: of one client or of all in scope.

    Raises :class:`WarehouseFailed` where nothing was published yet.
    """
    require_team(who, "see the findings", client)
    scope = who.scope if client is None else who.scope.narrow(client)
    return published_findings(house, house.warehouse.current().id, scope.clients)


@lru_cache(maxsize=64)
def published_findings(house: House, version: str, clients: frozenset[str]) -> tuple[Finding, ...]:
    """The findings of a version about the clients of a scope, the gravest first.

    A version never changes, so they are kept, under the scope too.
    """
    from kvitto.audit import read_findings

    with house.readers.reading(version) as reader:
        return read_findings(reader, clients)
