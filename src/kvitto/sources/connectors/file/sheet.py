"""The rows of an XLSX sheet as a stream of texts, and what stands out about them.

The part is cut between rows and each stretch is parsed on its own, so memory
stays flat and no entity can be declared. A stretch that is written the way
spreadsheet programs write it is cut by one pattern, five times faster than by
a parser; what the pattern does not cover to the last sign goes to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError, fromstring

from kvitto.sources.connectors.file.cell import (
    Shown,
    iso_text,
    number_text,
    serial_text,
    unescaped,
)
from kvitto.sources.connectors.file.fact import SheetFacts, is_like_number
from kvitto.sources.connectors.file.package import Package, TooMuch

MOST_COLUMNS = 16_384
MOST_CELLS = 60_000_000
"""Cells of one sheet that are read; a longer one is better exported as CSV."""

_PART = 1 << 18
_LONGEST_ROW = 64_000_000
_KNOWN_DATES = 20_000
_BEGIN = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?sheetData\s*(/)?>")
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?worksheet\b([^>]*)>")
_PREFIX = re.compile(rb"""xmlns:[\w.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
_PLAIN = re.compile(
    r'(<c r="([A-Z]{1,3})(\d+)"(?: s="(\d+)")?(?: t="(n|s|str|b|e|inlineStr)")?'
    r"(?:/>|>(<f(?:\s[^>]*)?(?:/>|>[^<]*</f>))?"
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v/>'
    r'|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
    r"|<row((?:\s[^<>]*)?)>|</row>|\s+)"
)
_ROW_NUMBER = re.compile(r'\br="(\d+)"')
_HIDDEN = re.compile(r'\bhidden="(?:1|true)"|\bht="0"')
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?col\s[^>]*>")
_COLUMN_ENDS = re.compile(rb"""\b(min|max)\s*=\s*["'](\d{1,5})["']""")
_COLUMN_HIDDEN = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)["']""")
_FILTER = re.compile(rb"<(?:[\w.-]+:)?filterColumn\b")
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_MERGED = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z0-9:$]+)["']""")


