"""Which definition of a word holds for a client, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from kvitto.model.period import Period
from kvitto.workspace.meaning import MeaningFile, MeaningVersion

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """One definition and the days ``[first, after)`` on which it holds; ``None`` is open.

    ``own`` tells the client's own definition from the one for all.
    """

    first: date | None
    after: date | None
    own: bool
    version: MeaningVersion

    def meets(self, period: Period) -> bool:
        """Whether it holds on a day of the period."""
        begun = self.first is None or self.first < period.end
        return begun and (self.after is None or self.after > period.start)

    @property
    def last(self) -> date | None:
        """The last day on which it holds; ``None`` where that is open."""
        return None if self.after is None else self.after - _ONE_DAY

    @property
    def said(self) -> str:
        """Version and days in words."""
        words = [f"version {self.version.version}"]
        words += ["the client's own"] if self.own else []
        words += [f"from {self.first}"] if self.first else []
        words += [f"until {self.last}"] if self.last else []
        return ", ".join(words)


def timeline(word: str, client: str, meanings: Iterable[MeaningFile]) -> tuple[Segment, ...]:
    """The definitions of a word for the client, in order of time, none beside another.

    On each day the client's own comes before the one for all.
    """
    own: list[MeaningVersion] = []
    shared: list[MeaningVersion] = []
    for meaning in meanings:
        for version in meaning.definitions if meaning.word == word else ():
            if client in version.clients:
                own.append(version)
            elif not version.clients:
                shared.append(version)
    mine, theirs = _laid_out(own, own=True), _laid_out(shared, own=False)
    cuts = {edge for segment in (*mine, *theirs) for edge in _edges(segment)}
    edges = [None, *sorted(cuts), None]
    found: list[Segment] = []
    for first, after in pairwise(edges):
        holding = _holding(mine, first, after) or _holding(theirs, first, after)
        if holding is None:
            continue
        last = found[-1] if found else None
        if last is not None and last.version is holding.version and last.after == first:
            found[-1] = Segment(last.first, after, last.own, last.version)
        else:
            found.append(Segment(first, after, holding.own, holding.version))
    return tuple(found)


def covering(segments: Iterable[Segment], period: Period) -> tuple[Segment, ...]:
    """The segments that the period is made of; empty where a day of it has none."""
    found = [segment for segment in segments if segment.meets(period)]
    if not found or (found[0].first or date.min) > period.start:
        return ()
    for one, other in pairwise(found):
        if one.after != other.first:
            return ()
    return tuple(found) if (found[-1].after or date.max) >= period.end else ()


def _laid_out(versions: list[MeaningVersion], *, own: bool) -> tuple[Segment, ...]:
    ordered = sorted(versions, key=lambda version: version.valid_from or date.min)
    found: list[Segment] = []
    for index, version in enumerate(ordered):
        after = version.valid_to + _ONE_DAY if version.valid_to else None
        if index + 1 < len(ordered):
            begins = ordered[index + 1].valid_from
            after = begins if after is None or (begins and begins < after) else after
        found.append(Segment(version.valid_from, after, own, version))
    return tuple(found)


def _edges(segment: Segment) -> tuple[date, ...]:
    return tuple(edge for edge in (segment.first, segment.after) if edge is not None)


def _holding(
    segments: tuple[Segment, ...], first: date | None, after: date | None
) -> Segment | None:
    begin, end = first or date.min, after or date.max
    for segment in segments:
        if (segment.first or date.min) <= begin and (segment.after or date.max) >= end:
            return segment
    return None
