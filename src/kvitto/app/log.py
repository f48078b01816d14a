"""Writing down who changed what, and reading it."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.store.row import LogRow


def note(
    house: House,
    who: Who,
    action: str,
    subject: str,
    *,
    client: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """One line in the audit log."""
    from kvitto.store.log import add_line

    add_line(
        house.store,
        at=house.now(),
        who=who.name,
        action=action,
        subject=subject,
        client=client,
        details=details,
    )


def read_log(
    house: House, who: Who, client: str | None = None, limit: int = 200
) -> tuple[LogRow, ...]:
    """The newest lines first: of one client, or of everything the person may see."""
    from kvitto.store import log

    require_team(who, "read the log", client)
    rows = log.read_log(house.store, client=client, limit=limit)
    return tuple(row for row in rows if not row.client or row.client in who.scope)