def sheet_rows(
    stream: IO[bytes], package: Package, facts: SheetFacts
) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each row that the sheet holds, from its first column on.

    Raises :class:`ValueError` for what is not XML and :class:`TooMuch`.
    """
    reader = _Reader(package, facts)
    for first, stretch in _stretches(stream, facts):
        rows = reader.plain(stretch) if first.startswith(_UTF8) else None
        if rows is None:
            try:
                # A stretch has no prologue of its own, so it can declare no entities.
                parsed = fromstring(first + stretch + b"</rows>")  # noqa: S314 - no entities
            except ParseError as error:
                raise ValueError(f"its XML is broken: {error}") from error
            rows = [reader.row(row) for row in parsed]
        yield from rows


_UTF8 = b'<?xml version="1.0" encoding="UTF-8"?>'


def _stretches(stream: IO[bytes], facts: SheetFacts) -> Iterator[tuple[bytes, bytes]]:
    """What must stand before it to make XML of it, and some whole rows."""
    held, begin = _until_rows(stream)
    facts.hidden_columns += _hidden_columns(held)
    if begin is None or begin.group(2):
        _note_tail(held, facts)
        return
    prefix = b"" if begin.group(1) is None else begin.group(1) + b":"
    root = _ROOT.search(held)
    spaces = b" ".join(_PREFIX.findall(root.group(1))) if root else b""
    said = _ENCODING.search(held)
    encoding = (said.group(1) if said else b"UTF-8").upper()
    first = b'<?xml version="1.0" encoding="' + encoding + b'"?><rows ' + spaces + b">"
    mark, last = b"<" + prefix + b"row", b"</" + prefix + b"sheetData"
    held = held[begin.end() :]
    while True:
        end = held.find(last)
        if end >= 0:
            yield first, held[:end]
            held = held[end:] + stream.read(_LONGEST_ROW)
            _note_tail(held, facts)
            return
        cut = held.rfind(mark)
        if cut > 0:
            yield first, held[:cut]
            held = held[cut:]
        part = stream.read(_PART)
        if not part:
            raise ValueError("it ends in the middle of its rows")
        held += part
        if len(held) > _LONGEST_ROW:
            raise TooMuch(f"one row has more than {_LONGEST_ROW:,} bytes")


def _note_tail(tail: bytes, facts: SheetFacts) -> None:
    """What is written behind the rows: merged cells, and whether a filter is set."""
    facts.merged += [found.decode() for found in _MERGED.findall(tail)]
    facts.filtered |= _FILTER.search(tail) is not None


def _hidden_columns(head: bytes) -> Iterator[tuple[int, int]]:
    """The first and last column, from 0, of each stretch that is hidden."""
    for found in _COLUMN.findall(head):
        if _COLUMN_HIDDEN.search(found):
            ends = dict(_COLUMN_ENDS.findall(found))
            if b"min" in ends:
                first = int(ends[b"min"])
                yield first - 1, int(ends.get(b"max", first)) - 1


def _until_rows(stream: IO[bytes]) -> tuple[bytes, re.Match[bytes] | None]:
    held = b""
    while part := stream.read(_PART):
        held += part
        if b"<!DOCTYPE" in held or b"<!ENTITY" in held:
            raise TooMuch("it declares a document type, which no spreadsheet program writes")
        begin = _BEGIN.search(held)
        if begin is not None:
            return held, begin
        if len(held) > _LONGEST_ROW:
            raise TooMuch(f"what stands before its rows has more than {_LONGEST_ROW:,} bytes")
    if held[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("its sheets are not written in UTF-8")
    return held, None


class _Reader:
    """Makes rows of elements; remembers what it has converted before."""

    def __init__(self, package: Package, facts: SheetFacts) -> None:
        self._strings = package.strings
        self._number_like = package.number_like
        self._uncalculated = package.uncalculated
        self._struck = package.struck
        self._from_1904 = package.from_1904
        self._facts = facts
        self._texts = facts.texts
        self._places: dict[str, int] = {}
        self._dates: dict[tuple[str, str], str] = {}
        self._shown = {str(place): kind for place, kind in enumerate(package.shown)}
        self._number = 0

    def plain(self, stretch: bytes) -> list[tuple[int, list[str]]] | None:
        """The rows of a stretch without surprises; ``None`` where it holds one."""
        try:
            text = stretch.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"its XML is broken: {error}") from error
        found = _PLAIN.findall(text)
        if sum([len(token[0]) for token in found]) != len(text):
            return None
        rows: list[tuple[int, list[str]]] = []
        texts: list[str] = []
        places, shown, number_seen = self._places, self._shown, self._facts.numbers.add
        struck = self._struck
        for whole, letters, number, style, kind, formula, value, spoken, row in found:
            if letters:
                place = places.get(letters)
                if place is None:
                    place = self._placed(letters)
                if struck and style in struck and (value or spoken):
                    self._facts.note_struck(self._number)
                if formula:
                    if value == "0" and self._uncalculated:
                        value = ""
                    self._facts.note_formula(letters + number, formula)
                if value:
                    if kind == "" and shown.get(style, "plain") == "plain":
                        number_seen(place)
                        text = number_text(value)
                    else:
                        kept = _entities(value) if "&" in value else value
                        text = self._cell(kind, kept, style, place, letters + number)
                elif spoken:
                    text = unescaped(_entities(spoken))
                    self._inline(place, text, letters + number)
                else:
                    # A text formula may well have nothing as its value.
                    if formula and not (kind == "str" and "<v" in whole):
                        self._facts.unvalued.append(letters + number)
                    continue
                if text:
                    _put(texts, place, text)
            elif row or whole == "<row>":
                self._begin(_ROW_NUMBER.search(row), _HIDDEN.search(row))
                texts = []
                rows.append((self._number, texts))
        self._count_cells(len(found))
        return rows

    def row(self, row: Element) -> tuple[int, list[str]]:
        """The number of the row and its cells as text."""
        self._begin(
            re.fullmatch(r"(\d+)", row.get("r", "")),
            row.get("hidden") in ("1", "true") or row.get("ht") == "0" or None,
        )
        texts: list[str] = []
        place = -1
        for cell in row:
            letters = cell.get("r", "").rstrip("0123456789")
            told = self._places.get(letters)
            if told is None:
                told = self._placed(letters)
            place = place + 1 if told < 0 else told
            text = self._text(cell, place) if len(cell) else ""
            if text:
                _put(texts, place, text)
        self._count_cells(len(row))
        return self._number, texts

    def _begin(self, number: re.Match[str] | None, hidden: object) -> None:
        self._number = int(number.group(1)) if number else self._number + 1
        if hidden is not None:
            self._facts.hidden_rows.append(self._number)

    def _count_cells(self, count: int) -> None:
        self._facts.cells += count
        if self._facts.cells > MOST_CELLS:
            raise TooMuch(f"one sheet has more than {MOST_CELLS:,} cells")

    def _placed(self, letters: str) -> int:
        """The column of its letters from 0; -1 where the cell does not say."""
        place = 0
        for letter in letters.upper():
            if not "A" <= letter <= "Z" or len(letters) > 3:
                place = 0
                break
            place = place * 26 + ord(letter) - 64
        if place > MOST_COLUMNS:
            raise TooMuch(f"a row has more than {MOST_COLUMNS:,} cells")
        return self._places.setdefault(letters, place - 1)

    def _text(self, cell: Element, place: int) -> str:
        """The text of a cell that holds something."""
        kind, ref = cell.get("t"), cell.get("r", "")
        if self._struck and cell.get("s", "0") in self._struck:
            self._facts.note_struck(self._number)
        if kind == "inlineStr":
            return self._inline(place, unescaped(_spoken(cell)), ref)
        value = cell[-1] if cell[-1].tag.endswith("v") else _value_of(cell)
        formula = _value_of(cell, "f")
        if formula is not None:
            self._facts.note_formula(ref, formula.text or "")
        raw = "" if value is None else value.text or ""
        if value is None or (formula is not None and raw == "0" and self._uncalculated):
            self._facts.unvalued.append(ref)
            return ""
        if not raw:
            return ""
        return self._cell(kind or "", raw, cell.get("s", "0"), place, ref)

    def _inline(self, place: int, text: str, ref: str) -> str:
        """A text that stands in its cell."""
        self._texts[place] = self._texts.get(place, 0) + 1
        if is_like_number(text):
            self._facts.note_text_number(place, ref)
        return text

    def _cell(self, kind: str, raw: str, style: str, place: int, ref: str) -> str:
        """The text of a stored value."""
        if kind == "s":
            self._texts[place] = self._texts.get(place, 0) + 1
            try:
                if int(raw) in self._number_like:
                    self._facts.note_text_number(place, ref)
                return self._strings[int(raw)]
            except (ValueError, IndexError):
                return ""
        if kind == "" or kind == "n":
            shown = self._shown.get(style, "plain")
            if shown == "plain":
                self._facts.numbers.add(place)
                return number_text(raw)
            self._facts.others.add(place)
            return self._dated(raw, shown)
        if kind == "e":
            self._facts.errors.append((ref, raw))
            return ""
        self._facts.others.add(place)
        if kind == "b":
            return "true" if raw.strip() in ("1", "true") else "false"
        if kind == "d":
            return iso_text(raw)
        self._texts[place] = self._texts.get(place, 0) + 1
        return unescaped(raw)

    def _dated(self, raw: str, shown: Shown) -> str:
        known = self._dates.get((raw, shown))
        if known is None:
            known = serial_text(raw, shown, from_1904=self._from_1904)
            if len(self._dates) < _KNOWN_DATES:
                self._dates[(raw, shown)] = known
        return known


def _put(texts: list[str], place: int, text: str) -> None:
    if place == len(texts):
        texts.append(text)
    elif place > len(texts):
        texts.extend([""] * (place - len(texts)))
        texts.append(text)
    else:
        texts[place] = text


def _entities(text: str) -> str:
    """The text with its entities resolved; XML has five, others stay as they are written."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_entity, text)


def _entity(found: re.Match[str]) -> str:
    name, ten, sixteen = found.groups()
    if name:
        return _NAMED[name]
    code = int(ten) if ten else int(sixteen, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _value_of(cell: Element, name: str = "v") -> Element | None:
    return next((part for part in cell if part.tag.rpartition("}")[2] == name), None)


def _spoken(part: Element) -> str:
    """The text inside, without how it is pronounced."""
    texts = []
    for child in part:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            texts.append(child.text or "")
        elif name != "rPh":
            texts.append(_spoken(child))
    return "".join(texts)
