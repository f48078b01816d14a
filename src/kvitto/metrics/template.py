"""SELECTs that differ only in their days are written once and filled in.

Writing a SELECT from its tree costs more than a small table takes to answer,
and questions mostly differ in their periods. The tree is built over stand-in
days of long ago; :func:`fill` puts the real ones into the text. Only a
whole date cast is replaced, which no value that somebody typed can look like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from kvitto.metrics.frame import Span

_CAST = re.compile(r"CAST\('(\d{4}-\d{2}-\d{2})' AS DATE\)")
_EPOCH = date(1000, 1, 1).toordinal()
_APART = 4
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def stand_ins(count: int) -> tuple[Span, ...]:
    """That many spans whose days are all different and mean nothing yet."""
    firsts = [date.fromordinal(_EPOCH + _APART * index) for index in range(count)]
    return tuple(Span(first, first + 2 * _ONE_DAY, first + 3 * _ONE_DAY) for first in firsts)


def fill(text: str, spans: Sequence[Span]) -> str:
    """The text with the days of these spans in place of the stand-ins, in the same order."""
    days: dict[str, date] = {}
    for stand_in, span in zip(stand_ins(len(spans)), spans, strict=True):
        days[stand_in.first.isoformat()] = span.first
        days[(stand_in.first + _ONE_DAY).isoformat()] = span.after - _ONE_DAY
        days[stand_in.after.isoformat()] = span.after
        assert stand_in.as_of is not None
        days[stand_in.as_of.isoformat()] = span.as_of or span.after

    def real(match: re.Match[str]) -> str:
        day = days.get(match[1])
        return match[0] if day is None else f"CAST('{day.isoformat()}' AS DATE)"

    return _CAST.sub(real, text)


def hull(spans: Sequence[Span]) -> Span:
    """The days from the first to the last of all spans."""
    return Span(min(span.first for span in spans), max(span.after for span in spans))


def is_gapless(spans: Sequence[Span]) -> bool:
    """Whether the spans together leave no day of their hull out."""
    reach: date | None = None
    for span in sorted(spans, key=lambda span: span.first):
        if reach is not None and span.first > reach:
            return False
        reach = span.after if reach is None else max(reach, span.after)
    return True
