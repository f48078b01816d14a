"""Files and folders that appear whole or not at all.

Everything is written beside its place, flushed to the disk, and renamed there.
A crash at any moment leaves what was there before, or the new, never half.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from kvitto.errors import WriteFailed

READ_ONLY = 0o444


def write_file(path: Path, content: bytes) -> Path:
    """Replace a file at once. Raises :class:`WriteFailed`, the old one intact."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise failed(path, error) from error
    return path


def put_folder(temporary: Path, target: Path) -> None:
    """Give a finished folder its name; every file in it is flushed and made read-only.

    Raises ``FileExistsError`` where the name is taken.
    """
    for path in sorted(temporary.rglob("*")):
        if path.is_file():
            path.chmod(READ_ONLY)
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for folder in sorted([temporary, *(p for p in temporary.rglob("*") if p.is_dir())]):
        sync_folder(folder)
    if target.exists():
        raise FileExistsError(str(target))
    temporary.rename(target)
    sync_folder(target.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, so that their names outlive a crash."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_folder(folder.parent)


def sync_folder(path: Path) -> None:
    """Flush a folder's list of names to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_folder(path: Path) -> None:
    """Remove a folder, read-only files in it included; fine if it is not there."""
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; waits for another holder, whose end releases it even by a kill."""
    make_folder(path.parent)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def failed(path: Path, error: OSError) -> WriteFailed:
    """The error for a full or broken disk, with what to do."""
    problem = WriteFailed.of(
        f"write {'/'.join(path.parts[-4:])}",
        error.strerror or str(error),
        "Make room or check the disk, then do it again; what was there before is intact.",
        file=str(path),
    )
    assert isinstance(problem, WriteFailed)
    return problem
