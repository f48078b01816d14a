"""Tables that stand side by side on one sheet, with an empty column between them."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.sources.connectors.file.dialect import header_at, is_value
from kvitto.sources.connectors.file.grid import HEAD, Grid, Region
from kvitto.sources.connectors.file.heading import is_header

_SHORTER = 2
"""Rows by which one table must end before the other to be told from a group of columns."""


def regions(grid: Grid) -> list[Region]:
    """The columns of each table, mostly all of them in one region.

    Columns that are set apart are a table of their own where both sides have a
    header, and one ends earlier, begins elsewhere, or has names of the other.
    """
    cuts = [0]
    edges = apart(grid)
    for place, edge in enumerate(edges):
        end = edges[place + 1] if place + 1 < len(edges) else grid.width
        left, right = _region(grid, cuts[-1], edge - 1), _region(grid, edge, end - 1)
        if _are_two(left, right):
            cuts.append(edge)
    ends = [*(one - 1 for one in cuts[1:]), grid.width - 1]
    return [_region(grid, first, last) for first, last in zip(cuts, ends, strict=True)]


def apart(grid: Grid) -> tuple[int, ...]:
    """The columns that stand behind an empty one."""
    kept = grid.written.kept
    return tuple(place for place in range(1, len(kept)) if kept[place] > kept[place - 1] + 1)


def _region(grid: Grid, first: int, last: int) -> Region:
    held = {}
    gaps = set()
    for at, row in grid.kept.items():
        cells = row[first : last + 1]
        if not any(cells):
            continue
        if at in grid.gaps or (at - 1 in grid.kept and at - 1 not in held):
            gaps.add(at)
        held[at] = cells
    return Region(first, last, held, frozenset(gaps))


def _are_two(left: Region, right: Region) -> bool:
    one, other = _header(left), _header(right)
    if one is None or other is None:
        return False
    if one != other:
        return True
    names = [{cell.casefold() for cell in side.rows[one] if cell} for side in (left, right)]
    if names[0] & names[1]:
        return True
    if all(_has_title(side, one) for side in (left, right)):
        return True
    return abs(max(left.rows) - max(right.rows)) >= _SHORTER


def _header(region: Region) -> int | None:
    """The row with the names, above a row with a value."""
    head = [(at, list(row)) for at, row in sorted(region.rows.items()) if at < HEAD]
    if len(head) < 2:
        return None
    place = header_at(head, region.last - region.first + 1)
    below: Sequence[str] = head[place + 1][1] if place + 1 < len(head) else ()
    good = is_header([cell for cell in head[place][1] if cell]) and any(map(is_value, below))
    return head[place][0] if good else None


def _has_title(region: Region, header: int) -> bool:
    above = region.rows.get(header - 1)
    return above is not None and bool(above[0]) and not any(above[1:])
