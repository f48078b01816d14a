"""What is wrong in the published data."""

from __future__ import annotations

from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.model.finding import Finding


def findings(house: House, who: Who, client: str | None = None) -> tuple[Finding, ...]:
    """The findings of the current version, the gravest first: of one client or of all in scope.

    Raises :class:`WarehouseFailed` where nothing was published yet.
    """
    from kvitto.audit import read_findings

    require_team(who, "see the findings", client)
    with house.warehouse.reader() as reader:
        found = read_findings(reader, client)
    return tuple(finding for finding in found if finding.client in who.scope)
