"""One formatter of numbers, amounts and dates for every output.

Territory locales are used (``sv_SE``, not ``sv``), because week rules differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from kvitto.model.period import Grain, Period
from kvitto.model.value import Figure, Missing, Number, Unit, UnitKind

LOCALES: dict[str, str] = {
    "en": "en_GB",
    "sv": "sv_SE",
    "fi": "fi_FI",
    "it": "it_IT",
    "pt": "pt_BR",
    "pt-BR": "pt_BR",
    "es": "es_ES",
    "de": "de_DE",
    "fr": "fr_FR",
}
"""Languages of reports and the territory whose rules they follow."""

_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Formatter:
    """Formats for one language. ``locale`` is a CLDR territory locale."""

    locale: str

    @classmethod
    def of(cls, language: str) -> Formatter:
        return _formatter(LOCALES.get(language, language))

    def figure(self, figure: Figure) -> str:
        """The display text of a value; a missing one gives an empty text."""
        return "" if isinstance(figure, Missing) else self.number(figure.number, figure.unit)

    def number(self, number: Number, unit: Unit) -> str:
        """The number with its unit, rounded as people of the field do."""
        if unit.kind is UnitKind.money:
            return self.money(number, unit.currency or "XXX")
        if unit.kind is UnitKind.share:
            return self.share(number)
        if unit.kind is UnitKind.count:
            return self.decimal(number, 0)
        text = self.decimal(number, 1 if unit.kind is UnitKind.duration else 2)
        if unit.kind is UnitKind.duration:
            return self._duration(number, text, unit.noun or "days")
        return text

    def decimal(self, number: Number, places: int = 0) -> str:
        from babel.numbers import format_decimal

        pattern = "#,##0" if places == 0 else "#,##0." + "#" * places
        return self._tidy(format_decimal(_rounded(number, places), pattern, locale=self.locale))

    def money(self, number: Number, currency: str, places: int | None = None) -> str:
        """Whole units from 1,000 on, two decimals below, unless ``places`` is given."""
        from babel.numbers import format_currency, get_currency_precision

        if places is None:
            whole = abs(float(number)) >= 1000 or number == int(number)
            precision: int = get_currency_precision(currency)
            places = 0 if whole else precision
        from babel import Locale

        pattern = Locale.parse(self.locale).currency_formats["standard"].pattern
        digits = "#,##0" + ("." + "0" * places if places else "")
        pattern = ";".join(_with_digits(part, digits) for part in pattern.split(";"))
        text = format_currency(
            _rounded(number, places),
            currency,
            pattern,
            locale=self.locale,
            currency_digits=False,
        )
        return self._tidy(text)

    def share(self, number: Number, places: int = 1) -> str:
        from babel.numbers import format_percent

        pattern = "#,##0." + "0" * places + "%" if places else "#,##0%"
        if self.locale.split("_")[0] in ("sv", "fi", "de", "fr", "es"):
            pattern = pattern.replace("%", _NBSP + "%")
        scaled = _rounded(Decimal(repr(number)) * 100, places) / 100
        return self._tidy(format_percent(scaled, pattern, locale=self.locale))

    def signed(self, number: Number, unit: Unit) -> str:
        """With a plus sign where it grew."""
        text = self.number(number, unit)
        return f"+{text}" if number > 0 else text

    def day(self, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, "long", locale=self.locale)

    def short_day(self, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, "medium", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        from babel.dates import format_datetime

        return format_datetime(moment, "medium", locale=self.locale)

    def period(self, period: Period) -> str:
        """The period as people say it: "November 2017", "Q4 2017", "week 46 2017"."""
        from babel.dates import format_date, format_interval, format_skeleton

        if period.grain is Grain.year:
            return period.label
        if period.grain is Grain.quarter:
            year, _, quarter = period.label.partition("-")
            return f"{quarter} {year}"
        if period.grain is Grain.month:
            return format_skeleton("yMMMM", period.start, locale=self.locale)
        if period.grain is Grain.day:
            return format_date(period.start, "long", locale=self.locale)
        return str(format_interval(period.start, period.last, "yMMMd", locale=self.locale))

    def short_period(self, period: Period) -> str:
        """For axes: "Nov 2017", "Q4 2017"."""
        from babel.dates import format_date, format_skeleton

        if period.grain is Grain.month:
            return format_skeleton("yMMM", period.start, locale=self.locale)
        if period.grain in (Grain.week, Grain.day, Grain.span):
            return format_date(period.start, "medium", locale=self.locale)
        return self.period(period)

    def _duration(self, number: Number, text: str, noun: str) -> str:
        from babel.units import format_unit

        units = {
            "days": "duration-day",
            "hours": "duration-hour",
            "min": "duration-minute",
            "sec": "duration-second",
        }
        if noun not in units:
            return f"{text}{_NBSP}{noun}"
        shown = _rounded(number, 1)
        whole = shown == shown.to_integral_value()
        return self._tidy(
            format_unit(
                int(shown) if whole else float(shown), units[noun], "long", locale=self.locale
            )
        ).replace(" ", _NBSP)

    def _tidy(self, text: str) -> str:
        """One minus sign everywhere (U+2212), as CLDR says for typeset text."""
        return text.replace("-", "\u2212")


@lru_cache(maxsize=32)
def _formatter(locale: str) -> Formatter:
    return Formatter(locale)


def _with_digits(pattern: str, digits: str) -> str:
    import re

    return re.sub(r"[#0][#0,.]*", lambda _: digits, pattern, count=1)


def _rounded(number: Number, places: int) -> Decimal:
    """Half away from zero, as people round."""
    from decimal import ROUND_HALF_UP

    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    result = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return result if result != 0 else abs(result)
