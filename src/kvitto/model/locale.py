"""One formatter of numbers, amounts and dates for every output.

Territory locales are used (``sv_SE``, not ``sv``), because week rules differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from kvitto.model.period import Grain, Period
from kvitto.model.value import NO_CURRENCY, Figure, Missing, Number, Unit, UnitKind

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
_MINUS = "\u2212"
_SPACED_PERCENT = ("sv", "fi", "de", "fr", "es")

_DURATIONS = {
    "days": "duration-day",
    "weeks": "duration-week",
    "months": "duration-month",
    "hours": "duration-hour",
    "min": "duration-minute",
    "sec": "duration-second",
}
_OWN_WORDS = {("sv", "days"): ("dag", "dagar")}
"""Where CLDR's word is not the one that people write: Swedish counts *dygn*."""

_OWN_QUARTERS = ("en", "sv", "de")
"""Languages in which people write Q4, whatever CLDR abbreviates."""


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
            return self.money(number, unit.currency or NO_CURRENCY)
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
        from babel import Locale
        from babel.numbers import format_currency, get_currency_precision

        if places is None:
            precision: int = get_currency_precision(currency)
            near = _rounded(number, precision)
            places = 0 if abs(near) >= 1000 or near == near.to_integral_value() else precision
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
        return self._tidy(_letters_apart(text))

    def share(self, number: Number, places: int = 1) -> str:
        """A fraction in per cent: 0.6315 is 63.2 %."""
        from babel.numbers import format_percent

        pattern = "#,##0." + "0" * places + "%" if places else "#,##0%"
        if self.language in _SPACED_PERCENT:
            pattern = pattern.replace("%", _NBSP + "%")
        scaled = _rounded(_exact(number) * 100, places) / 100
        return self._tidy(format_percent(scaled, pattern, locale=self.locale))

    def signed(self, number: Number, unit: Unit) -> str:
        """With a plus sign where it grew by something that is seen."""
        text = self.number(number, unit)
        return f"+{text}" if number > 0 and re.search("[1-9]", text) else text

    def day(self, day: date) -> str:
        """In words: "3 November 2017"."""
        from babel.dates import format_date

        return format_date(day, "long", locale=self.locale)

    def short_day(self, day: date) -> str:
        """Short, and still not ambiguous: "3 Nov 2017"."""
        from babel.dates import format_date

        return format_date(day, "medium", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """Day and minute, as the moment stands: "3 Nov 2017, 15:00"."""
        from babel.dates import format_time, get_datetime_format

        joined = str(get_datetime_format("medium", locale=self.locale))
        hour = format_time(moment.time(), "short", locale=self.locale)
        return joined.replace("{1}", self.short_day(moment.date())).replace("{0}", hour)

    def period(self, period: Period) -> str:
        """The period as people say it: "November 2017", "Q4 2017", "13–19 Nov 2017"."""
        from babel.dates import format_date, format_interval, format_skeleton

        if period.grain is Grain.year:
            return period.label
        if period.grain is Grain.quarter:
            year, _, quarter = period.label.partition("-Q")
            if self.language in _OWN_QUARTERS:
                return f"Q{quarter} {year}"
            return format_skeleton("yQQQ", date(int(year), 3 * int(quarter), 1), locale=self.locale)
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

    @property
    def language(self) -> str:
        """The locale's language: ``sv`` of ``sv_SE``."""
        return self.locale.partition("_")[0]

    def _duration(self, number: Number, text: str, noun: str) -> str:
        own = _OWN_WORDS.get((self.language, noun))
        shown = _rounded(number, 1)
        if own is not None:
            return f"{text}{_NBSP}{own[0] if abs(shown) == 1 else own[1]}"
        if noun not in _DURATIONS:
            return f"{text}{_NBSP}{noun}"
        from babel.units import format_unit

        whole = shown == shown.to_integral_value()
        counted = int(shown) if whole else float(shown)
        unit = _DURATIONS[noun]
        spoken = format_unit(counted, unit, "long", locale=self.locale)
        if unit in spoken:  # a few locales only inherit the long pattern and Babel drops it
            spoken = format_unit(counted, unit, "short", locale=self.locale)
        return self._tidy(spoken)

    def _tidy(self, text: str) -> str:
        """A true minus sign before the number, and no space at which a line could break."""
        if text.startswith("-"):
            text = _MINUS + text[1:]
        return text.replace(" ", _NBSP)


@lru_cache(maxsize=32)
def _formatter(locale: str) -> Formatter:
    return Formatter(locale)


def _with_digits(pattern: str, digits: str) -> str:
    return re.sub(r"[#0][#0,.]*", lambda _: digits, pattern, count=1)


def _letters_apart(text: str) -> str:
    """A code of letters stands off its number: SEK 12, but US$12."""
    return re.sub(r"([A-Za-z])(?=\d)", rf"\1{_NBSP}", text)


def _exact(number: Number) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def _rounded(number: Number, places: int) -> Decimal:
    """Half away from zero, as people round."""
    from decimal import ROUND_HALF_UP, Context

    wide = Context(prec=400)
    result = _exact(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context=wide)
    return result if result != 0 else abs(result)
