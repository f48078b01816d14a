"""One stream brought up to date: asked, written, checkpointed, merged, its deletions learnt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadAnswer, BadSource
from kvitto.sources.landing import Landing, Part, StreamState
from kvitto.sources.landing.merge import Merged, Shape
from kvitto.sources.pull.ahead import Question
from kvitto.sources.pull.extract import write_pages
from kvitto.sources.pull.finding import learnt
from kvitto.sources.pull.watch import Watch
from kvitto.sources.pull.window import Again, instant_of, slices
from kvitto.sources.stream import (
    Api,
    BulkApi,
    FieldKind,
    Notice,
    Page,
    Stream,
    Wanted,
    Written,
)
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COMMIT_ROWS = 20_000
"""Records after which an ordered stream is checkpointed."""

FEW = 1_000
"""Up to so many records are not flushed to the disk before they are compared with what is held:
asking for them again costs less."""

ALWAYS = 50_000
"""Up to so many records the ids are compared in every run, beyond it once a day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run wants of every stream.

    ``today`` is the day now in the source's zone; ``settings`` a text that is
    equal where the settings are; ``deleted_share`` the share of the records
    that may be gone at once before it is taken for a mistake of the server's.
    """

    today: date
    now: datetime
    since: date | None
    settings: str
    deleted_share: float
    folder: Path
    notices: list[Notice]
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """What a stream came to: records received, and what the snapshot gained by them."""

    stream: str
    received: int
    merged: Merged
    watch: Watch


@dataclass(slots=True)
class _Cut:
    """Pages up to a limit; an error of the server's ends them and waits until they are kept."""

    pages: Iterator[Page]
    limit: int | None
    patient: bool
    over: bool = False
    trouble: BadSource | None = None

    def __iter__(self) -> Iterator[Page]:
        taken = 0
        while self.limit is None or taken < self.limit:
            try:
                page = next(self.pages)
            except StopIteration:
                self.over = True
                return
            except BadSource as error:
                if not self.patient:
                    raise
                self.over, self.trouble = True, error
                return
            taken += len(page)
            yield page


def update_stream(
    connection: DuckDBPyConnection,
    landing: Landing,
    api: Api,
    stream: Stream,
    extra: tuple[str, ...],
    asked: Asked,
) -> Update:
    """Bring the stream's snapshot up to date.

    What was read before an error is kept where the stream's order allows going
    on from there; then the error is raised.
    """
    fields = fields_of(stream, extra)
    state, again = _begun(landing.state.stream(stream.name), stream, fields, asked)
    # What a killed run would ask for again, as it does on each day, is not worth the wait.
    light = state.complete and not state.parts and not again
    landing.note(stream.name, state, later=light)
    watch = Watch(stream, frozenset(fields))
    wanted_all = tuple(slices(stream, state, asked.today, asked.since, extra, asked.again))
    for wanted in wanted_all:
        last = light and wanted is wanted_all[-1]
        _fetch(landing, api, stream, tuple(fields), wanted, watch, asked, light=last)
    state = learnt(landing.state.stream(stream.name), watch)
    due = _is_due(stream, state, asked)
    if asked.again is None and not _unread(stream, asked):
        state = replace(state, complete=True, cursor=_later(state.cursor, watch.cursor))
    if state.reconciled_at is None:
        # All was read just now, so what is held is what exists.
        state = replace(state, reconciled_at=asked.now.isoformat())
    landing.note(stream.name, state, later=light and watch.rows <= FEW)
    shape = _shape(stream, tuple(fields))
    merged = _merge(connection, landing, api, stream, shape, asked, due=due, again=again)
    return Update(stream.name, watch.rows, merged, watch)


