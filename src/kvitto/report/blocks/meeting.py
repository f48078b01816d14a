"""The call in which the report is talked through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kvitto.model.block import Block, MeetingBlock
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec


class MeetingSpec(BlockSpec):
    """Has no settings of its own."""


def _build(spec: MeetingSpec, context: Context) -> Sequence[Block]:
    meeting = context.client.meeting
    if meeting is None:
        return ()
    when = meeting.at
    zone = context.client.calendar().zone
    when = when.replace(tzinfo=zone) if when.tzinfo is None else when.astimezone(zone)
    return (
        MeetingBlock(
            id=spec.id,
            title=context.title(spec.title),
            when=_when(context, when),
            day=when.date().isoformat(),
            minutes=meeting.minutes,
            where=meeting.where,
            agenda=meeting.agenda,
            note=_note(context),
        ),
    )


def _when(context: Context, when: datetime) -> str:
    from babel.dates import format_date, format_time, get_timezone_location

    locale = context.formatter.locale
    zone = context.client.calendar().zone
    return context.words(
        "meeting.when",
        weekday=format_date(when, "EEEE", locale=locale),
        day=context.formatter.day(when.date()),
        time=format_time(when, "short", locale=locale, tzinfo=zone),
        city=get_timezone_location(zone, locale=locale, return_city=True),
    )


def _note(context: Context) -> str:
    asked = [item for item in context.client.actions if item.side == "client"]
    open_ = [item for item in asked if item.status == "open"]
    return context.words("meeting.actions", n=len(open_), number=len(open_)) if open_ else ""


KIND = BlockKind(MeetingSpec, nothing_needed, _build)
