"""Streams out of their declaration."""

from __future__ import annotations

from datetime import timedelta

from kvitto.sources.connectors.rest.settings import RestSettings, StreamDefinition
from kvitto.sources.stream import FieldKind, Stream


def streams_of(settings: RestSettings) -> tuple[Stream, ...]:
    """The streams that ``settings`` declare, parents and their children as written."""
    return tuple(
        _stream(name, definition, settings) for name, definition in settings.streams.items()
    )


def _stream(name: str, definition: StreamDefinition, settings: RestSettings) -> Stream:
    fields: dict[str, FieldKind] = {
        field: definition.field(field).kind for field in definition.fields
    }
    if definition.parent is not None:
        above = settings.streams[definition.parent.stream]
        for ours, theirs in definition.parent.keep.items():
            fields[ours] = above.field(theirs).kind if theirs in above.fields else "text"
    return Stream(
        name,
        key=definition.key,
        fields=fields,
        fill=definition.fill,
        keeping=definition.keeping,
        cursor=definition.cursor,
        ordered=definition.ordered,
        overlap=timedelta(minutes=definition.overlap_minutes),
        deleting=definition.deleting,
        deleted_field=definition.deleted_field,
        optional=definition.optional,
        settles_days=definition.settles_days,
        about=definition.about,
    )
