"""Times and days on the team's screens."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from kvitto.model.locale import Formatter
from kvitto.web.words import spoken


def show(moment: str | datetime | None, zone: str = "UTC") -> str:
    """A moment (UTC, ISO text or aware) as people of that zone read it; "" for none."""
    if not moment:
        return ""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo("UTC"))
    local = found.astimezone(ZoneInfo(zone))
    return f"{Formatter.of(spoken()).short_day(local.date())}, {local:%H:%M}"


def show_day(day: str | date | None) -> str:
    """A local day, "" for none."""
    if not day:
        return ""
    found = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return Formatter.of(spoken()).short_day(found)
