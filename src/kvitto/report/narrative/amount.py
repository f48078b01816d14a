"""Figures and changes of one statement as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kvitto.insight.contribution import displayed
from kvitto.insight.rounding import in_steps, step_of
from kvitto.model.locale import Formatter
from kvitto.model.statement import Statement
from kvitto.model.value import NO_CURRENCY, Unit, UnitKind
from kvitto.report.narrative.catalogue import Language

LARGEST_PERCENT = 10.0
"""Beyond a thousand percent the change is told in the unit alone."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Writes numbers of one unit; ``scale`` is the size that decides on decimals."""

    formatter: Formatter
    unit: Unit
    scale: float = 0.0

    @classmethod
    def of(cls, statement: Statement, formatter: Formatter) -> Amount:
        unit = Unit(UnitKind(statement.unit), statement.currency, statement.noun)
        sizes = [statement.magnitude]
        if statement.kind == "change":  # as many decimals as the two figures beside it
            sizes += [statement.before, statement.after]
        return cls(formatter, unit, max(abs(size or 0.0) for size in sizes))

    def value(self, number: float) -> str:
        """A figure with its unit."""
        return self.formatter.number(plain(number), self.unit)

    def size(self, change: float, language: Language, *, signed: bool = False) -> str:
        """How much it changed: points for shares, else in the unit; a sign only if asked."""
        number = change if signed else abs(change)
        if self.unit.kind is UnitKind.share:
            return points(number, language, self.formatter, signed=signed)
        if self.unit.kind is UnitKind.money:
            places = 0 if self.step == 1.0 else 2
            text = self.formatter.money(plain(number), self.unit.currency or NO_CURRENCY, places)
        else:
            text = self.formatter.number(plain(number), self.unit)
        return f"+{text}" if signed and in_steps(number, self.step) > 0 else text

    def percent(self, relative: float) -> str:
        """A relative change, always with its sign."""
        text = self.formatter.share(relative)
        return f"+{text}" if relative > 0 else text

    def speaks_percent(self, relative: float) -> bool:
        """Whether a percentage says something: not for shares and days, nor beyond all measure."""
        if self.unit.kind in (UnitKind.share, UnitKind.duration):
            return False
        return 0.0005 <= abs(relative) <= LARGEST_PERCENT

    def is_flat(self, change: float) -> bool:
        """Whether the change is too small to be seen in what is shown."""
        return in_steps(abs(change), self.step) == 0

    @property
    def step(self) -> float:
        return step_of(self.unit.kind.value, self.scale)

    def shown_contributions(self, statement: Statement) -> list[float]:
        """The contributions as they are written; they add up to the written change."""
        return displayed(statement.contributions, statement.magnitude or 0.0, self.step)


def points(
    share: float,
    language: Language,
    formatter: Formatter,
    *,
    signed: bool = False,
    key: str = "points",
) -> str:
    """A difference of two shares in percentage points, with the one decimal that shares have.

    ``key`` "points_short" gives the abbreviation, for the columns of a table.
    """
    exact = Decimal(in_steps(share, 0.001)) / 1000
    number = "".join(sign for sign in formatter.share(exact, 1) if sign not in "%\u00a0")
    if signed and exact > 0:
        number = f"+{number}"
    forms = language.table(f"messages.{key}")
    written = (abs(exact) * 100).quantize(Decimal("0.1"))
    text = str(forms.get(language.plural(written), forms["other"]))
    return text.format(number=number).replace(" ", "\u00a0", 1)


def plain(number: float) -> float | int:
    """A whole float as an int, so that no needless decimals are written."""
    return int(number) if number == int(number) else number
