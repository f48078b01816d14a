"""Layouts: how the exports of real tools look, read from three tables beside this module.

``layouts.csv`` has a line for each object that a vendor exports: the headers
that tell it apart, the canonical table it fills, and which of its rows are
something else. ``layout_columns.csv`` has a line for each column;
``layout_vendors.csv`` says what the vendors are called in names of files.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from kvitto.conform.label import normal

LEVELS = (
    "campaign",
    "ad_group",
    "ad",
    "account",
    "keyword",
    "search_term",
    "breakdown",
    "country",
    "region",
)
"""Levels of the same advertising spend, the one that is used first where several are there.

A campaign report is whole and has the grain of ``ad_spend``. Reports by ad
leave out campaigns without ads of their own, those by keyword or search term
all that is not search, and a report by account does not name its campaigns.
"""

_COMPUTED = ("&", "~", "*", "#", ":", "+")
_CURRENCY = re.compile(r"^(?P<bare>.+?)\s*[(\[](?P<code>[A-Z]{3})[)\]]$")


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows whose column has one of these values; ``negated`` for those with none of them."""

    headers: tuple[str, ...]
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One canonical table that a layout fills, and from which of its rows.

    ``latest`` is (ids, date): of several rows with one id the last counts.
    ``following`` is (ids, date): the next row's date is the end of this one.
    ``why`` says what rows are that the condition leaves out. What is
    ``derived`` stands beside the record in the same row, so that the row is
    not counted for it.
    """

    table: str
    keep: Condition | None = None
    latest: tuple[tuple[str, ...], str] | None = None
    following: tuple[tuple[str, ...], str] | None = None
    why: str = ""
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """An export of one vendor.

    ``requires`` are the headers that must all be there, each with its
    spellings, ``names`` words in the file's name. ``aside`` is why the whole
    file belongs in no canonical table; ``level`` the level of its spend.
    ``over`` names the objects that hold the same records better. A row
    in which all of the ``total`` headers are empty is a total of the others.
    With one of the headers ``without`` it is another export.
    """

    vendor: str
    name: str
    names: tuple[str, ...]
    requires: tuple[tuple[str, ...], ...]
    parts: tuple[Part, ...]
    level: str = ""
    aside: str = ""
    over: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The vendor and the object, as a person may write it."""
        return f"{self.vendor}.{self.name}"


