"""The parts of an XLSX package: which sheets it has, its texts, its number formats.

Read as a stream: memory grows with the texts that the sheets share, not with
the sheets. A document type is refused, so no entity is ever expanded.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from kvitto.sources.connectors.file.cell import Shown, shown_as, unescaped
from kvitto.sources.connectors.file.fact import number_like

_PART = 1 << 18
_MOST_LINKS = 100
MOST_TEXT = 400_000_000
"""Characters that the shared texts of a workbook may have together."""

Attributes = dict[str, str]


class NotThisPackage(Exception):
    """The package is not laid out as XLSX; another reader may know it."""


class TooMuch(Exception):
    """The package holds more than is read."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet: its name, the part that holds it, whether it is shown.

    A ``very_hidden`` one cannot be shown from the program's menus.
    """

    name: str
    part: str
    hidden: bool
    very_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """What is needed to read any sheet of the workbook.

    ``number_like`` are the places of texts that look like numbers, ``struck`` the
    cell formats that strike their text through. Of an ``uncalculated`` workbook
    a program that does not calculate has written the formulas. ``links`` are the
    other workbooks that formulas refer to.
    """

    sheets: tuple[SheetPart, ...]
    strings: tuple[str, ...]
    shown: tuple[Shown, ...]
    from_1904: bool
    number_like: frozenset[int] = frozenset()
    struck: frozenset[str] = frozenset()
    uncalculated: bool = False
    links: tuple[str, ...] = ()
    macros: bool = False


def open_package(archive: zipfile.ZipFile) -> Package:
    """The workbook in the archive. Raises :class:`NotThisPackage` for other archives."""
    names = {_bare(name): name for name in archive.namelist()}
    root = next(
        (target for kind, target in _related(archive, names, "") if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    if _bare(root) not in names or not root.lower().endswith(".xml"):
        raise NotThisPackage(root)
    entries, from_1904, uncalculated = _entries(archive, names[_bare(root)])
    related = {key: (kind, target) for key, kind, target in _relations(archive, names, root)}
    sheets = []
    for name, key, state in entries:
        kind, target = related.get(key, ("", ""))
        if kind == "worksheet" and _bare(target) in names:
            hidden = state != "visible"
            sheets.append(SheetPart(name, names[_bare(target)], hidden, state == "veryHidden"))
    parts = dict(related.values())
    texts = names.get(_bare(parts.get("sharedStrings", "xl/sharedStrings.xml")))
    styles = names.get(_bare(parts.get("styles", "xl/styles.xml")))
    strings = () if texts is None else _strings(archive, texts)
    shown, struck = ((), frozenset[str]()) if styles is None else _styles(archive, styles)
    return Package(
        tuple(sheets),
        strings,
        shown,
        from_1904,
        number_like(strings),
        struck,
        uncalculated,
        _links(archive, names),
        any(name.endswith("vbaproject.bin") for name in names),
    )


def _links(archive: zipfile.ZipFile, names: dict[str, str]) -> tuple[str, ...]:
    """The names of other workbooks that formulas refer to, without their folders."""
    found: list[str] = []
    for bare, name in sorted(names.items()):
        if re.fullmatch(r"xl/externallinks/_rels/[^/]+\.rels", bare) and len(found) < _MOST_LINKS:
            for tag, told in _elements(archive, name):
                if tag == "Relationship" and told.get("TargetMode") == "External":
                    found.append(re.split(r"[\\/]", told.get("Target", ""))[-1])
    return tuple(dict.fromkeys(found))


def parse(
    stream: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Feed the part to the handlers; gives control back after each stretch of it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    while part := stream.read(_PART):
        parser.Parse(part, False)
        yield
    parser.Parse(b"", True)
    yield


def local(tag: str) -> str:
    """The name of an element or attribute without its prefix."""
    return tag.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise TooMuch("it declares a document type, which no spreadsheet program writes")


def _bare(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Attributes]]:
    """The elements of a small part, without their texts."""
    found: list[tuple[str, Attributes]] = []

    def start(tag: str, attributes: Attributes) -> None:
        found.append((local(tag), {local(key): value for key, value in attributes.items()}))

    with archive.open(part) as stream:
        for _ in parse(stream, start):
            yield from found
            found.clear()


def _relations(
    archive: zipfile.ZipFile, names: dict[str, str], part: str
) -> Iterator[tuple[str, str, str]]:
    """Key, kind and target of what the part refers to."""
    folder, file = posixpath.split(part.replace("\\", "/"))
    listed = names.get(_bare(posixpath.join(folder, "_rels", f"{file}.rels")))
    if listed is None:
        return
    for tag, found in _elements(archive, listed):
        if tag == "Relationship" and found.get("TargetMode") != "External":
            target = found.get("Target", "").replace("\\", "/")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = found.get("Type", "").rpartition("/")[2]
            yield found.get("Id", ""), kind, posixpath.normpath(whole)


def _related(
    archive: zipfile.ZipFile, names: dict[str, str], part: str
) -> Iterator[tuple[str, str]]:
    return ((kind, target) for _, kind, target in _relations(archive, names, part))


def _entries(archive: zipfile.ZipFile, part: str) -> tuple[list[tuple[str, str, str]], bool, bool]:
    """Name, key and state of each sheet; how days are counted; whether values are missing."""
    sheets: list[tuple[str, str, str]] = []
    from_1904 = uncalculated = False
    for tag, found in _elements(archive, part):
        if tag == "workbookPr":
            # Extensions have an element of that name too, without the attribute.
            from_1904 |= found.get("date1904", "0").lower() in ("1", "true", "on")
        elif tag == "calcPr":
            uncalculated |= found.get("fullCalcOnLoad", "0").lower() in ("1", "true", "on")
        elif tag == "sheet":
            state = found.get("state", "visible")
            sheets.append((unescaped(found.get("name", "")), found.get("id", ""), state))
    return sheets, from_1904, uncalculated


def _styles(archive: zipfile.ZipFile, part: str) -> tuple[tuple[Shown, ...], frozenset[str]]:
    """How each cell format shows a number, and which of them strike through."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    struck: set[str] = set()
    fonts: list[bool] = []
    section = ""
    for tag, found in _elements(archive, part):
        if tag == "numFmt" and found.get("numFmtId", "").isdigit():
            codes[int(found["numFmtId"])] = found.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyles", "cellStyleXfs", "dxfs", "fonts", "fills"):
            section = tag
        elif section == "fonts" and tag == "font":
            fonts.append(False)
        elif section == "fonts" and tag == "strike" and fonts:
            fonts[-1] = found.get("val", "1") in ("1", "true")
        elif tag == "xf" and section == "cellXfs":
            number, font = found.get("numFmtId", "0"), found.get("fontId", "0")
            if font.isdigit() and int(font) < len(fonts) and fonts[int(font)]:
                struck.add(str(len(formats)))
            formats.append(int(number) if number.isdigit() else 0)
    shown = tuple(shown_as(number, codes.get(number)) for number in formats)
    return shown, frozenset(struck)


def _strings(archive: zipfile.ZipFile, part: str) -> tuple[str, ...]:
    """The texts that cells refer to; the pronunciation beside a text is no part of it."""
    texts: list[str] = []
    pieces: list[str] = []
    state = {"in_text": False, "aside": False, "size": 0}

    def start(tag: str, _: Attributes) -> None:
        name = local(tag)
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            state["aside"] = True
        elif name == "t":
            state["in_text"] = not state["aside"]

    def end(tag: str) -> None:
        name = local(tag)
        if name == "t":
            state["in_text"] = False
        elif name == "rPh":
            state["aside"] = False
        elif name == "si":
            texts.append(unescaped("".join(pieces)))
            state["size"] += len(texts[-1])
            if state["size"] > MOST_TEXT:
                raise TooMuch(f"its texts have more than {MOST_TEXT:,} characters")

    def text(data: str) -> None:
        if state["in_text"]:
            pieces.append(data)

    with archive.open(part) as stream:
        for _ in parse(stream, start, end, text):
            pass
    return tuple(texts)
