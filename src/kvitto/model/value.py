"""A figure: a number that was measured, or the reason why there is none.

There is no other way to hold a figure. Arithmetic carries the reason on: what
is computed from a missing figure is missing for the same reason. Missing is
never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, StrEnum

from kvitto.errors import CurrencyMixed

Number = int | float | Decimal


NO_CURRENCY = "XXX"
"""What ISO 4217 writes where an amount has no currency; shown, so that it is noticed."""


class UnitKind(Enum):
    """What a number measures. ``share`` is a fraction: 0.6315, shown as 63.2 %."""

    count = "count"
    money = "money"
    share = "share"
    duration = "duration"
    number = "number"


@dataclass(frozen=True, slots=True)
class Unit:
    """Kind, and what goes with it.

    ``currency`` (ISO 4217) for money; ``noun`` what is counted ("deals") or the
    unit of a duration ("days", "hours", "min").
    """

    kind: UnitKind
    currency: str | None = None
    noun: str | None = None

    def __str__(self) -> str:
        return self.currency or self.noun or self.kind.value


class Status(StrEnum):
    """Final, or measured while the source may still change the period."""

    final = "final"
    provisional = "provisional"


class MissingKind(StrEnum):
    """Why there is no number. Ordered: where two meet, the earlier is carried."""

    not_connected = "not_connected"
    sync_failed = "sync_failed"
    not_final = "not_final"
    no_data = "no_data"
    not_applicable = "not_applicable"
    not_computable = "not_computable"
    immature = "immature"
    too_few = "too_few"
    zero_denominator = "zero_denominator"


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit, the rows behind it, and whether it is final.

    ``numerator`` and ``denominator`` are kept for ratios, so that a whole can
    be recomputed from its parts.
    """

    number: Number
    unit: Unit
    n: int
    status: Status = Status.final
    numerator: Number | None = None
    denominator: Number | None = None

    @property
    def is_missing(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Missing:
    """No number, the kind of reason, and the reason in words (English)."""

    kind: MissingKind
    unit: Unit
    why: str = ""
    n: int = 0

    @property
    def is_missing(self) -> bool:
        return True


Figure = Value | Missing


def add(one: Figure, other: Figure) -> Figure:
    """The sum; a missing part makes the whole missing, a provisional one provisional.

    Raises :class:`CurrencyMixed` for two currencies.
    """
    return _linear(one, other, 1)


def subtract(one: Figure, other: Figure) -> Figure:
    """``one - other``, with the rules of :func:`add`."""
    return _linear(one, other, -1)


def divide(numerator: Figure, denominator: Figure, unit: Unit, n: int | None = None) -> Figure:
    """``numerator / denominator`` as a number of ``unit``, keeping both parts.

    A denominator of zero gives ``zero_denominator``, never zero or infinity.
    """
    lost = _first_missing(numerator, denominator)
    if lost is not None:
        return replace(lost, unit=unit)
    assert isinstance(numerator, Value)
    assert isinstance(denominator, Value)
    rows = denominator.n if n is None else n
    if denominator.number == 0:
        return Missing(MissingKind.zero_denominator, unit, "nothing to divide by", rows)
    return Value(
        quotient(numerator.number, denominator.number),
        unit,
        rows,
        _worse(numerator, denominator),
        numerator.number,
        denominator.number,
    )


def quotient(numerator: Number, denominator: Number) -> float:
    """The exact quotient, rounded once to the nearest float."""
    from fractions import Fraction

    return float(Fraction(numerator) / Fraction(denominator))


def _linear(one: Figure, other: Figure, sign: int) -> Figure:
    lost = _first_missing(one, other)
    if lost is not None:
        return lost
    assert isinstance(one, Value)
    assert isinstance(other, Value)
    if one.unit.currency != other.unit.currency:
        raise CurrencyMixed.of(
            "add two amounts",
            f"one is in {one.unit.currency}, the other in {other.unit.currency}",
            "Convert both to the client's currency first.",
        )
    number = _summed(one.number, other.number, sign)
    return Value(number, one.unit, one.n + other.n, _worse(one, other))


def _summed(one: Number, other: Number, sign: int) -> Number:
    if isinstance(one, float) or isinstance(other, float):
        return float(one) + sign * float(other)
    if isinstance(one, int) and isinstance(other, int):
        return one + sign * other
    return Decimal(one) + sign * Decimal(other)


def _first_missing(*figures: Figure) -> Missing | None:
    order = list(MissingKind)
    lost = [figure for figure in figures if isinstance(figure, Missing)]
    return min(lost, key=lambda figure: order.index(figure.kind)) if lost else None


def _worse(*values: Value) -> Status:
    if any(value.status is Status.provisional for value in values):
        return Status.provisional
    return Status.final
