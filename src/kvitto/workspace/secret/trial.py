"""Credentials on trial: used to test a connection, and written nowhere until it works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_TRIED: dict[tuple[str, str], str] = {}
"""(workspace, reference): credential, for as long as the trial lasts, in this process only."""


@contextmanager
def on_trial(values: Mapping[str, str], root: Path) -> Iterator[dict[str, str]]:
    """Let references stand for ``values`` while the block runs.

    The mapping that is given holds, after the block, what they are by then:
    a server may have renewed one of them.
    """
    keys = {reference: _key(reference, root) for reference in values}
    _TRIED.update({keys[reference]: value for reference, value in values.items()})
    held: dict[str, str] = dict(values)
    try:
        yield held
    finally:
        held.update({reference: _TRIED.pop(key) for reference, key in keys.items()})


def look(reference: str, root: Path) -> str | None:
    """The credential on trial under that reference, if there is one."""
    return _TRIED.get(_key(reference, root)) if _TRIED else None


def replace(reference: str, value: str, root: Path) -> bool:
    """Exchange the one on trial; ``False`` where there is none."""
    if look(reference, root) is None:
        return False
    _TRIED[_key(reference, root)] = value
    return True


def _key(reference: str, root: Path) -> tuple[str, str]:
    return str(root.resolve()), reference
