"""What the published data was audited with, so that a decision alone brings a new audit.

Where no source has anything new, the data is audited again if a rule, a
decision, an inventory or an answer has changed since, and left alone if not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kvitto import __version__
from kvitto.app.house import House
from kvitto.app.recheck import answered

if TYPE_CHECKING:
    from kvitto.warehouse import Version

_FILE = "audited"


def is_audited(house: House, version: Version) -> bool:
    """Whether the audit of the version would say the same again."""
    try:
        return (house.runtime / _FILE).read_text(encoding="utf-8") == _stamp(house, version)
    except FileNotFoundError:
        return False


def write_audited(house: House, version: Version) -> None:
    """Remember what the version was audited with."""
    from kvitto.warehouse.disk import write_whole

    write_whole(house.runtime / _FILE, _stamp(house, version).encode())


def _stamp(house: House, version: Version) -> str:
    """Equal where all that an audit depends on is equal."""
    workspace = house.workspace
    written = (workspace.decisions, workspace.rules, workspace.systems)
    parts = [
        __version__,
        version.id,
        *(f"{house.today_of(client)}" for client in sorted(workspace.clients)),
        *(
            f"{name} {one.model_dump_json()}"
            for kind in written
            for name, one in sorted(kind.items())
        ),
        *(f"{client} {answered(house, client)}" for client in sorted(workspace.clients)),
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