def _merge(
    connection: DuckDBPyConnection,
    landing: Landing,
    api: Api,
    stream: Stream,
    shape: Shape,
    asked: Asked,
    *,
    due: bool,
    again: bool,
) -> Merged:
    """Fold what came into the snapshot and learn what is gone; most runs find neither."""
    whole, name = stream.keeping == "replace", stream.name
    path = asked.folder / f"{name}-ids.parquet" if due else None
    listed, trouble = 0, None
    try:
        listed = 0 if path is None else _list_ids(api, stream, path)
    except BadSource as error:
        # What came before it is kept all the same.
        trouble, path = error, None
    found = None if again else landing.compare(connection, name, shape, whole=whole, ids=path)
    if found is not None and not found.parts:
        merged = landing.keep(name, asked.now.isoformat() if path and not found.ids else None)
    else:
        known = found is not None
        merged = landing.fold(connection, name, shape, whole=whole, again=again, known=known)
    if trouble is not None:
        raise trouble
    if path is None or (found is not None and not found.parts and not found.ids):
        return merged
    return _reconcile(connection, landing, stream, shape, asked, merged, path, listed)


def foreseen(
    state: StreamState, stream: Stream, extra: tuple[str, ...], asked: Asked
) -> Question | None:
    """What :func:`update_stream` will ask, where that is one small question.

    A first reading, one from the start again and days that take several slices
    are left to their turn: each step of theirs is kept before the next is asked.
    """
    _, again = _begun(state, stream, fields_of(stream, extra), asked)
    if not state.complete or again or asked.again is not None:
        return None
    wanted = tuple(slices(stream, state, asked.today, asked.since, extra))
    if len(wanted) != 1:
        return None
    return Question(stream, wanted[0], _is_due(stream, state, asked))


def fields_of(stream: Stream, extra: tuple[str, ...]) -> dict[str, FieldKind]:
    """The fields that are kept: the declared ones and those that the definition asks for."""
    return {**stream.fields, **{name: "text" for name in extra if name not in stream.fields}}


def _shape(stream: Stream, columns: tuple[str, ...]) -> Shape:
    day = stream.cursor if stream.keeping == "days" else None
    flag = stream.deleted_field if stream.deleting == "flag" else None
    return Shape(columns, stream.key, day, flag)


def _begun(
    state: StreamState, stream: Stream, fields: dict[str, FieldKind], asked: Asked
) -> tuple[StreamState, bool]:
    """The state to go on from: all is read again where something else is asked for now."""
    plain = [fields, stream.key, stream.keeping, stream.cursor, asked.settings, str(asked.since)]
    declared = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
    if state.declared != declared:
        fresh = StreamState(snapshot=state.snapshot, rows=state.rows, declared=declared)
        return fresh, state.snapshot is not None
    return (replace(state, parts=()) if stream.keeping == "replace" else state), False


def _fetch(
    landing: Landing,
    api: Api,
    stream: Stream,
    columns: tuple[str, ...],
    wanted: Wanted,
    watch: Watch,
    asked: Asked,
    *,
    light: bool,
) -> None:
    """One slice, in one part or, where the order allows, in several."""
    stepwise = stream.keeping == "changes" and stream.ordered and asked.again is None
    if isinstance(api, BulkApi):
        written = api.write(stream, wanted, columns, _own_folder(asked.folder))
        _take_all(landing, stream, wanted, watch, asked, written, stepwise=stepwise)
        return
    pages = iter(watch.over(api.pages(stream, wanted)))
    over = False
    while not over:
        cut = _Cut(pages, COMMIT_ROWS if stepwise else None, patient=stepwise)
        before = watch.rows
        files = _written(iter(cut), columns, asked.folder, f"{stream.name}-{watch.rows}")
        over = cut.over or not stepwise
        state = landing.state.stream(stream.name)
        stays = _unread(stream, asked)
        if stepwise:
            state = replace(state, cursor=_later(state.cursor, watch.cursor))
        if wanted.last is not None and asked.again is None and not stays:
            state = replace(state, reached=wanted.last.isoformat())
        first, last = _text(wanted.first), _text(wanted.last)
        if files or first is not None or stays:
            part = Part(None, watch.rows - before, first, last, stays)
            later = light and over and cut.trouble is None and watch.rows <= FEW
            landing.add_part(stream.name, state, files, part, later=later)
        if cut.trouble is not None:
            raise cut.trouble


