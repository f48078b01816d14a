"""Text files brought into the one shape that is read in bulk: UTF-8, lines ending in LF."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from kvitto.sources.connectors.file.content import LONGEST_LINE, mark_of

_PART = 1 << 20
_LIKELY = ("cp1252", "latin-1")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_SPARSE = 0.5
_FEW = 12
_OTHERS = ("cp1252", "cp1250", "cp1251", "cp1253", "mac_roman", "cp850")


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding, why it was taken, and words that another one would read in another way.

    ``differing`` holds the encoding and its reading of the same word; it is
    empty where nothing depends on the choice.
    """

    encoding: str
    why: str
    word: str = ""
    differing: tuple[tuple[str, str], ...] = ()


def guess_encoding(path: Path) -> Guess:
    """The encoding of bytes that are not UTF-8.

    Western text is taken as CP1252, which holds all of Latin-1 that can be
    printed; other scripts are told apart by their letters' frequencies, where
    there are enough letters to count.
    """
    from charset_normalizer import from_bytes

    with path.open("rb") as stream:
        head = stream.read(256 * 1024)
    zeros = head[:4096].count(0)
    if zeros:
        where = head[:4096].find(b"\0") % 2
        return Guess("utf-16-le" if where else "utf-16-be", "every second byte is zero")
    signs = _lines_with_signs(head) if head.isascii() is False else _later_signs(path)
    if _is_sparse(signs) or sum(byte > 127 for byte in signs) < _FEW:
        return _compared(*_western(signs), signs)
    best = from_bytes(signs).best()
    found = None if best is None else best.encoding
    if found is None or found in ("utf_8", "ascii") or _is_western(found):
        return _compared(*_western(signs), signs)
    return _compared(found, "the letters are as frequent as in that encoding", signs)


def _later_signs(path: Path) -> bytes:
    """Lines beyond ASCII of a file whose beginning has none."""
    found = b""
    with path.open("rb") as stream:
        while part := stream.read(_PART):
            if not part.isascii():
                found += _lines_with_signs(part)
                if len(found) > 20_000:
                    break
    return found


def _compared(encoding: str, why: str, signs: bytes) -> Guess:
    """The guess, with what others make of the first words that tell them apart."""
    words = [word for word in _WORD.findall(signs) if not word.isascii()][:200]
    for word in words:
        read = _decoded(word, encoding)
        others = [
            (other, text)
            for other in _OTHERS
            if other != encoding
            and (text := _decoded(word, other)) is not None
            and text != read
            and text.isprintable()
        ]
        if read is not None and others:
            return Guess(encoding, why, read, tuple(others[:3]))
    return Guess(encoding, why, _decoded(words[0], encoding) or "" if words else "")


def _decoded(word: bytes, encoding: str) -> str | None:
    try:
        return word.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def rewrite(path: Path, encoding: str, target: Path) -> int:
    """Write the text as UTF-8 with LF, without lines that are too long.

    Gives the count of characters that the encoding does not know. Memory does
    not grow with the file or with its longest line.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    unknown, kept, skipping, returned = 0, "", False, False
    with path.open("rb") as stream, target.open("w", encoding="utf-8", newline="") as out:
        while True:
            part = stream.read(_PART)
            text = decoder.decode(part, final=not part)
            unknown += text.count("\ufffd")
            if returned and text.startswith("\n"):
                text = text[1:]
            returned = text.endswith("\r") if text else returned and bool(part)
            lines = (kept + text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
            kept = lines.pop()
            if skipping and lines:
                lines, skipping = lines[1:], False
            out.writelines(line + "\n" for line in lines if len(line) <= LONGEST_LINE)
            if skipping or len(kept) > LONGEST_LINE:
                kept, skipping = "", True
            if not part:
                out.write(kept.removeprefix("\ufeff") if not skipping else "")
                return unknown


def has_mark(path: Path) -> bool:
    """Whether the file starts with a byte-order mark."""
    with path.open("rb") as stream:
        return mark_of(stream.read(4)) is not None


def _is_sparse(head: bytes) -> bool:
    """Whether words hold single letters beyond ASCII, as western European ones do.

    Words of other scripts consist of such bytes; a few short words say too
    little for letter frequencies, but enough for this.
    """
    words = [word for word in _WORD.findall(head) if not word.isascii()]
    beyond = sum(byte > 127 for word in words for byte in word)
    letters = sum(len(word) for word in words)
    return bool(beyond < _SPARSE * letters)


def _lines_with_signs(head: bytes) -> bytes:
    """Lines beyond ASCII only, so that a long plain stretch does not hide the letters."""
    chosen = [line for line in head.splitlines() if not line.isascii()]
    return b"\n".join(chosen[:400]) or head


def _is_western(encoding: str) -> bool:
    return encoding in {
        "cp1252",
        "latin_1",
        "iso8859_15",
        "cp1250",
        "cp1254",
        "cp1257",
        "iso8859_9",
        "iso8859_10",
        "iso8859_13",
        "cp850",
        "cp437",
        "mac_roman",
        "cp858",
        "mac_iceland",
        "cp1258",
        "hp_roman8",
    }


def _western(head: bytes) -> tuple[str, str]:
    for encoding in _LIKELY:
        try:
            head.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding, "the bytes are not UTF-8 and read as western European text"
    return "latin-1", "the bytes are not UTF-8"
