"""Axes: round steps, and their labels in the edition's language.

Labels are finished texts by the same formatter as every other figure, so that
no chart engine formats a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kvitto.model.locale import Formatter
from kvitto.model.value import NO_CURRENCY, Unit, UnitKind


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with its ``ticks`` and their ``labels``."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def scale_of(
    numbers: Iterable[float],
    unit: Unit,
    language: str,
    *,
    from_zero: bool = True,
    wanted: int = 4,
) -> Scale:
    """Round steps over the numbers; zero is on the axis unless a line lies far from it."""
    found = list(numbers) or [0.0]
    low, high = min(found), max(found)
    if from_zero or low < 0 < high or (low > 0 and low < 0.45 * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < max(1e-6, 1e-9 * abs(high)):
        high = low + max(abs(low), 1.0)
    step = _step((high - low) / wanted, whole=unit.kind is UnitKind.count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(index * step, 9) for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, tick_labels(ticks, unit, language))


def tick_labels(ticks: tuple[float, ...], unit: Unit, language: str) -> tuple[str, ...]:
    """What stands beside the ticks; large numbers are shortened as the language does."""
    formatter = Formatter.of(language)
    if unit.kind is UnitKind.share:
        places = 0 if all(abs(tick * 100 - round(tick * 100)) < 1e-6 for tick in ticks) else 1
        return tuple(formatter.share(tick, places) for tick in ticks)
    if max(map(abs, ticks)) >= 10_000:
        return tuple(_short(tick, unit, formatter) for tick in ticks)
    if unit.kind is UnitKind.money:
        return tuple(formatter.money(tick, unit.currency or NO_CURRENCY) for tick in ticks)
    places = 0 if all(tick == int(tick) for tick in ticks) else 2
    return tuple(formatter.decimal(tick, places) for tick in ticks)


def _short(tick: float, unit: Unit, formatter: Formatter) -> str:
    from babel.numbers import format_compact_currency, format_compact_decimal

    if tick == 0:
        return formatter.decimal(0)
    if unit.kind is UnitKind.money and unit.currency:
        text = format_compact_currency(
            tick, unit.currency, locale=formatter.locale, fraction_digits=1
        )
    else:
        text = format_compact_decimal(tick, locale=formatter.locale, fraction_digits=1)
    return _without_zero(text).replace("-", "\u2212").replace(" ", "\u00a0")


def _without_zero(text: str) -> str:
    """ "2.0M" to "2M", "2,0 mn" to "2 mn"."""
    import re

    return re.sub(r"(?<=\d)[.,]0(?!\d)", "", text)


def _step(rough: float, *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        step = factor * power
        if step >= rough - 1e-12 and not (whole and step < 1) and not (whole and step % 1):
            return step
    return max(10.0 * power, 1.0) if whole else 10.0 * power
