"""Where the tables of a sheet lie: headers, titles, notes, what stands below or beside.

Works on the few rows that a grid kept, so that it takes no longer for a large
sheet. What is not certain is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kvitto.sources.connectors.file.beside import regions
from kvitto.sources.connectors.file.dialect import header_at, is_row, is_value
from kvitto.sources.connectors.file.fact import Merge
from kvitto.sources.connectors.file.grid import HEAD, Grid, Region, Row
from kvitto.sources.connectors.file.heading import headings, is_header
from kvitto.sources.connectors.file.word import is_note, total_kind

_TITLES = 5
"""Lines that may stand between a gap and the header of the next table."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table: the rows of its header, its names, and its rows from ``start`` to ``end``.

    ``end`` is not included. ``first`` and ``last`` are its columns. ``asides``
    has by row the reason why it is no record in these columns (title, header,
    repeated_header, note); of the tables one below the other it is the same.
    """

    first: int
    last: int
    header: tuple[int, ...]
    names: Row
    start: int
    end: int
    asides: Mapping[int, str] = field(default_factory=dict)


def outline(grid: Grid, merged: Sequence[Merge]) -> tuple[Part, ...]:
    """The tables of the sheet; none where it has no header."""
    parts: list[Part] = []
    for region in regions(grid):
        found = _tables(grid, region, merged)
        if not found:
            return ()
        parts += found
    return tuple(parts)


def _tables(grid: Grid, region: Region, merged: Sequence[Merge]) -> tuple[Part, ...]:
    """The tables of a region, one below the other."""
    head = [(at, list(row)) for at, row in sorted(region.rows.items()) if at < HEAD]
    if not head:
        return ()
    place = header_at(head, region.last - region.first + 1)
    if is_row(head[place][1], [row for _, row in head[place + 1 :]]):
        return ()
    starts = [*_above(region, head, place), (head[place][0], 0)]
    parts: list[Part] = []
    asides: dict[int, str] = {}
    titled = 0
    for at, _ in starts:
        parts.append(_part(grid, region, merged, at))
        titled = _put_titles(asides, region, titled, parts[-1])
    for gap in sorted(one for one in region.gaps if one >= parts[-1].start):
        below = _table_at(region, gap, parts[-1])
        if below is None:
            continue
        at, again = below
        if again:
            asides.update({one: "title" for one in range(gap, at) if one in region.rows})
            continue
        parts.append(_part(grid, region, merged, at))
        _put_titles(asides, region, gap, parts[-1])
    ended = _ended(grid, region, parts)
    for part in ended:
        asides.update(dict.fromkeys(part.header, "header"))
        asides.update(dict.fromkeys(_notes(region, part), "note"))
        asides.update(dict.fromkeys(_repeats(grid, region, part), "repeated_header"))
    return tuple(replace(part, asides=asides) for part in ended)


def _part(grid: Grid, region: Region, merged: Sequence[Merge], at: int) -> Part:
    rows, names = headings(region.rows, grid.numbers, at, merged, region.first)
    return Part(region.first, region.last, rows, names, rows[-1] + 1, grid.rows)


def _put_titles(asides: dict[int, str], region: Region, start: int, part: Part) -> int:
    """Rows between a start and the header are titles; gives where the table's rows start."""
    asides.update({at: "title" for at in range(start, part.header[0]) if at in region.rows})
    return part.start


def _ended(grid: Grid, region: Region, parts: Sequence[Part]) -> list[Part]:
    """Each part up to the titles of the next one."""
    ended = []
    for place, part in enumerate(parts):
        end = grid.rows
        if place + 1 < len(parts):
            end = parts[place + 1].header[0]
            while end - 1 > part.start and _is_title(region.rows.get(end - 1)):
                end -= 1
        ended.append(replace(part, end=end))
    return ended


def _is_title(row: Row | None) -> bool:
    return row is not None and sum(1 for cell in row if cell) == 1


def _above(
    region: Region, head: Sequence[tuple[int, list[str]]], place: int
) -> list[tuple[int, int]]:
    """Narrower tables above the header that stands out: a header and two rows with values."""
    found = []
    skip_to = 0
    for number, (at, row) in enumerate(head[:place]):
        if at < skip_to or not is_header(row) or sum(map(bool, row)) < 3:
            continue
        places = [where for where, cell in enumerate(row) if cell]
        below = []
        for nearby, other in head[number + 1 : place]:
            if nearby in region.gaps:
                break
            below.append(other)
            skip_to = nearby
        if sum(1 for other in below if any(is_value(other[where]) for where in places)) >= 2:
            found.append((at, number))
    return found


def _table_at(region: Region, gap: int, part: Part) -> tuple[int, bool] | None:
    """The header below a gap, and whether it is the table's own again."""
    at = gap
    while _is_title(region.rows.get(at)) and at < gap + _TITLES:
        at += 1
    row, below = region.rows.get(at), region.rows.get(at + 1)
    if row is None:
        return None
    own = [name.strip().casefold() for name in part.names]
    if at > gap and [cell.strip().casefold() for cell in row] == own:
        return at, True
    if below is None or not is_header(row) or at + 1 in region.gaps:
        return None
    places = [place for place, cell in enumerate(row) if cell]
    if [cell.strip().casefold() for cell in row] == own or not any(
        is_value(below[place]) for place in places
    ):
        return None
    valued = _valued(region, part)
    if not valued.intersection(places):
        fresh = {place for place in places if is_value(below[place])}
        return (at, False) if fresh and not any(row[place] for place in valued) else None
    return at, False


def _valued(region: Region, part: Part) -> frozenset[int]:
    """The columns of a table that mostly hold numbers and dates, from the region's first on."""
    rows = [row for at, row in region.rows.items() if part.start <= at < part.start + HEAD]
    found = set()
    for place in range(part.last - part.first + 1):
        cells = [row[place] for row in rows if row[place]]
        if cells and sum(1 for cell in cells if is_value(cell)) * 5 >= len(cells) * 3:
            found.add(place)
    return frozenset(found)


def _notes(region: Region, part: Part) -> list[int]:
    """Lines under the table: alone in their row, and set apart or begun like a remark."""
    if sum(map(bool, part.names)) < 3:
        return []
    run: list[int] = []
    at = part.end - 1
    while at >= part.start and (row := region.rows.get(at)) is not None and _may_be_note(row):
        run.insert(0, at)
        at -= 1
    for place, one in enumerate(run):
        if one in region.gaps or all(_is_remark(region.rows[other]) for other in run[place:]):
            return run[place:]
    return []


def _may_be_note(row: Row) -> bool:
    cells = [cell for cell in row if cell]
    if not row[0] and not is_note(cells[0]):
        return False
    if len(cells) == 1:
        return not is_value(cells[0]) and not total_kind(cells[0])
    return len(cells) == 2 and is_note(cells[0]) and not any(map(is_value, cells))


def _is_remark(row: Row) -> bool:
    text = next(cell for cell in row if cell)
    return is_note(text) or (len(text) > 40 and text.count(" ") > 3)


def _repeats(grid: Grid, region: Region, part: Part) -> list[int]:
    """Rows of the table that are one of the rows of its header again."""
    own = {_bare(region.rows[at]) for at in part.header}
    return [
        at
        for at, row in grid.repeated.items()
        if part.start <= at < part.end and _bare(row[part.first : part.last + 1]) in own
    ]


def _bare(row: Row) -> Row:
    """Without the empty cells at its end."""
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return row[:width]
