"""Reading a source through the connector of its kind."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from kvitto.registry import Registry
from kvitto.sources.oauth import OAuthProvider
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account, Stream
from kvitto.workspace.definition import ConnectionDefinition, SourceDefinition

Progress = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _total: int) -> None:
    """Say nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


def _unknown(_reading: Reading) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a connector needs: whose source, where the workspace is, where to write.

    ``folder`` is this reading's own and empty; it is removed afterwards.
    ``connection`` is the shared sign-in that the definition names, if any.
    ``progress`` takes (step, done, total); ``now`` gives the instant in UTC.
    ``again`` are the first and the last day of a range to be read once more.
    """

    name: str
    definition: SourceDefinition
    root: Path
    folder: Path
    connection: ConnectionDefinition | None = None
    progress: Progress = silent
    now: Callable[[], datetime] = _now
    again: tuple[date, date] | None = None


class Settings(BaseModel):
    """A connector's own settings, the ``settings:`` of a source. Every field is described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class SecretField:
    """A credential that a connector asks for; ``help`` says where a person finds it."""

    name: str
    prompt: str
    help: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """One kind of source, and what a person should know of it.

    ``reads``, ``settles``, ``limits`` and ``tested`` are sentences for the
    reference: what it reads, when a day is final, what the server allows, and
    what it was tested against. ``streams`` are the declared ones (none where
    the definition declares them). ``read`` gives the staged tables, ``check``
    tests the connection. ``fingerprint`` tells without reading whether anything
    can have changed: equal texts mean equal data; ``None`` means unknown.
    ``extra`` is the optional part of the package that it needs. ``oauth`` is how
    a person signs in with the browser, where the server knows that.
    """

    kind: str
    title: str
    reads: str
    settings: type[Settings]
    read: Callable[[Reading], Staged]
    check: Callable[[Reading], Account]
    secrets: tuple[SecretField, ...] = ()
    streams: tuple[Stream, ...] = ()
    settles: str = ""
    limits: str = ""
    tested: str = ""
    extra: str | None = None
    fingerprint: Callable[[Reading], str | None] = _unknown
    oauth: OAuthProvider | None = None


CONNECTORS: Registry[Connector] = Registry(
    "source",
    {
        "file": "kvitto.sources.connectors.file:CONNECTOR",
        "ga4": "kvitto.sources.connectors.ga4:CONNECTOR",
        "google_ads": "kvitto.sources.connectors.google_ads:CONNECTOR",
        "google_sheets": "kvitto.sources.connectors.google_sheets:CONNECTOR",
        "hubspot": "kvitto.sources.connectors.hubspot:CONNECTOR",
        "rest": "kvitto.sources.connectors.rest:CONNECTOR",
        "meta_ads": "kvitto.sources.connectors.meta_ads:CONNECTOR",
        "odoo": "kvitto.sources.connectors.odoo:CONNECTOR",
        "salesforce": "kvitto.sources.connectors.salesforce:CONNECTOR",
        "sql": "kvitto.sources.connectors.sql:CONNECTOR",
    },
    extras={"google_ads": "google", "ga4": "google", "google_sheets": "google", "sql": "postgres"},
)


def read_source(
    name: str,
    definition: SourceDefinition,
    root: Path,
    connection: ConnectionDefinition | None = None,
    progress: Progress = silent,
    now: Callable[[], datetime] = _now,
    again: tuple[date, date] | None = None,
) -> Staged:
    """Read the source ``name`` of the workspace at ``root``.

    Raises :class:`BadSource` where it cannot be read at all,
    :class:`UnknownName` for a kind without a connector. What is wrong inside
    a file is a finding of the result; what is left open is a question of it.
    """
    connector = CONNECTORS.get(definition.kind)
    folder = _own_folder(name, root)
    try:
        staged = connector.read(
            Reading(name, definition, root, folder, connection, progress, now, again)
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    closers: list[Callable[[], object]] = []
    kept = replace(staged, _closer=lambda: closers[0]())
    closers.append(weakref.finalize(kept, _remove, folder))
    return kept


def fingerprint(name: str, definition: SourceDefinition, root: Path) -> str | None:
    """A text that is equal where the source's data is equal, without reading it.

    ``None`` where only reading tells. Raises :class:`UnknownName`.
    """
    connector = CONNECTORS.get(definition.kind)
    return connector.fingerprint(Reading(name, definition, root, root))


def check_source(
    name: str,
    definition: SourceDefinition,
    root: Path,
    connection: ConnectionDefinition | None = None,
    now: Callable[[], datetime] = _now,
) -> Account:
    """Sign in and say whom we are there. Raises :class:`BadSource`, :class:`UnknownName`."""
    connector = CONNECTORS.get(definition.kind)
    folder = _own_folder(name, root)
    try:
        return connector.check(Reading(name, definition, root, folder, connection, now=now))
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _own_folder(name: str, root: Path) -> Path:
    """A new folder for rewritten files; those of runs that were killed are removed."""
    above = root / ".kvitto" / "staging"
    above.mkdir(parents=True, exist_ok=True)
    for old in above.iterdir():
        owner = old.name.split("-", 1)[0]
        if not owner.isdigit() or not _is_alive(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-{name}-", dir=above))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
