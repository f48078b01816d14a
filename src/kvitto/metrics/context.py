"""What the metrics need to know about the client that is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kvitto.metrics.priority import Rule
from kvitto.model.period import Calendar
from kvitto.workspace.definition import BaselineDefinition, GoalDefinition


@dataclass(frozen=True, slots=True)
class ClientContext:
    """One client: its currency, its calendar, its today, its goals and its sources' order."""

    client: str
    name: str
    currency: str
    calendar: Calendar
    today: date
    goals: tuple[GoalDefinition, ...] = ()
    baselines: tuple[BaselineDefinition, ...] = ()
    priorities: tuple[Rule, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Sources that could not be read the last time, each with the reason."""
