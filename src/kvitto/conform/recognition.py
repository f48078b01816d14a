"""Which tool a file comes from, told from its headers, its name and the files beside it.

A layout counts where all headers that it requires are there. A weak one, of
few headers, also needs the file's name or its neighbours to speak for it.
What two layouts claim equally is a question, never a pick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvitto.conform.label import normal
from kvitto.conform.layout import (
    LEVELS,
    Computed,
    Header,
    Layout,
    LayoutColumn,
    columns_of,
    common_headers,
    header_of,
    layouts,
    side_tables,
    vendors,
)
from kvitto.sources import StagedColumn, StagedTable

_STRONG = 3
_OWN = 2
"""Headers, and how many of them no other tool would use, that speak for themselves."""
_MARGIN = 1.0
_HEADER, _VENDOR, _NAME, _EACH, _WORD = 2.0, 4.0, 3.0, 2.0, 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A layout that fits a file, how well, and on what grounds."""

    layout: Layout
    score: float
    why: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was recognised as.

    ``rivals`` fit as well, so that a person must say which it is; ``instead``
    is why another file is used in place of this one.
    """

    table: StagedTable
    layout: Layout | None = None
    why: str = ""
    rivals: tuple[Layout, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Headers:
    """The columns of a file by the forms of their headers."""

    columns: Mapping[str, StagedColumn]
    shown: Mapping[str, Header]

    @property
    def currency(self) -> str | None:
        """The one currency that stands in the headers, if there is one."""
        found = {header.currency for header in self.shown.values() if header.currency}
        return found.pop() if len(found) == 1 else None

    def find(self, forms: Sequence[str]) -> StagedColumn | None:
        """The column of the first of these forms that is there."""
        return next((self.columns[form] for form in forms if form in self.columns), None)


def headers_of(table: StagedTable) -> Headers:
    """The headers of a staged table, ready to be compared."""
    columns: dict[str, StagedColumn] = {}
    shown = {column.name: header_of(column.header) for column in table.columns}
    whole = {normal(column.header): column for column in table.columns}
    for column in table.columns:
        for form in shown[column.name].forms:
            columns.setdefault(form, column)
    columns.update(whole)
    return Headers(columns, shown)


def recognise(
    tables: Sequence[StagedTable],
    source: str,
    vendor: str | None,
    told: Mapping[int, str] | None = None,
) -> tuple[Recognised, ...]:
    """What each file is. ``told`` names, by ``id`` of the table, what a person said it is."""
    answered = told or {}
    sure: Counter[str] = Counter()
    for table in tables:
        first = candidates(table, source, vendor, frozenset())
        if first and first[0].strong and not _rivals(table, first):
            sure[first[0].layout.vendor] += 1
    beside = frozenset(sure)
    found = tuple(
        _recognised(table, source, vendor, beside, answered.get(id(table))) for table in tables
    )
    return _one_level(_newest(found))


def _recognised(
    table: StagedTable,
    source: str,
    vendor: str | None,
    beside: frozenset[str],
    told: str | None,
) -> Recognised:
    if told is not None:
        layout = next((one for one in layouts() if one.id == told), None)
        return Recognised(table, layout, "it stands in the definition")
    found = candidates(table, source, vendor, beside)
    if not found:
        return Recognised(table)
    rivals = _rivals(table, found)
    if rivals:
        return Recognised(table, None, "", (found[0].layout, *rivals))
    return Recognised(table, found[0].layout, found[0].why)


def candidates(
    table: StagedTable, source: str, vendor: str | None, beside: frozenset[str]
) -> tuple[Candidate, ...]:
    """The layouts that fit, best first. ``beside`` are vendors of the neighbouring files."""
    headers = headers_of(table)
    called = f" {normal(' '.join((table.name, table.sheet or '')))} "
    place = f" {normal(source)}{called}"
    told = vendor.lower() if vendor and vendor.lower() in vendors() else None
    found = []
    for layout in layouts():
        if told is not None and layout.vendor != told:
            continue
        one = _candidate(layout, table, headers, called, place, told, beside)
        if one is not None:
            found.append(one)
    ordered = sorted(found, key=lambda one: (-one.score, one.layout.id))
    return tuple(one for one in ordered if not _is_less(one.layout, ordered, headers))


def _is_less(layout: Layout, found: Sequence[Candidate], headers: Headers) -> bool:
    """Whether another layout of the vendor asks for the same columns and a telling one more."""
    mine = _required(layout, headers)
    return any(
        other.layout.vendor == layout.vendor
        and mine < (theirs := _required(other.layout, headers))
        and any(_tells(headers.shown[name]) for name in theirs - mine)
        for other in found
    )


def _tells(header: Header) -> bool:
    return common_headers().isdisjoint(header.forms)


def _required(layout: Layout, headers: Headers) -> frozenset[str]:
    found = (headers.find(forms) for forms in layout.requires)
    return frozenset(column.name for column in found if column is not None)


def _candidate(
    layout: Layout,
    table: StagedTable,
    headers: Headers,
    called: str,
    place: str,
    told: str | None,
    beside: frozenset[str],
) -> Candidate | None:
    if any(headers.find(forms) is None for forms in layout.requires):
        return None
    if layout.without and headers.find(layout.without) is not None:
        return None
    named = max((name for name in layout.names if f" {name} " in called), key=len, default="")
    vendor = vendors()[layout.vendor]
    spoken = any(f" {word} " in place for word in vendor.words)
    known = told is not None or spoken
    strength = len(layout.requires)
    backed = known or layout.vendor in beside
    own = sum(common_headers().isdisjoint(forms) for forms in layout.requires)
    strong = strength >= _STRONG and own >= _OWN
    enough = (
        strong or (named and backed) or (strength >= 2 and (known or (own and (named or backed))))
    )
    if not enough or not _fits(layout, headers):
        return None
    words = len(named.split())
    mapped = sum(len(fills_of(layout, part.table, headers)) for part in layout.parts[:1])
    score = (
        _HEADER * strength
        + _WORD * mapped
        + (_NAME + _EACH * words if named else 0.0)
        + (_VENDOR if known else 0.0)
        + (_VENDOR if layout.vendor in beside else 0.0)
    )
    return Candidate(layout, score, _why(layout, headers, named), known or strong)


def _why(layout: Layout, headers: Headers, named: str) -> str:
    shown = [headers.find(forms) for forms in layout.requires]
    listed = ", ".join(f"'{column.header}'" for column in shown[:4] if column is not None)
    name = f" and '{named}' in the file's name" if named else ""
    return f"{vendors()[layout.vendor].name}'s {layout.name.replace('_', ' ')} has {listed}{name}"


def _fits(layout: Layout, headers: Headers) -> bool:
    """Whether each canonical table of the layout gets its key."""
    from kvitto.conform.suggestion import filled_key

    return all(
        part.derived or filled_key(part.table, set(fills_of(layout, part.table, headers)))
        for part in layout.parts
    )


def fills_of(layout: Layout, table: str, headers: Headers) -> Mapping[str, LayoutColumn]:
    """The canonical columns that the file fills in that table."""
    made: dict[str, LayoutColumn] = {}
    for column in columns_of(layout.vendor, layout.name, table).values():
        if column.column.startswith("*"):
            continue
        if column.constant is not None or (
            column.lookup is not None and column.lookup[2] in headers.columns
        ):
            made[column.column] = column
        elif column.computed is not None:
            if _can_compute(column.computed, headers):
                made[column.column] = column
        elif headers.find(column.headers) is not None:
            made[column.column] = column
    return made


def _can_compute(computed: Computed, headers: Headers) -> bool:
    """Whether enough of the columns are there: all, or for keys and names some."""
    there = [one in headers.columns for one in computed.headers]
    return any(there) if computed.kind in "&~" else all(there)


def side_fills(layout: Layout, headers: Headers) -> tuple[str, ...]:
    """Tables that the file fills beside the one its rows are."""
    from kvitto.conform.suggestion import filled_key

    own = {part.table for part in layout.parts}
    return tuple(
        table
        for table in side_tables(layout.vendor, layout.name)
        if table not in own and filled_key(table, set(fills_of(layout, table, headers)))
    )


def _rivals(table: StagedTable, found: Sequence[Candidate]) -> tuple[Layout, ...]:
    """Layouts that fit nearly as well as the best and would do something else."""
    headers = headers_of(table)
    best = _outcome(found[0].layout, headers)
    return tuple(
        one.layout
        for one in found[1:]
        if found[0].score - one.score < _MARGIN and _outcome(one.layout, headers) != best
    )


def _outcome(layout: Layout, headers: Headers) -> object:
    """What the layout would do with the file: the same from two layouts needs no answer."""
    if layout.aside:
        return "aside"
    return tuple(
        (part.table, part.keep, tuple(sorted(fills_of(layout, part.table, headers).items())))
        for part in layout.parts
    )


def _better(layout: Layout, there: Mapping[tuple[str, str], Recognised]) -> str | None:
    """The file that holds the same records better."""
    found = (there.get((layout.vendor, other)) for other in layout.over)
    return next((one.table.file for one in found if one is not None), None)


def _newest(found: tuple[Recognised, ...]) -> tuple[Recognised, ...]:
    """Older copies step back where the source has the object itself."""
    there = {(one.layout.vendor, one.layout.name): one for one in found if one.layout is not None}
    made = []
    for one in found:
        layout = one.layout
        better = None if layout is None else _better(layout, there)
        if better is not None:
            why = f"{better} holds the same records as they stand now"
            made.append(Recognised(one.table, layout, one.why, instead=why))
        else:
            made.append(one)
    return tuple(made)


def _one_level(found: tuple[Recognised, ...]) -> tuple[Recognised, ...]:
    """One level of each platform's spend; the same money stands in the other levels too."""
    chosen: dict[str, str] = {}
    files: dict[str, str] = {}
    for one in found:
        if one.layout is None or not one.layout.level or one.instead:
            continue
        vendor, level = one.layout.vendor, one.layout.level
        before = chosen.get(vendor)
        if before is None or LEVELS.index(level) < LEVELS.index(before):
            chosen[vendor], files[vendor] = level, one.table.file
    return tuple(
        Recognised(one.table, one.layout, one.why, instead=_level_why(one.layout, chosen, files))
        if one.layout is not None
        and one.layout.level
        and not one.instead
        and chosen[one.layout.vendor] != one.layout.level
        else one
        for one in found
    )


def _level_why(layout: Layout, chosen: Mapping[str, str], files: Mapping[str, str]) -> str:
    level = chosen[layout.vendor].replace("_", " ")
    return (
        f"it is the same spend by {layout.level.replace('_', ' ')}, and spend is taken by {level}"
        f" from {files[layout.vendor]}; taking both would count it twice"
    )
