"""A source over an interface: every stream brought up to date, then staged."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kvitto.errors import BadSource, SourceBusy, SourceRefused, SourceUnreachable
from kvitto.model.finding import Finding
from kvitto.sources.connector import Reading
from kvitto.sources.engine import open_engine
from kvitto.sources.landing import COLUMNS, Landing, open_landing
from kvitto.sources.pull.ahead import ReadAhead
from kvitto.sources.pull.book import Book
from kvitto.sources.pull.finding import absent, drift, noticed, uncursored
from kvitto.sources.pull.stage import stage_stream
from kvitto.sources.pull.stream import Asked, Update, fields_of, foreseen, update_stream
from kvitto.sources.pull.window import Again
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Api, BulkApi, Notice, Opening, ParallelApi, Stream
from kvitto.workspace.definition import ColumnMap, SourceDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


ENDING = (SourceBusy, SourceUnreachable)
"""Errors after which asking for another stream is of no use."""


ENOUGH = 1_000
"""Requests that a run must be allowed so that it asks ahead."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a run brought of one stream, in records."""

    stream: str
    received: int
    added: int
    changed: int
    removed: int


def pull(
    reading: Reading,
    opening: Opening,
    open_api: Callable[[Opening], Api],
    told: Callable[[Sequence[Pulled]], None] = lambda _pulled: None,
) -> Staged:
    """Bring the source's landing up to date and stage it.

    An error that concerns one stream leaves the others to be read; in the end
    all problems are raised together, and the next run goes on from what is
    kept. ``told`` hears what each stream brought.
    """
    with (
        open_landing(reading.root, reading.name) as landing,
        open_engine(reading.folder) as connection,
    ):
        notices: list[Notice] = []
        opening = replace(opening, notice=notices.append)
        api = _ahead(open_api(opening), opening)
        try:
            streams = _chosen(api.streams(), reading.definition)
            asked = _asked(reading, opening, notices)
            updates, findings = _update_all(connection, landing, api, streams, reading, asked)
            findings += [noticed(reading, notice) for notice in _in_order(notices, streams)]
        finally:
            api.close()
        told([_pulled(update) for update in updates])
        return _staged(connection, landing, streams, reading, findings)


def _update_all(
    connection: DuckDBPyConnection,
    landing: Landing,
    api: Api,
    streams: Sequence[Stream],
    reading: Reading,
    asked: Asked,
) -> tuple[list[Update], list[Finding]]:
    updates: list[Update] = []
    findings: list[Finding] = []
    troubles: list[BadSource] = []
    client = reading.definition.client or ""
    begun = 0
    for place, stream in enumerate(streams):
        reading.progress(f"{reading.name}: {stream.name}", place, len(streams))
        begun = _look_ahead(api, landing, streams, max(begun, place), reading, asked)
        extra = _extra(stream, reading.definition)
        try:
            update = update_stream(connection, landing, api, stream, extra, asked)
        except BadSource as error:
            known = landing.state.stream(stream.name).snapshot is not None
            whole = _refused_whole(api, error)
            if whole is not None:
                troubles.append(whole)
                break
            if stream.optional and not known and not isinstance(error, ENDING):
                why = error.problems[0].found
                findings.append(absent(client, reading.name, stream.name, why))
                continue
            troubles.append(error)
            if isinstance(error, (SourceRefused, *ENDING)):
                break
            continue
        updates.append(update)
        if update.watch.uncursored:
            findings.append(uncursored(client, reading.name, update.watch))
    if troubles:
        problems = tuple(problem for error in troubles for problem in error.problems)
        raise type(troubles[-1])(*problems)
    return updates, findings


def _ahead(api: Api, opening: Opening) -> Api:
    """The connection, asked side by side where it bears that.

    Where few requests may be made they are made in turn: what is asked ahead
    would leave too few for the stream that comes first.
    """
    if not isinstance(api, ParallelApi) or isinstance(api, BulkApi) or api.at_once < 2:
        return api
    return ReadAhead(api) if opening.limits.requests >= ENOUGH else api


