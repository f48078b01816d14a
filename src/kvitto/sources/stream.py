"""What a source over an interface offers: streams of records, and how they are kept up to date.

A connector declares its :class:`Stream` items and gives an :class:`Api` that
hands out their pages. Everything else (state, merging, deletions, drift,
resuming) is done for all of them by :mod:`kvitto.sources.pull`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol, runtime_checkable

from kvitto.workspace.definition import ColumnMap, LimitsDefinition

FieldKind = Literal["text", "number", "money", "instant", "day", "flag", "json"]
"""How a field's values are written: ``instant`` and ``day`` in ISO 8601, ``flag`` true or false,
``json`` for lists and objects. ``number`` and ``money`` are decimal text, never a binary float."""

Keeping = Literal["replace", "changes", "days"]
"""How a stream is kept up to date.

``replace``: read whole each time (stages, users: little tables). ``changes``:
records changed since the cursor, less an overlap, merged by key. ``days``:
figures per day, of which the last ``settles_days`` are read again and replaced
as whole days.
"""

Deleting = Literal["never", "flag", "ids"]
"""How the removal of records is learned.

``never``: it does not happen, or the stream is read whole. ``flag``: a deleted
record comes as a change with :attr:`Stream.deleted_field` set. ``ids``: the
ids that exist are listed and compared.
"""

Record = Mapping[str, object]
"""One record as plain data: text, int, Decimal, bool, None, lists, mappings. No float."""

Page = Sequence[Record]

DELETED = "_deleted"
"""The column that :mod:`kvitto.sources.pull` adds: ``true`` where the source no longer has it."""

FETCHED = "fetched_at"
"""A field in which a connector writes when it read the record. It alone makes no record new."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a source.

    ``key`` are the fields that identify a record; ``fields`` the declared ones
    with their kinds, in the order of the staged columns. ``fill`` says which
    canonical tables they fill, exactly as ``tables: - fill:`` of a source's
    file does (a text is a field's name). ``cursor`` is the field of the last
    change (``changes``) or of the day (``days``). ``ordered`` promises that
    pages come in the cursor's order, so that a run that is killed goes on where
    it was. ``overlap`` is read again each time, for records that became visible
    late. ``optional`` streams may be absent on the server (a module that is not
    installed, a permission not given): that is a notice, not a failure.
    ``settles_days`` is how long a day may still change.
    """

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, FieldKind]
    fill: Mapping[str, Mapping[str, str | ColumnMap]]
    keeping: Keeping = "changes"
    cursor: str | None = None
    ordered: bool = False
    overlap: timedelta = timedelta(minutes=10)
    deleting: Deleting = "never"
    deleted_field: str | None = None
    optional: bool = False
    settles_days: int = 0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a stream.

    ``changes``: records whose cursor is at or after ``since`` (all where it is
    ``None``), up to ``until`` where given. ``days``: the days ``first`` to
    ``last``, both included. ``replace``: everything. ``fields`` are further
    fields that the definition asks for, beyond the declared ones.
    """

    since: datetime | None = None
    until: datetime | None = None
    first: date | None = None
    last: date | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Whom we are to the server: shown by ``kvitto source test``.

    ``label`` names the account in the server's words, ``timezone`` and
    ``currency`` are the account's where it says so. ``reads`` are the streams
    that may be read, ``refused`` those that may not, with the reason.
    ``expires_at`` is when the credential ends, where that is known.
    """

    label: str
    timezone: str | None = None
    currency: str | None = None
    reads: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    expires_at: datetime | None = None


class Api(Protocol):
    """An open connection to a server.

    Its methods raise the errors of :mod:`kvitto.errors` that are about sources
    (``SourceRefused``, ``SourceUnreachable``, ``SourceBusy``, ``BadAnswer``).
    """

    def account(self) -> Account:
        """Sign in and say whom we are. Cheap: one or two requests."""
        ...

    def streams(self) -> Sequence[Stream]:
        """The streams, with what only the server knows (own fields) filled in."""
        ...

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for, page by page; nothing is held back or read ahead."""
        ...

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The keys of all records that exist now, for streams with ``deleting="ids"``."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


@runtime_checkable
class ParallelApi(Api, Protocol):
    """A connection that may be asked for several streams at a time, each by a thread of its own.

    ``at_once`` is how many the server bears; with 1 it is asked in turn.
    """

    at_once: int


@dataclass(frozen=True, slots=True)
class Written:
    """Records that a connector has written itself, as Parquet of text columns.

    ``cursor`` is the highest value of the cursor's field among them, ``filled``
    are the fields that hold a value.
    """

    file: Path
    rows: int
    cursor: str | None = None
    filled: frozenset[str] = frozenset()


@runtime_checkable
class BulkApi(Api, Protocol):
    """A connection that can write records in bulk, without an object for each.

    Where a connector has these methods, ``pages`` and ``ids`` are not called.
    """

    def write(
        self, stream: Stream, wanted: Wanted, columns: Sequence[str], folder: Path
    ) -> Iterator[Written]:
        """Write what ``pages`` would give below ``folder``, which is this call's own.

        Of an ordered stream each file is a checkpoint; of another one there is one at most.
        """
        ...

    def write_ids(self, stream: Stream, path: Path) -> int:
        """Write what ``ids`` would give as the column ``k``, the parts of a key joined by
        the sign 31; how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know of what a server gave, which is no failure of the run.

    It becomes a finding: ``code``, ``message`` and ``todo`` are its own,
    ``rows`` counts what is concerned, where that is known. ``unread`` names a
    part that could not be read (one account of several, as field and value):
    what was kept of it stays, and its days are asked for again next time.
    """

    stream: str | None
    code: str
    message: str
    todo: str
    rows: int = 0
    severity: Literal["notice", "warning", "error"] = "warning"
    records: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _unsaid(_notice: Notice) -> None:
    """Let it pass."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connector needs to open its :class:`Api`.

    ``settings`` is the connector's own settings object. ``secret`` gives a
    credential by the name that the connector asks for it ("token") and raises
    ``SecretMissing``; ``keep_secret`` stores one that the server has renewed.
    ``since`` is the first day wanted. ``allow_private`` lets it speak to
    addresses of the own network. ``notice`` takes what becomes a finding.
    """

    source: str
    settings: object
    secret: Callable[[str], str]
    keep_secret: Callable[[str, str], None]
    limits: LimitsDefinition
    since: date | None = None
    timezone: str | None = None
    allow_private: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    notice: Callable[[Notice], None] = _unsaid
