"""Google Ads: the report downloaded by hand, with title lines, quoted thousands and total rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from kvitto.app.agency.layout import FileLayout, Rows, Setting, Sums, comma, year_of
from kvitto.app.agency.profile import words
from kvitto.app.agency.record import AdConversion, AdDay, Record
from kvitto.app.agency.sheet import Form, Row

PLATFORM = "google_ads"
_KEPT_DAYS = 30
"""How far an older export reaches back."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The report's words in one language."""

    title: str
    header: tuple[str, ...]
    enabled: str
    kind: str
    totals: tuple[str, ...]
    has_comma: bool = False


_ENGLISH = _Words(
    "Ad group report",
    (
        "Day",
        "Campaign",
        "Campaign state",
        "Campaign type",
        "Ad group",
        "Currency code",
        "Impr.",
        "Clicks",
        "CTR",
        "Avg. CPC",
        "Cost",
        "Conversions",
        "View-through conv.",
        "Cost / conv.",
        "Conv. rate",
        "Conv. value",
    ),
    "Enabled",
    "Search",
    ("Total: Ad groups", "Total: Account"),
)
_ITALIAN = _Words(
    "Rapporto sui gruppi di annunci",
    (
        "Giorno",
        "Campagna",
        "Stato della campagna",
        "Tipo di campagna",
        "Gruppo di annunci",
        "Codice valuta",
        "Impr.",
        "Clic",
        "CTR",
        "CPC medio",
        "Costo",
        "Conversioni",
        "Conv. view-through",
        "Costo/conv.",
        "Tasso di conv.",
        "Valore conv.",
    ),
    "Attiva",
    "Rete di ricerca",
    ("Totale: gruppi di annunci", "Totale: account"),
    True,
)
_UPLOADS = (
    "Google Click ID",
    "Conversion Name",
    "Conversion Time",
    "Conversion Value",
    "Conversion Currency",
    "Order ID",
    "Campaign",
    "Click Time",
    "Status",
    "Error",
)
_LANGUAGES = {"en": _ENGLISH, "it": _ITALIAN}
_MONTHS = words(
    "January|February|March|April|May|June|July|August|September|October|November|December"
)


def files(form: Form, language: str = "en") -> tuple[FileLayout, ...]:
    """One report for each year."""
    return (_report("Ad group report", form, language, None),)


def older(form: Form, as_of: date, language: str = "en") -> tuple[FileLayout, ...]:
    """The last days as an export of ``as_of`` showed them: conversions were still coming in."""
    return (_report("Ad group report", form, language, as_of),)


def uploads(form: Form, name: str, zone: str) -> FileLayout:
    """The results of sent conversions, in the ad account's zone, which stands on top."""
    return FileLayout(
        name=name,
        takes=AdConversion,
        header=_UPLOADS,
        rows=lambda record, setting: _upload(record, setting, ZoneInfo(zone)),
        form=form,
        before=lambda setting, part: (f"Parameters:TimeZone={zone}",),
    )


def known_conversions(record: AdDay, as_of: date) -> int:
    """The conversions of a day that the platform knew of at the end of another one."""
    age = (as_of - record.day).days
    share = next(
        (part for days, part in ((1, 0.45), (3, 0.3), (7, 0.15), (13, 0.07)) if age <= days), 0
    )
    late = round(record.conversions * share)
    return record.conversions - (max(1, late) if age <= 2 and record.conversions else late)


def _report(name: str, form: Form, language: str, as_of: date | None) -> FileLayout:
    words = _LANGUAGES[language]
    return FileLayout(
        name=name,
        takes=AdDay,
        header=words.header,
        rows=_rows(words, as_of),
        form=form,
        split=_year if as_of is None else None,
        before=lambda setting, part: (words.title, _range(setting, part, as_of)),
        sums=lambda record: _sums(record, as_of),
        after=lambda setting, sums: _totals(words, setting, sums),
        as_of=as_of,
    )


def _upload(record: Record, setting: Setting, zone: ZoneInfo) -> Iterable[Row]:
    assert isinstance(record, AdConversion)
    if record.platform != PLATFORM:
        return

    def there(at: datetime) -> str:
        text = setting.utc(at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S%z")
        return f"{text[:-2]}:{text[-2:]}"

    yield (
        record.click,
        record.name,
        there(record.at),
        f"{record.value:.2f}",
        setting.profile.currency,
        record.order,
        record.campaign,
        there(record.clicked),
        "Failed" if record.failure else "Imported",
        record.failure,
    )


def _year(record: Record) -> str:
    assert isinstance(record, AdDay)
    return year_of(record.day)


def _range(setting: Setting, part: str, as_of: date | None) -> str:
    if as_of is not None:
        start, end = as_of - timedelta(days=_KEPT_DAYS), as_of
    else:
        year = int(part[1:])
        start, end = date(year, 1, 1), min(date(year, 12, 31), setting.as_of)
    return f'"{_long(start)} - {_long(end)}"'


def _long(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _rows(words: _Words, as_of: date | None) -> Rows:
    def rows(record: Record, setting: Setting) -> Iterable[Row]:
        assert isinstance(record, AdDay)
        if record.platform != PLATFORM:
            return
        conversions = record.conversions
        if as_of is not None:
            if not as_of - timedelta(days=_KEPT_DAYS) <= record.day <= as_of:
                return
            conversions = known_conversions(record, as_of)
        figures = _figures(words, record.impressions, record.clicks, record.cost, conversions)
        yield (
            record.day.isoformat(),
            record.campaign,
            words.enabled,
            words.kind,
            record.group,
            setting.profile.currency,
            *figures,
            _number(words, record.value),
        )

    return rows


def _figures(
    words: _Words, impressions: int, clicks: int, cost: Decimal, conversions: int
) -> tuple[str, ...]:
    return (
        _number(words, impressions),
        _number(words, clicks),
        _share(words, clicks, impressions),
        _number(words, cost / clicks) if clicks else " --",
        _number(words, cost),
        _number(words, Decimal(conversions)),
        "0",
        _number(words, cost / conversions) if conversions else " --",
        _share(words, conversions, clicks),
    )


def _number(words: _Words, number: int | Decimal) -> str:
    if words.has_comma:
        return str(number) if isinstance(number, int) else comma(number, ".")
    return f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"


def _share(words: _Words, part: int, whole: int) -> str:
    if not whole:
        return " --"
    text = f"{100 * part / whole:.2f}%"
    return text.replace(".", ",") if words.has_comma else text


def _sums(record: Record, as_of: date | None) -> Sums:
    assert isinstance(record, AdDay)
    known = record.conversions if as_of is None else known_conversions(record, as_of)
    return {
        "impressions": Decimal(record.impressions),
        "clicks": Decimal(record.clicks),
        "cost": record.cost,
        "conversions": Decimal(known),
        "value": record.value,
    }


def _totals(words: _Words, setting: Setting, sums: Sums) -> Sequence[Row]:
    figures = _figures(
        words,
        int(sums["impressions"]),
        int(sums["clicks"]),
        sums["cost"],
        int(sums["conversions"]),
    )
    value = _number(words, sums["value"])
    currency = setting.profile.currency
    return [(label, " --", "", "", "", currency, *figures, value) for label in words.totals]
