"""How far the sources reach, as they say themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kvitto.audit.monitor.profile import Place
from kvitto.warehouse.version import SourceState


@dataclass(frozen=True, slots=True)
class Arrival:
    """By client and source: the last day shown in full, and how many days may still change.

    ``fresh`` are the sources that were read anew for this version, ``None`` for all.
    """

    reached: Mapping[Place, date] = field(default_factory=dict)
    settles: Mapping[Place, int] = field(default_factory=dict)
    fresh: tuple[str, ...] | None = None


def arrival_of(fresh: Iterable[SourceState], carried: Iterable[SourceState] = ()) -> Arrival:
    """What the states say; those that were read now before those of the version before."""
    now = {(state.client, state.name): state for state in fresh}
    states = {(state.client, state.name): state for state in carried} | now
    return Arrival(
        {place: state.complete_to for place, state in states.items() if state.complete_to},
        {place: state.settles_days for place, state in states.items()},
        tuple(sorted({name for _, name in now})),
    )
