"""The truth about a generated workspace, as data: what ``truth.json`` holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from kvitto.app.agency.plan import Item
from kvitto.app.agency.tally import Number

Months = Mapping[str, Mapping[str, Number]]
FORMAT = 1
"""Version of the form of ``truth.json``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was planted. ``items`` say exactly what; ``expect`` what should be found."""

    kind: str
    source: str
    what: str
    expect: str
    items: tuple[Item, ...]

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "kind": self.kind,
            "source": self.source,
            "what": self.what,
            "expect": self.expect,
            "count": len(self.items),
            "items": list(self.items),
        }


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file below the workspace. ``rows`` are those below the header, without totals."""

    path: str
    source: str
    layout: str
    encoding: str
    rows: int
    is_older: bool


@dataclass(frozen=True, slots=True)
class ClientTruth:
    """One client: what happened by month, what the files say, and how the two differ.

    Days are those of the client's zone. Amounts are decimals by currency;
    hours are decimals; everything else is counted.
    """

    name: str
    currency: str
    timezone: str
    months: Months
    shown: Months
    open_at_end: Mapping[str, int]
    files: tuple[WrittenFile, ...]
    faults: tuple[Fault, ...]

    def fault(self, kind: str) -> Fault:
        """The planted fault of that kind; raises :class:`KeyError` where there is none."""
        for fault in self.faults:
            if fault.kind == kind:
                return fault
        raise KeyError(kind)

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "name": self.name,
            "currency": self.currency,
            "timezone": self.timezone,
            "months": self.months,
            "shown": self.shown,
            "open_at_end": self.open_at_end,
            "files": [
                {
                    "path": one.path,
                    "source": one.source,
                    "layout": one.layout,
                    "encoding": one.encoding,
                    "rows": one.rows,
                    "older": one.is_older,
                }
                for one in self.files
            ],
            "faults": [fault.document() for fault in self.faults],
        }


@dataclass(frozen=True, slots=True)
class AgencyTruth:
    """All clients of a generated workspace."""

    seed: int
    size: float
    first: date
    until: date
    clients: Mapping[str, ClientTruth]

    def document(self) -> dict[str, object]:
        """As data, in the form of ``truth.json``."""
        return {
            "format": FORMAT,
            "seed": self.seed,
            "size": self.size,
            "first": self.first,
            "until": self.until,
            "clients": {name: client.document() for name, client in self.clients.items()},
        }

    def write(self, path: Path) -> None:
        """Write ``truth.json``; equal truth gives equal bytes."""
        text = json.dumps(
            self.document(), ensure_ascii=False, indent=1, sort_keys=True, default=_plain
        )
        path.write_bytes((text + "\n").encode())


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no place in the truth for {value!r}")