@dataclass(frozen=True, slots=True)
class Computed:
    """A column made of others. ``kind`` says how.

    ``&`` joins them to a key, ``~`` to a name, ``*`` multiplies them, ``#``
    counts the rows with the same value, ``:`` reads a clock as hours, ``+``
    adds minutes to a time. A part in quotes is that text.
    """

    kind: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the column is called where it is shown."""
        signs = {"&": " + ", "~": " ", "*": " x ", "+": " and "}
        words = signs.get(self.kind, " ").join(self.parts)
        return {"#": f"number within {words}", ":": f"hours of {words}"}.get(self.kind, words)

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers it needs."""
        return tuple(part for part in self.parts if not part.startswith("'"))


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """What fills a canonical column: the first of ``headers`` that is there, or another way.

    ``constant`` is a fixed value, ``computed`` is made of several columns,
    ``lookup`` (object, column, our header, its key) another file's column.
    """

    table: str
    column: str
    headers: tuple[str, ...] = ()
    factor: Decimal | None = None
    constant: str | None = None
    computed: Computed | None = None
    lookup: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """A tool: its name in words, and words in file names that give it away."""

    id: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it is compared: its forms, and the currency that stands in it."""

    forms: frozenset[str]
    currency: str | None = None


@lru_cache(maxsize=16_384)
def header_of(text: str) -> Header:
    """The forms of a header: as it is, without its currency, without "property".

    >>> header_of("Amount spent (SEK)").currency
    'SEK'
    """
    bare = text.strip().strip("`\"'*").strip()
    found = _CURRENCY.match(bare)
    texts = {bare} if found is None else {bare, found["bare"]}
    forms = {normal(one) for one in texts}
    forms |= {one.removeprefix("property ").removeprefix("properties ") for one in forms}
    return Header(frozenset(forms), None if found is None else found["code"])


@lru_cache(maxsize=1)
def layouts() -> tuple[Layout, ...]:
    """All layouts; lines of the same vendor and object are parts of one."""
    made: dict[tuple[str, str], Layout] = {}
    for row in rows_of("layouts.csv"):
        key = (row["vendor"], row["layout"])
        parts = (_part(row),) if row["table"] else ()
        if key in made:
            known = made[key]
            made[key] = replace(known, parts=(*known.parts, *parts))
            continue
        made[key] = Layout(
            row["vendor"],
            row["layout"],
            tuple(normal(name) for name in _split(row["names"], "|")),
            tuple(
                tuple(normal(one) for one in _split(header, "|"))
                for header in _split(row["requires"], ";")
            ),
            parts,
            row["level"],
            row["aside"],
            tuple(_split(row["over"], "|")),
            tuple(normal(one) for one in _split(row["total"], "|")),
            tuple(normal(one) for one in _split(row["without"], "|")),
        )
    return tuple(made.values())


@lru_cache(maxsize=1)
def vendors() -> Mapping[str, Vendor]:
    """The vendors whose layouts are known, by id."""
    return MappingProxyType(
        {
            row["vendor"]: Vendor(
                row["vendor"],
                row["name"],
                tuple(normal(word) for word in _split(row["words"], "|")),
            )
            for row in rows_of("layout_vendors.csv")
        }
    )


@lru_cache(maxsize=1)
def common_headers() -> frozenset[str]:
    """Headers that many tools use, so that they give none of them away."""
    return frozenset(normal(row["header"]) for row in rows_of("layout_common.csv"))


@lru_cache(maxsize=512)
def columns_of(vendor: str, layout: str, table: str) -> Mapping[str, LayoutColumn]:
    """The columns of one table in one layout; the layout's own lines replace the vendor's."""
    made: dict[str, LayoutColumn] = {}
    for own in ("", layout):
        for column in _columns().get((vendor, own), ()):
            if column.table == table:
                made[column.column] = column
    return MappingProxyType(made)


def side_tables(vendor: str, layout: str) -> tuple[str, ...]:
    """The tables that the layout's own lines fill, the side ones included."""
    found = (column.table for column in _columns().get((vendor, layout), ()))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _columns() -> Mapping[tuple[str, str], tuple[LayoutColumn, ...]]:
    made: dict[tuple[str, str], list[LayoutColumn]] = {}
    plain = ({**row, "layout": ""} for row in rows_of("vendors.csv"))
    for row in (*plain, *rows_of("layout_columns.csv")):
        for layout in _split(row["layout"], "|") or [""]:
            made.setdefault((row["vendor"], layout), []).append(_column(row))
    return MappingProxyType({key: tuple(columns) for key, columns in made.items()})


def _column(row: Mapping[str, str]) -> LayoutColumn:
    """``=x`` is a constant, ``@object.column:ours=theirs`` a look-up; for the rest see Computed."""
    text = row["headers"].strip()
    factor = Decimal(row["factor"]) if row["factor"] else None
    table, column = row["table"], row["column"]
    if text.startswith("="):
        return LayoutColumn(table, column, constant=text[1:])
    if text.startswith("@"):
        place, _, keys = text[1:].partition(":")
        other, _, wanted = place.partition(".")
        ours, _, theirs = keys.partition("=")
        lookup = (other, normal(wanted), normal(ours), normal(theirs))
        return LayoutColumn(table, column, lookup=lookup)
    if text[:1] in _COMPUTED:
        made = Computed(text[0], tuple(_piece(one) for one in text[1:].split(text[0])))
        return LayoutColumn(table, column, computed=made, factor=factor)
    return LayoutColumn(table, column, tuple(normal(one) for one in _split(text, "|")), factor)


def _piece(text: str) -> str:
    return text if text.startswith("'") else normal(text)


def _part(row: Mapping[str, str]) -> Part:
    return Part(
        row["table"].removesuffix("+"),
        _condition(row["keep"]),
        _by(row["latest"]),
        _by(row["next"]),
        row["why"],
        row["table"].endswith("+"),
    )


def _condition(text: str) -> Condition | None:
    """``status=open|closed`` or ``type!=bounce``."""
    if not text:
        return None
    header, sign, values = text.partition("=")
    negated = header.endswith("!")
    headers = tuple(normal(one) for one in _split(header.rstrip("!"), "|"))
    assert sign, text
    return Condition(headers, tuple(value.lower() for value in values.split("|")), negated)


def _by(text: str) -> tuple[tuple[str, ...], str] | None:
    """``id by updated_at``."""
    if not text:
        return None
    ids, _, date = text.partition(" by ")
    return tuple(normal(one) for one in _split(ids, "+")), normal(date)


def _split(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()]


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """The lines of a table beside this module; a cell that is missing is empty."""
    text = files("kvitto.conform").joinpath(f"data/{name}").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield {key: value or "" for key, value in row.items()}
