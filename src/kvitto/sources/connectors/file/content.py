"""What a file is, found from its content and never from its name alone."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Content = Literal["empty", "text", "workbook", "parquet", "json", "markup", "packed", "binary"]

LONGEST_LINE = 1_000_000
"""Bytes in one line; a longer one is left out with a finding, so that memory stays flat."""

_PART = 1 << 20
_FAILED = re.compile(rb"#(?:[A-Z\x80-\xff/0]{2,14}[!?]|NV\b|N/D\b|GETTING_DATA)")
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class TextScan:
    """What one pass over a text file found.

    ``encoding`` is ``None`` where the bytes are not UTF-8 and carry no mark;
    ``long_lines`` the numbers of lines beyond :data:`LONGEST_LINE`; ``mixed``
    says that lines end in more than one way; ``errors`` that the text shows
    failed formulas of a spreadsheet.
    """

    encoding: str | None
    lines: int
    long_lines: tuple[int, ...]
    mixed: bool
    zeros: bool
    errors: bool = False


def content_of(path: Path, name: str | None = None) -> Content:
    """What the file holds, from its first bytes; ``name`` is its own where it was unpacked."""
    ending = Path(name).suffix.lower() if name else path.suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(8192)
    if not head:
        return "empty"
    if head.startswith((b"PAR1", b"PARE")):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "workbook"
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"Rar!", b"7z\xbc")):
        return "packed"
    return _text_or_binary(ending, head)


def mark_of(head: bytes) -> str | None:
    """The encoding that a byte-order mark at the start gives, ``None`` without one."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def scan_text(path: Path) -> TextScan:
    """One pass over the bytes: is it UTF-8, how do lines end, is one too long?"""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, pending, zeros, errors = True, False, False, False
    seen_newline = False
    lines = returns = run = 0
    too_long: list[int] = []
    mark: str | None = None
    with path.open("rb") as stream:
        first = True
        while part := stream.read(_PART):
            if first:
                mark, first = mark_of(part), False
            if valid and (pending or not part.isascii()):
                try:
                    decoder.decode(part)
                    pending = decoder.getstate()[0] != b""
                except UnicodeDecodeError:
                    valid = False
            zeros = zeros or b"\0" in part
            errors = errors or (b"#" in part and _FAILED.search(part) is not None)
            seen_newline = seen_newline or b"\n" in part
            found = part.count(b"\r")
            returns += found
            # Old exports end their lines in CR alone.
            ended = part.replace(b"\r", b"\n") if found and b"\n" not in part else part
            run, lines = _measure(ended, run, lines, too_long)
        if valid and pending:
            valid = False
    if run > LONGEST_LINE:
        too_long.append(lines + 1)
    encoding = mark or ("utf-8" if valid and not zeros else None)
    only_returns = returns > 0 and not seen_newline
    return TextScan(
        encoding, lines, tuple(too_long), only_returns or 0 < returns != lines > 0, zeros, errors
    )


def _measure(part: bytes, run: int, lines: int, too_long: list[int]) -> tuple[int, int]:
    """Count lines; a part is no longer than the limit, so only its ends can be too long."""
    first = part.find(b"\n")
    if first < 0:
        return run + len(part), lines
    if run + first > LONGEST_LINE:
        too_long.append(lines + 1)
    last = part.rfind(b"\n")
    return len(part) - last - 1, lines + part.count(b"\n")


def _zipped(path: Path) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    except zipfile.BadZipFile:
        return "binary"
    is_workbook = (
        any(name.lstrip("/").startswith("xl/") for name in names)
        or "content.xml" in names
        or "[content_types].xml" in names
    )
    return "workbook" if is_workbook else "packed"


def _text_or_binary(ending: str, head: bytes) -> Content:
    if mark_of(head) is None and _looks_binary(head):
        return "binary"
    mark = mark_of(head)
    if mark is not None and mark != "utf-8":
        head = head.decode(mark, errors="ignore").encode()
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lowered = start[:200].lower()
    if lowered.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        return "markup"
    if start[:1] in (b"{", b"[") and ending not in (".csv", ".tsv", ".txt"):
        return "json"
    if start[:1] == b"{" and b'":' in start[:2000]:
        return "json"
    return "text"


def _looks_binary(head: bytes) -> bool:
    zeros = head.count(0)
    if zeros:
        # Text in UTF-16 without a mark has a zero in nearly every second place.
        return not 0.3 <= zeros / len(head) <= 0.55
    odd = sum(1 for byte in head if byte < 32 and byte not in (9, 10, 12, 13, 27))
    return odd > max(8, len(head) * 0.05)
