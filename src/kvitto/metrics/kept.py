"""The registers that the audit keeps: tables that no source fills.

They are connected from the first audit on, and complete to the last one.
"""

from __future__ import annotations

from datetime import date

from kvitto.warehouse.version import SourceState

STATES = "data_states"
ISSUES = "data_issues"
REGISTERS = frozenset(
    {STATES, ISSUES, "data_checks", "data_access", "data_systems", "data_conflicts", "field_usage"}
)

NAME = "workspace"
"""What ``_source`` says of their rows."""


def kept_state(client: str, day: date) -> SourceState:
    """The register as a source that is complete to the day of the last audit."""
    return SourceState(NAME, "register", client, f"{day.isoformat()}T00:00:00+00:00", day, 0, 0)
