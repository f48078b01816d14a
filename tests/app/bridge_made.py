"""The client with the two figures, alone: its CRM and its ad platform, synced once."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

from kvitto.app.agency import ClientTruth, generate
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync
from kvitto.metrics.bridge.step import Bridge, StepKind

CLIENT, WORD, MONTH = "akerstroms", "google_lead", "2025-09"
KEPT = ("akerstroms_crm", "akerstroms_google")

REASONS = {
    StepKind.time_zone: "time_zone",
    StepKind.duplicates: "duplicate",
    StepKind.claimed: "attribution_window",
    StepKind.late: "late",
    StepKind.unexplained: "unexplained",
}
"""Step of the bridge: what the truth calls it."""


@lru_cache(maxsize=8)
def made(size: float, seed: int) -> tuple[House, ClientTruth]:
    """The workspace of that size and seed, synced; its folder goes with the process."""
    root = Path(_folder().name) / f"{size}-{seed}"
    truth = generate(root, size=size, seed=seed, until=date(2025, 10, 31), only=[CLIENT])
    for source in (root / "sources").glob("*.yml"):
        if source.stem not in KEPT:
            source.unlink()
    house = open_house(root, date(2025, 11, 30))
    sync(house, local_person(house))
    return house, truth.clients[CLIENT]


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kvitto-bridge-")


def steps_of(bridge: Bridge) -> dict[StepKind, int]:
    """The steps that are not zero."""
    return {step.kind: int(step.amount) for step in bridge.steps if step.amount}
