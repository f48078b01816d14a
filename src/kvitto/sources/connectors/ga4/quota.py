"""A property's quota, as each answer tells it: stop before it ends, not after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOURLY = ("tokensPerHour", "tokensPerProjectPerHour")
DAILY = "tokensPerDay"


@dataclass(slots=True)
class Quota:
    """What is left of a property's tokens. ``dearest`` is the most that a question cost."""

    left: dict[str, int] = field(default_factory=dict)
    dearest: int = 0

    def told(self, quota: Mapping[str, Any] | None) -> None:
        """Take in what an answer says."""
        for name in (DAILY, *HOURLY):
            status = (quota or {}).get(name)
            if isinstance(status, Mapping):
                self.left[name] = int(status.get("remaining") or 0)
                if name == DAILY:
                    self.dearest = max(self.dearest, int(status.get("consumed") or 0))

    def ended(self) -> str | None:
        """The quota that does not hold another question like the dearest; ``None`` while all do."""
        need = max(self.dearest, 1)
        names = (DAILY, *HOURLY)
        return next((name for name in names if self.left.get(name, need) < need), None)