def _look_ahead(
    api: Api,
    landing: Landing,
    streams: Sequence[Stream],
    begun: int,
    reading: Reading,
    asked: Asked,
) -> int:
    """Begin to ask for streams whose turn comes; how many are begun or must wait for theirs."""
    if not isinstance(api, ReadAhead):
        return begun
    while begun < len(streams) and api.room > 0:
        stream = streams[begun]
        state = landing.state.stream(stream.name)
        question = foreseen(state, stream, _extra(stream, reading.definition), asked)
        if question is not None:
            api.begin(question)
        begun += 1
    return begun


def _in_order(notices: Sequence[Notice], streams: Sequence[Stream]) -> list[Notice]:
    """The notices in the order of the streams, whichever was asked first."""
    places = {stream.name: place for place, stream in enumerate(streams)}
    return sorted(notices, key=lambda notice: places.get(notice.stream or "", -1))


def _refused_whole(api: Api, error: BadSource) -> BadSource | None:
    """What signing in again says, where not only the stream is refused but we are."""
    if not isinstance(error, SourceRefused):
        return None
    try:
        api.account()
    except BadSource as whole:
        return whole
    return None


def _staged(
    connection: DuckDBPyConnection,
    landing: Landing,
    streams: Sequence[Stream],
    reading: Reading,
    findings: Sequence[Finding],
) -> Staged:
    tables = []
    client = reading.definition.client or ""
    found = list(findings)
    reached: list[str] = []
    book = Book.at(landing.path(COLUMNS))
    for stream in streams:
        state = landing.state.stream(stream.name)
        if state.snapshot is None:
            continue
        fields = fields_of(stream, _extra(stream, reading.definition))
        snapshot = landing.path(state.snapshot)
        tables.append(stage_stream(connection, stream, fields, snapshot, reading.folder, book))
        found += drift(client, reading.name, stream.name, state)
        if stream.keeping == "days" and state.reached is not None:
            reached.append(state.reached)
    book.save()
    complete_to = None
    if reached:
        # The day that is running is never complete.
        last = date.fromisoformat(min(reached))
        complete_to = min(last, _today(reading) - timedelta(days=1))
    return Staged(
        reading.name,
        tuple(tables),
        tuple(found),
        revision=landing.state.revision,
        complete_to=complete_to,
        settles_days=max((stream.settles_days for stream in streams), default=0),
    )


def _chosen(streams: Sequence[Stream], definition: SourceDefinition) -> tuple[Stream, ...]:
    """The streams that are not skipped; days settle as late as the definition says."""
    skipped = {table.file for table in definition.tables if table.skip}
    settles = definition.settles_days or 0
    return tuple(
        replace(stream, settles_days=max(stream.settles_days, settles))
        if stream.keeping == "days"
        else stream
        for stream in streams
        if stream.name not in skipped
    )


def _extra(stream: Stream, definition: SourceDefinition) -> tuple[str, ...]:
    """Fields that the definition uses beyond those that the connector declares."""
    named: dict[str, None] = {}
    for table in definition.tables:
        if table.file != stream.name:
            continue
        for columns in table.fill.values():
            for value in columns.values():
                name = value.column if isinstance(value, ColumnMap) else value
                if name is not None and name not in stream.fields:
                    named[name] = None
    rule = definition.clients
    if rule is not None and stream.name in rule.tables and rule.column not in stream.fields:
        named[rule.column] = None
    return tuple(named)


def _asked(reading: Reading, opening: Opening, notices: list[Notice]) -> Asked:
    definition = reading.definition
    settings = json.dumps(
        opening.settings.model_dump(mode="json") if hasattr(opening.settings, "model_dump") else {},
        sort_keys=True,
    )
    return Asked(
        today=_today(reading),
        now=reading.now(),
        since=definition.since,
        settings=settings,
        deleted_share=opening.limits.deleted_share,
        folder=reading.folder,
        notices=notices,
        again=None if reading.again is None else Again(*reading.again),
    )


def _today(reading: Reading) -> date:
    zone = reading.definition.timezone
    now: datetime = reading.now()
    return now.astimezone(ZoneInfo(zone)).date() if zone else now.date()


def _pulled(update: Update) -> Pulled:
    merged = update.merged
    return Pulled(update.stream, update.received, merged.added, merged.changed, merged.removed)
