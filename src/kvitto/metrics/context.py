"""What the metrics need to know about the client that is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kvitto.model.period import Calendar
from kvitto.workspace.definition import BaselineDefinition, GoalDefinition


@dataclass(frozen=True, slots=True)
class ClientContext:
    """One client: its currency, its calendar, its today, its goals and baselines."""

    client: str
    name: str
    currency: str
    calendar: Calendar
    today: date
    goals: tuple[GoalDefinition, ...] = ()
    baselines: tuple[BaselineDefinition, ...] = ()
