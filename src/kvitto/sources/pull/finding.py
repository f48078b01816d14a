"""What the records themselves give away: fields that came, went, or hold nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kvitto.model.finding import Finding, Severity
from kvitto.sources.connector import Reading
from kvitto.sources.finding import reading_finding
from kvitto.sources.landing import StreamState
from kvitto.sources.pull.watch import Watch
from kvitto.sources.stream import Notice

ENOUGH = 20
"""Records that must have come before the absence of a field says anything."""

_MOST = 12


def learnt(state: StreamState, watch: Watch) -> StreamState:
    """The state with what this run's records show of the fields.

    A field that has held values and that none of enough new records has any
    more counts as empty until one has it again.
    """
    held = set(state.filled)
    empty = {name for name in state.empty if name in watch.declared} - watch.filled
    if watch.rows >= ENOUGH:
        empty |= (held & watch.declared) - watch.filled
    return replace(
        state,
        filled=tuple(sorted(held | watch.filled)),
        unknown=tuple(sorted(set(state.unknown) | watch.unknown)),
        empty=tuple(sorted(empty)),
    )


def drift(client: str, source: str, stream: str, state: StreamState) -> list[Finding]:
    """The findings that the state's fields give rise to."""
    found = [_empty(client, source, stream, name) for name in state.empty]
    if state.unknown:
        found.append(
            reading_finding(
                "field_new",
                client=client,
                source=source,
                table=stream,
                severity=Severity.notice,
                message=f"{stream} has fields that are not read: {_listed(state.unknown)}",
                todo="Name a field under tables: if a figure needs it.",
            )
        )
    return found


def _empty(client: str, source: str, stream: str, field: str) -> Finding:
    return reading_finding(
        "field_empty",
        client=client,
        source=source,
        table=stream,
        column=field,
        severity=Severity.error,
        message=f"The field '{field}' of {stream} held values before and is empty in all newer"
        " records: it was renamed, removed or may no longer be read",
        todo="Look at the field in the source; map its new name under tables:, or give the user"
        " of the connection the right to read it.",
    )


def absent(client: str, source: str, stream: str, why: str) -> Finding:
    """An optional stream that this server does not give."""
    return reading_finding(
        "stream_absent",
        client=client,
        source=source,
        table=stream,
        severity=Severity.notice,
        message=f"{stream} cannot be read here and is left out: {why}",
        todo="Nothing, if it is not used; else install it there or grant the right to read it.",
    )


def noticed(reading: Reading, notice: Notice) -> Finding:
    """What the connector wants a person to know."""
    return reading_finding(
        notice.code,
        client=reading.definition.client or "",
        source=reading.name,
        table=notice.stream or reading.name,
        rows=notice.rows,
        records=notice.records,
        severity=Severity(notice.severity),
        message=notice.message,
        todo=notice.todo,
    )


def uncursored(client: str, source: str, watch: Watch) -> Finding:
    """Records that do not say when they changed: later changes of theirs may go unseen."""
    return reading_finding(
        "no_change_time",
        client=client,
        source=source,
        table=watch.stream.name,
        column=watch.stream.cursor,
        rows=watch.uncursored,
        severity=Severity.warning,
        message=f"{watch.uncursored} records of {watch.stream.name} carry no time of change that"
        " can be read; they are kept, but a later change of theirs may not be noticed",
        todo="Read the source again from the start now and then: kvitto sync --from DAY.",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST} more"
