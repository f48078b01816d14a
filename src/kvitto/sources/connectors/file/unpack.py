"""A table packed alone (``.csv.gz``, a zip of one file) unpacked as a stream, within limits."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kvitto.errors import BadSource, KvittoError

MOST_UNPACKED = 4_000_000_000
"""Bytes that are unpacked of one file."""
MOST_RATIO = 250
"""How many times larger than its file something of more than 50 MB may be."""
SMALL = 50_000_000
_PART = 1 << 20


def unpacked(path: Path, file: str, folder: Path) -> tuple[Path, str]:
    """The one file inside, unpacked into the folder, and its name. Raises :class:`BadSource`."""
    try:
        with _inside(path, file) as (stream, name):
            target = folder / f"{len(list(folder.iterdir())):04d}-{Path(name).name[-80:]}"
            _copy(stream, target, path, file)
            return target, Path(name).name
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise _refused(file, f"it is packed and damaged ({error})", "Pack it again.") from error
    except RuntimeError as error:
        raise _refused(file, "it is packed with a password", "Unpack it first.") from error


@contextmanager
def _inside(path: Path, file: str) -> Iterator[tuple[IO[bytes], str]]:
    with path.open("rb") as raw:
        head = raw.read(4)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as stream:
            yield stream, path.stem or "table"  # type: ignore[misc]  # GzipFile is an IO[bytes]
        return
    if head != b"PK\x03\x04":
        raise _refused(file, "it is packed", "Unpack it and put its files there.")
    with zipfile.ZipFile(path) as archive:
        entries = [
            entry
            for entry in archive.infolist()
            if not entry.is_dir()
            and not Path(entry.filename).name.startswith(".")
            and "__MACOSX" not in entry.filename
        ]
        if len(entries) != 1:
            raise _refused(
                file,
                f"it is packed and holds {len(entries)} files",
                "Unpack it and put its files there.",
            )
        with archive.open(entries[0]) as stream:
            yield stream, entries[0].filename


def _copy(stream: IO[bytes], target: Path, path: Path, file: str) -> None:
    packed, written = max(1, path.stat().st_size), 0
    with target.open("wb") as out:
        while part := stream.read(_PART):
            written += len(part)
            if written > MOST_UNPACKED or (written > SMALL and written > MOST_RATIO * packed):
                raise _refused(
                    file,
                    f"it unpacks to more than {written // packed} times its size"
                    f" ({written:,} bytes and more)",
                    "Unpack it yourself if it really holds that much.",
                )
            out.write(part)


def _refused(file: str, found: str, todo: str) -> KvittoError:
    return BadSource.of(f"read {file}", found, todo, file=file)