def _take_all(
    landing: Landing,
    stream: Stream,
    wanted: Wanted,
    watch: Watch,
    asked: Asked,
    written: Iterator[Written],
    *,
    stepwise: bool,
) -> None:
    """One slice that the connector writes itself, each file of it a part."""
    first, last = _text(wanted.first), _text(wanted.last)
    one: Written | None = None
    for one in written:
        watch.take(one)
        if stepwise:
            state = landing.state.stream(stream.name)
            state = replace(state, cursor=_later(state.cursor, watch.cursor))
            landing.add_part(stream.name, state, (one.file,), Part(None, one.rows))
    stays = _unread(stream, asked)
    if stepwise or (one is None and first is None and not stays):
        return
    state = landing.state.stream(stream.name)
    if last is not None and asked.again is None and not stays:
        state = replace(state, reached=last)
    files, rows = ((), 0) if one is None else ((one.file,), one.rows)
    landing.add_part(stream.name, state, files, Part(None, rows, first, last, stays))


def _unread(stream: Stream, asked: Asked) -> tuple[tuple[str, str], ...]:
    """The parts of the stream that the server would not give in this run."""
    found = {
        (field, value)
        for notice in asked.notices
        if notice.stream in (None, stream.name)
        for field, value in notice.unread.items()
        if field in stream.fields
    }
    return tuple(sorted(found))


def _written(
    pages: Iterator[Page], columns: tuple[str, ...], folder: Path, name: str
) -> tuple[Path, ...]:
    """The pages as files, in a folder of their own."""
    return write_pages(pages, columns, _own_folder(folder), name)


def _own_folder(folder: Path) -> Path:
    own = folder / f"fetch-{len(list(folder.glob('fetch-*')))}"
    own.mkdir()
    return own


def _is_due(stream: Stream, state: StreamState, asked: Asked) -> bool:
    if stream.deleting != "ids" or asked.again is not None or state.reconciled_at is None:
        return False
    since = asked.now - instant_of(state.reconciled_at)
    return state.rows <= ALWAYS or since >= timedelta(days=1)


def _reconcile(
    connection: DuckDBPyConnection,
    landing: Landing,
    stream: Stream,
    shape: Shape,
    asked: Asked,
    merged: Merged,
    path: Path,
    listed: int,
) -> Merged:
    """Mark the records that are gone, unless so many are gone that it must be a mistake.

    ``path`` holds the keys that exist, ``listed`` of them.
    """
    held = merged.rows
    if held >= ENOUGH_HELD and listed < held * (1 - asked.deleted_share):
        alive = _alive(connection, landing, stream)
        if listed < alive * (1 - asked.deleted_share):
            raise BadAnswer.of(
                f"compare the ids of {stream.name}",
                f"the server lists {listed} of {alive} records that are held",
                "If so many were really deleted, set limits: {deleted_share: 1} for one sync;"
                " else look at the rights of the connection.",
            )
    at = asked.now.isoformat()
    marked = landing.fold(connection, stream.name, shape, ids=path, reconciled_at=at)
    return Merged(
        marked.rows,
        merged.added + marked.added,
        merged.changed + marked.changed,
        merged.removed + marked.removed,
    )


def _list_ids(api: Api, stream: Stream, path: Path) -> int:
    """The keys that exist, written down; how many there are."""
    if isinstance(api, BulkApi):
        return api.write_ids(stream, path)
    import pyarrow
    from pyarrow import parquet

    keys = ["\x1f".join(key) for page in api.ids(stream) for key in page]
    parquet.write_table(pyarrow.table({"k": pyarrow.array(keys, pyarrow.string())}), path)
    return len(set(keys))


ENOUGH_HELD = 20
"""Records that must be held before the loss of many is suspicious."""


def _alive(connection: DuckDBPyConnection, landing: Landing, stream: Stream) -> int:
    snapshot = landing.state.stream(stream.name).snapshot
    if snapshot is None:
        return 0
    path = quoted(landing.path(snapshot))
    row = connection.execute(
        f"SELECT count(*) FILTER (WHERE _deleted IS NULL) FROM read_parquet({path})"
    ).fetchone()
    return int(row[0]) if row else 0


def _later(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return other if instant_of(other) > instant_of(one) else one


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
