"""Two records that may be one, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CERTAIN = 99.0
"""The weight of a reason that needs no other."""

ASK, MERGED, APART = "ask", "merged", "apart"
"""What is to become of a pair: a person decides, a rule has merged it, it stays two."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for or against, in words; ``weight`` in bits, negative against.

    What makes a pair certain weighs :data:`CERTAIN`; what is only remarked, nothing.
    """

    said: str
    weight: float

    def __str__(self) -> str:
        return f"{self.said} {self.weight:+.1f}" if 0 < abs(self.weight) < CERTAIN else self.said


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of one client; ``one`` is the smaller id. ``score`` is from 0 to 1."""

    client: str
    table: str
    one: str
    other: str
    score: float
    reasons: tuple[Reason, ...] = ()
    state: str = ASK


def reasons_from(text: str | None) -> tuple[Reason, ...]:
    """The reasons out of the column ``_candidates.reasons``."""
    listed: list[Mapping[str, Any]] = json.loads(text or "[]")
    return tuple(Reason(one["said"], float(one["weight"])) for one in listed)


def reasons_text(reasons: tuple[Reason, ...]) -> str:
    """The reasons as the column ``_candidates.reasons`` holds them."""
    listed = [{"said": one.said, "weight": one.weight} for one in reasons]
    return json.dumps(listed, ensure_ascii=False)
