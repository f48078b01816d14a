"""Headers of more than one row: a group above several columns, and a name for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kvitto.sources.connectors.file.dialect import is_value
from kvitto.sources.connectors.file.fact import Merge
from kvitto.sources.connectors.file.grid import Row
from kvitto.sources.connectors.file.word import total_kind

_MOST = 3
"""Rows of one header."""


def headings(
    rows: Mapping[int, Row],
    numbers: Sequence[int],
    at: int,
    merged: Sequence[Merge],
    first: int,
) -> tuple[tuple[int, ...], Row]:
    """The rows that the header at that row consists of, and the name of each column.

    A merged cell stands for all the columns that it covers: "Q1" above
    "Clicks" and "Cost" makes "Q1 Clicks" and "Q1 Cost".
    """
    found = [at]
    while len(found) < _MOST and _goes_on(rows, numbers, found[-1], merged, first):
        found.append(found[-1] + 1)
    while len(found) < _MOST and _is_group(rows, numbers, found[0], merged, first):
        found.insert(0, found[0] - 1)
    if len(found) == 1:
        return (at,), rows[at]
    width = len(rows[at])
    pieces = [
        _spread(rows[one], _across(merged, numbers[one], first, width), last=one == found[-1])
        for one in found
    ]
    names = []
    for column in zip(*pieces, strict=True):
        said = dict.fromkeys(cell.strip() for cell in column if cell.strip())
        names.append(" ".join(said))
    return tuple(found), tuple(names)


def _goes_on(
    rows: Mapping[int, Row],
    numbers: Sequence[int],
    at: int,
    merged: Sequence[Merge],
    first: int,
) -> bool:
    """Whether the row below belongs to the header: names under a cell merged across."""
    below, after = rows.get(at + 1), rows.get(at + 2)
    if below is None or after is None or numbers[at + 1] != numbers[at] + 1:
        return False
    width = len(below)
    across = _across(merged, numbers[at], first, width)
    named = {place for place, cell in enumerate(below) if cell}
    tall = {
        one.left - first
        for one in merged
        if one.top == numbers[at] and one.bottom > one.top and first <= one.left < first + width
    }
    if not across or not named or any(is_value(below[place]) for place in named):
        return False
    covered = {place for left, right in across for place in range(left, right + 1)}
    under = all(named.intersection(range(left, right + 1)) for left, right in across)
    return under and not named.intersection(tall) and bool(named & covered) and _differs(rows, at)


def _differs(rows: Mapping[int, Row], at: int) -> bool:
    """The row two below has a value, or more cells than the groups: it is a record."""
    return sum(map(bool, rows[at + 2])) >= 2


def _is_group(
    rows: Mapping[int, Row],
    numbers: Sequence[int],
    at: int,
    merged: Sequence[Merge],
    first: int,
) -> bool:
    """Whether the row above names groups of columns; a title names them all at once."""
    above = rows.get(at - 1)
    if above is None or numbers[at - 1] != numbers[at] - 1:
        return False
    width = len(above)
    filled = [place for place, cell in enumerate(above) if cell]
    across = _across(merged, numbers[at - 1], first, width)
    if across:
        whole = len(filled) == 1 and across[0][1] - across[0][0] + 1 >= max(width - 1, 2)
        groups = {left for left, _ in across}
        # A remark stands above one column that has a name of its own.
        return not whole and all(one in groups or not rows[at][one] for one in filled)
    names = Counter(cell.strip().casefold() for cell in rows[at] if cell.strip())
    doubled = {name for name, count in names.items() if count > 1}
    return len(filled) > 1 and bool(doubled)


def _across(merged: Sequence[Merge], number: int, first: int, width: int) -> list[tuple[int, int]]:
    """First and last column of the cells of a row that are merged across, within the region."""
    return sorted(
        (one.left - first, min(one.right - first, width - 1))
        for one in merged
        if one.top == number and one.right > one.left and 0 <= one.left - first < width
    )


def _spread(row: Row, across: Sequence[tuple[int, int]], *, last: bool) -> Row:
    """Each group's name in all of its columns."""
    cells = list(row)
    if across:
        for left, right in across:
            cells[left : right + 1] = [row[left]] * (right - left + 1)
    elif not last:
        held = ""
        for place, cell in enumerate(row):
            held = cell or held
            cells[place] = held
    return tuple(cells)


def is_header(row: Sequence[str]) -> bool:
    """Only names, side by side and none of them twice."""
    places = [place for place, cell in enumerate(row) if cell.strip()]
    cells = [row[place].strip().casefold() for place in places]
    return (
        len(cells) > 1
        and len(set(cells)) == len(cells)
        and places[-1] - places[0] + 1 == len(places)
        and not any(is_value(cell) or total_kind(cell) in ("subtotal",) for cell in cells)
        and total_kind(cells[0]) != "total"
        and max(map(len, cells)) < 80
    )
