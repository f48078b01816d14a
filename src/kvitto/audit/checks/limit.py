"""Numbers that cannot be: more hours than a day has, an answer beyond its scale."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

LIMITS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "activities": (("duration_sec", "t.duration_sec > 604800", "longer than a week"),),
    "calls": (
        ("talk_sec", "t.talk_sec > 86400", "longer than a day"),
        ("hold_sec", "t.hold_sec > 86400", "longer than a day"),
        ("wrap_sec", "t.wrap_sec > 86400", "longer than a day"),
    ),
    "fx_rates": (("rate_to_base", "t.rate_to_base = 0", "of zero"),),
    "meetings": (("duration_min", "t.duration_min > 1440", "longer than a day"),),
    "survey_responses": (
        ("score", "t.score > t.scale_max", "above the highest point of the scale"),
        ("score", "t.score < 0", "below the lowest point of the scale"),
        ("score", "t.survey_kind = 'nps' AND t.score > 10", "above 10, the highest of NPS"),
    ),
    "time_logs": (("hours", "t.hours > 24", "of more hours than a day has"),),
    "users": (
        ("capacity_hours_week", "t.capacity_hours_week > 168", "of more hours than a week has"),
    ),
    "web_sessions": (("duration_sec", "t.duration_sec > 86400", "longer than a day"),),
    "web_traffic": (
        ("engaged_sessions", "t.engaged_sessions > t.sessions", "above that of all visits"),
    ),
}
"""Per table: the column, the condition, and what the number is."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """The limits of this table."""
    for column, condition, what in LIMITS.get(table.name, ()):
        yield Probe(
            code="impossible_number",
            severity=Severity.warning,
            table=table.name,
            column=column,
            condition=condition,
            what=f"have a number {what} in {column}",
            todo="Look whether the unit is right, or correct the rows in the source.",
            subject=table.name.replace("_", " "),
        )
