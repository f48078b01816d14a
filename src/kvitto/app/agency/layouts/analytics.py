"""Google Analytics 4: the report downloaded by hand, with comment lines and days as YYYYMMDD."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from kvitto.app.agency.layout import FileLayout, Setting, year_of
from kvitto.app.agency.plan import Rename
from kvitto.app.agency.record import Record, WebDay
from kvitto.app.agency.sheet import Form, Row

_TRAFFIC = (
    "Date",
    "Session primary channel group (Default channel group)",
    "Sessions",
    "Engaged sessions",
    "Engagement rate",
    "Average engagement time per session",
    "Events per session",
    "Event count",
    "Key events",
    "Session key event rate",
    "Total revenue",
)
_EVENTS = ("Date", "Event name", "Session default channel group", "Event count", "Key events")
_LINE = "# ----------------------------------------"


def files(rename: Rename | None = None) -> tuple[FileLayout, ...]:
    """Traffic by channel for each year; the events too, where one was renamed."""
    traffic = FileLayout(
        name="Traffic_acquisition",
        takes=WebDay,
        header=_TRAFFIC,
        rows=_traffic,
        form=Form(end="\n"),
        split=_year,
        before=lambda setting, part: _comments("Traffic acquisition", setting, part),
    )
    if rename is None:
        return (traffic,)

    def events(record: Record, setting: Setting) -> Iterable[Row]:
        assert isinstance(record, WebDay)
        if not record.is_lost:
            day = record.day.strftime("%Y%m%d")
            yield (day, rename.old, record.channel, record.shown_keys, record.shown_keys)
            if record.renamed_keys:
                yield (day, rename.new, record.channel, record.renamed_keys, 0)

    listed = FileLayout(
        name="Events_Event_name",
        takes=WebDay,
        header=_EVENTS,
        rows=events,
        form=Form(end="\n"),
        split=_year,
        before=lambda setting, part: _comments("Events: Event name", setting, part),
    )
    return (traffic, listed)


def _year(record: Record) -> str:
    assert isinstance(record, WebDay)
    return year_of(record.day)


def _comments(title: str, setting: Setting, part: str) -> Sequence[str]:
    year = int(part[1:])
    end = min(date(year, 12, 31), setting.as_of)
    return (
        _LINE,
        f"# {title}",
        f"# Account: {setting.profile.name}",
        f"# Property: {setting.profile.name} - GA4",
        _LINE,
        "#",
        "# All Users",
        f"# Start date: {year}0101",
        f"# End date: {end:%Y%m%d}",
        "",
    )


def _traffic(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, WebDay)
    if record.is_lost:
        return
    sessions = record.sessions
    yield (
        record.day.strftime("%Y%m%d"),
        record.channel,
        sessions,
        record.engaged,
        f"{record.engaged / sessions if sessions else 0:.4f}",
        record.seconds,
        f"{record.events / sessions if sessions else 0:.2f}",
        record.events,
        record.shown_keys,
        f"{record.shown_keys / sessions if sessions else 0:.4f}",
        "0",
    )
