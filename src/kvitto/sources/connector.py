"""Reading a source through the connector of its kind."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kvitto.registry import Registry
from kvitto.sources.staged import Staged
from kvitto.workspace.definition import SourceDefinition


@dataclass(frozen=True, slots=True)
class Reading:
    """What a connector needs: whose source, where the workspace is, where to write.

    ``folder`` is this reading's own and empty; it is removed afterwards.
    """

    name: str
    definition: SourceDefinition
    root: Path
    folder: Path


class Connector(Protocol):
    """The world to staged tables. Raises :class:`BadSource` with all problems together."""

    def __call__(self, reading: Reading) -> Staged: ...


CONNECTORS: Registry[Connector] = Registry("source", {"file": "kvitto.sources.connectors.file.read:read_files"})


def read_source(name: str, definition: SourceDefinition, root: Path) -> Staged:
    """Read the source ``name`` of the workspace at ``root``.

    Raises :class:`BadSource` where it cannot be read at all,
    :class:`UnknownName` for a kind without a connector. What is wrong inside
    a file is a finding of the result; what is left open is a question of it.
    """
    connector = CONNECTORS.get(definition.kind)
    folder = _own_folder(name, root)
    try:
        staged = connector(Reading(name, definition, root, folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    closers: list[Callable[[], object]] = []
    kept = replace(staged, _closer=lambda: closers[0]())
    closers.append(weakref.finalize(kept, _remove, folder))
    return kept


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
