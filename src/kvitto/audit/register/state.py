"""One line of how the data stood: so many of so many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class State:
    """``part`` of ``whole`` on the day of the audit, for what the rest says."""

    client: str
    measure: str
    part: int
    whole: int
    object: str | None = None
    field: str | None = None
    source: str | None = None
    kind: str | None = None

    def row(self, day: Any) -> dict[str, Any]:
        """As a row of ``data_states``."""
        return {
            "client_id": self.client,
            "snapshot_on": day,
            "measure": self.measure,
            "object": self.object,
            "field": self.field,
            "source": self.source,
            "kind": self.kind,
            "part": self.part,
            "whole": self.whole,
        }
