"""The state of what was fetched: one small file, replaced whole.

It is the commit point of fetching. A snapshot or a part that no state names
does not exist; one that is named was written and flushed before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from kvitto.warehouse.disk import write_whole

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Records that were fetched and are not in the snapshot yet.

    ``file`` is ``None`` where days were asked for and nothing came. ``first``
    and ``last`` (ISO days, both included) are the days that it replaces, but
    for the records of ``stays`` (field, value), which could not be read.
    """

    file: str | None
    rows: int
    first: str | None = None
    last: str | None = None
    stays: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far one stream has come.

    ``snapshot`` is the file with one row per record; ``rows`` counts them,
    deleted ones included. ``cursor`` is the last change seen (ISO instant),
    ``reached`` the last day read (ISO day). ``complete`` says that a first
    reading has come to its end. ``declared`` is a hash of what was asked for:
    where it changes, all is read again. ``filled`` are the fields that ever
    held a value, ``unknown`` those that came undeclared, ``empty`` those that
    used to hold values and no longer do. ``reconciled_at`` is when the ids were
    last compared (ISO instant).
    """

    snapshot: str | None = None
    rows: int = 0
    cursor: str | None = None
    reached: str | None = None
    complete: bool = False
    declared: str = ""
    parts: tuple[Part, ...] = ()
    filled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    reconciled_at: str | None = None


_PART = tuple(one.name for one in fields(Part))
_STREAM = tuple(one.name for one in fields(StreamState))


@dataclass(frozen=True, slots=True)
class LandingState:
    """The state of a source: its streams, and a number that grows with each file written."""

    serial: int = 0
    streams: dict[str, StreamState] = field(default_factory=dict)

    def stream(self, name: str) -> StreamState:
        """The stream's state; an empty one where it was never read."""
        return self.streams.get(name, StreamState())

    def with_stream(self, name: str, state: StreamState) -> LandingState:
        """The same with that stream's state replaced."""
        return replace(self, streams={**self.streams, name: state})

    @property
    def revision(self) -> str:
        """A text that is equal where the fetched data is equal."""
        return " ".join(f"{name}={one.snapshot}" for name, one in sorted(self.streams.items()))

    def files(self) -> frozenset[str]:
        """The files that the state names."""
        held = {one.snapshot for one in self.streams.values()}
        held |= {part.file for one in self.streams.values() for part in one.parts}
        return frozenset(name for name in held if name is not None)


def read_state(path: Path) -> LandingState:
    """The state in the file; an empty one where there is no file.

    A state of another format is an empty one too: all is fetched again.
    """
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return LandingState()
    if plain.get("format") != FORMAT:
        return LandingState()
    streams = {name: _stream(one) for name, one in plain["streams"].items()}
    return LandingState(int(plain["serial"]), streams)


def write_state(path: Path, state: LandingState) -> None:
    """Replace the file; a crash leaves the old or the new state.

    It is written after each step of each stream, so it is turned into text the
    quick way: without the library's copying of all it holds, and on one line.
    """
    streams = {name: _stream_to_plain(one) for name, one in state.streams.items()}
    plain = {"format": FORMAT, "serial": state.serial, "streams": streams}
    write_whole(path, json.dumps(plain, sort_keys=True).encode())


def _stream_to_plain(state: StreamState) -> dict[str, Any]:
    plain = {name: getattr(state, name) for name in _STREAM}
    plain["parts"] = [{name: getattr(part, name) for name in _PART} for part in state.parts]
    return plain


def _stream(plain: dict[str, Any]) -> StreamState:
    plain["parts"] = tuple(_part(part) for part in plain["parts"])
    for key in ("filled", "unknown", "empty"):
        plain[key] = tuple(plain[key])
    return StreamState(**plain)


def _part(plain: dict[str, Any]) -> Part:
    stays = tuple((str(field), str(value)) for field, value in plain.pop("stays"))
    return Part(stays=stays, **plain)
