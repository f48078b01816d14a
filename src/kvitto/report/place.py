"""Where an edition lies: ``<root>/<client>/<report>/<period>/<number>``."""

from __future__ import annotations

import re
from pathlib import Path

from kvitto.errors import UnknownName

_PART = re.compile(r"^(?!\.)[\w.+-]+$")


def edition_id(client: str, report: str, period: str, number: int) -> str:
    """The id of an edition, which is also its path below the folder of editions."""
    return "/".join(
        _checked(part) for part in (client, report, period.replace(" ", "-"), str(number))
    )


def folder_of(root: Path, edition: str) -> Path:
    """The folder of an edition. Raises :class:`UnknownName` for what is not an id."""
    parts = edition.split("/")
    if len(parts) != 4 or not parts[3].isdigit():
        raise UnknownName.of(
            f"the edition '{edition}'",
            "this is not an edition's id",
            "Write client/report/period/number, such as northgate/R13/2017-12/1.",
        )
    return root.joinpath(*(_checked(part) for part in parts))


def _checked(part: str) -> str:
    if not _PART.match(part):
        raise UnknownName.of(
            f"the part '{part}' of an edition's id",
            "it has signs that a folder's name must not have",
            "Use letters, digits, '-', '_' and '.'.",
        )
    return part
