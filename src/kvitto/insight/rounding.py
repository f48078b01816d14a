"""Rounding as people do it: half away from zero, in whole steps."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def in_steps(number: float, step: float) -> int:
    """How many whole steps of ``step`` the number is nearest to."""
    exact = Decimal(repr(number)) / Decimal(repr(step))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def step_of(unit: str, number: float) -> float:
    """The last place in which a figure of that unit is shown.

    Follows :class:`kvitto.model.locale.Formatter`: whole counts, whole amounts
    from 1,000 on, a tenth of a percent, a tenth of a day. In the unit itself:
    0.001 for a share.
    """
    if unit == "money":
        return 1.0 if abs(number) >= 1000 else 0.01
    return {"count": 1.0, "share": 0.001, "duration": 0.1}.get(unit, 0.01)
