"""Does a number in a sentence say what a fact says?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kvitto.report.narrative.fact import Fact
from kvitto.report.narrative.number import Number, Read
from kvitto.report.narrative.scope import same_period

_CROWNS = frozenset(("SEK", "NOK", "DKK", "ISK"))
_DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"))
_MONEY: dict[str, frozenset[str]] = {
    "kr": _CROWNS,
    "nkr": frozenset(("NOK",)),
    "dkr": frozenset(("DKK",)),
    "ikr": frozenset(("ISK",)),
    "$": _DOLLARS,
    "us$": frozenset(("USD",)),
    "ca$": frozenset(("CAD",)),
    "a$": frozenset(("AUD",)),
    "au$": frozenset(("AUD",)),
    "nz$": frozenset(("NZD",)),
    "€": frozenset(("EUR",)),
    "£": frozenset(("GBP",)),
    "¥": frozenset(("JPY", "CNY")),
    "jp¥": frozenset(("JPY",)),
    "r$": frozenset(("BRL",)),
}
_ROLES_OF_HINT: dict[str, frozenset[str]] = {
    "earlier": frozenset(
        ("earlier", "trend", "target", "expected", "rows", "low", "high", "interval")
    ),
    "later": frozenset(("value", "trend", "high", "rows")),
    "change": frozenset(("change", "contribution", "ratio", "mix", "rate", "gap", "expected")),
    "target": frozenset(("target",)),
    "rows": frozenset(("rows", "contribution", "change", "value", "trend")),
    "gap": frozenset(("gap",)),
    "expected": frozenset(("expected",)),
    "reached": frozenset(("reached", "portion")),
}
_OF_A_GOAL = frozenset(("target", "expected", "gap", "reached"))
_NEED_A_HINT = {"gap": "gap", "expected": "expected"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sentence says about a number, besides the number itself."""

    metrics: frozenset[str]
    named: bool
    segment: str
    comparison: str
    period: str
    own_period: str
    said: str
    before: str
    after: str
    hedge: str
    goal: bool
    bounds: bool
    part: str
    bare: bool


def fits(number: Number, fact: Fact, wanted: Wanted) -> bool:
    """Whether the fact is what the sentence says, its sign left aside."""
    return (
        _subject_fits(fact, wanted)
        and _unit_fits(number, fact, wanted)
        and _role_fits(fact, wanted)
        and _time_fits(fact, wanted)
        and size_fits(number, fact, wanted.hedge)
    )


def sign_fits(number: Number, fact: Fact) -> bool:
    """Whether a written sign is the fact's; an unsigned figure is not negative."""
    if number.sign and fact.is_change:
        return fact.number == 0 or number.sign == math.copysign(1, fact.number)
    if number.sign > 0:
        return False
    if number.sign < 0 or (number.paren and fact.number < 0):
        return fact.number < 0
    return fact.is_change or fact.number >= 0


def size_fits(number: Number, fact: Fact, hedge: str = "") -> bool:
    """Whether the sizes agree within the rounding that is written."""
    factor = 100.0 if fact.unit in ("share", "percent", "points") else 1.0
    sizes = [abs(fact.number) * factor]
    if fact.also is not None:
        sizes.append(abs(fact.also) * factor)
    return any(_near(read, size, hedge) for read in number.reads for size in sizes)


def _near(read: Read, size: float, hedge: str) -> bool:
    slack = 1e-9 * max(1.0, abs(size))
    if abs(size - read.number) <= read.step / 2 + slack:
        return True
    coarse = _coarse(read)
    if hedge == "about":
        return abs(size - read.number) <= coarse / 2 + slack
    if hedge == "over":
        return -slack <= size - read.number < coarse
    if hedge == "under":
        return -coarse < size - read.number <= slack
    return False


def _coarse(read: Read) -> float:
    """The last place that is not a zero: 12,000 is told to the thousand."""
    step = read.step
    while step < read.number and math.isclose(
        read.number / (step * 10), round(read.number / (step * 10)), rel_tol=1e-12
    ):
        step *= 10
    return step


def _subject_fits(fact: Fact, wanted: Wanted) -> bool:
    if wanted.metrics and fact.metric not in wanted.metrics:
        return False
    return fact.subject == wanted.segment


def _unit_fits(number: Number, fact: Fact, wanted: Wanted) -> bool:
    unit = number.unit
    if unit == "percent":
        return fact.unit in ("share", "percent")
    if unit in ("points", "times"):
        return fact.unit == unit
    if unit == "money":
        return fact.unit == "money" and _currency_fits(number.money, fact.currency)
    if unit == "duration":
        return fact.unit == "duration" and (fact.noun or "days") == number.noun
    if unit == "count":
        return fact.unit in ("count", "number") and fact.noun in (None, "", number.noun)
    if fact.unit in ("count", "number"):
        return wanted.named
    return fact.unit in ("money", "duration") and wanted.named and wanted.bare


def _currency_fits(written: str, currency: str | None) -> bool:
    if currency is None:
        return False
    if written.upper() == currency:
        return True
    return currency in _MONEY.get(written.lower(), frozenset())


def _role_fits(fact: Fact, wanted: Wanted) -> bool:
    role = fact.role
    if wanted.after and role not in _ROLES_OF_HINT[wanted.after]:
        return False
    if not wanted.after and wanted.before and role not in _ROLES_OF_HINT[wanted.before]:
        return role == "earlier" and bool(wanted.period or wanted.said)
    if role in _NEED_A_HINT and wanted.after != _NEED_A_HINT[role]:
        return False
    if role in _OF_A_GOAL:
        return wanted.goal
    if role == "rows":
        return wanted.before in ("rows", "earlier")
    if role in ("low", "high", "interval"):
        return wanted.bounds
    if role in ("mix", "rate"):
        return wanted.part == role
    if role == "portion":
        return bool(wanted.segment) and wanted.after != "reached"
    return True


def _time_fits(fact: Fact, wanted: Wanted) -> bool:
    role = fact.role
    if wanted.period and not same_period(wanted.period, wanted.own_period):
        told = role in ("earlier", "trend", "rows")
        return told and same_period(wanted.period, fact.period)
    if role == "trend":
        return bool(wanted.period) and same_period(wanted.period, fact.period)
    if wanted.said:
        return role not in ("value", "trend") and fact.comparison == wanted.said
    if role == "earlier":
        return wanted.before == "earlier" and _comparison_fits(fact, wanted)
    if role in ("change", "ratio", "contribution", "mix", "rate", "low", "high", "interval"):
        return _comparison_fits(fact, wanted)
    return True


def _comparison_fits(fact: Fact, wanted: Wanted) -> bool:
    return not fact.comparison or fact.comparison == (wanted.comparison or "previous")
