"""Meta Ads: the table exported from the ads manager; its currency stands in a header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from kvitto.app.agency.layout import FileLayout, Setting, Sums, comma, year_of
from kvitto.app.agency.record import AdDay, Record
from kvitto.app.agency.sheet import Form, Row

PLATFORM = "meta_ads"
_HEADERS = {
    "en": (
        "Reporting starts",
        "Reporting ends",
        "Account name",
        "Campaign name",
        "Ad set name",
        "Day",
        "Delivery",
        "Results",
        "Result indicator",
        "Reach",
        "Impressions",
        "Amount spent ({currency})",
        "Link clicks",
        "Cost per results",
        "Attribution setting",
    ),
    "sv": (
        "Rapporteringen börjar",
        "Rapporteringen slutar",
        "Kontonamn",
        "Kampanjnamn",
        "Annonsuppsättningsnamn",
        "Dag",
        "Leverans",
        "Resultat",
        "Resultatindikator",
        "Räckvidd",
        "Visningar",
        "Spenderat belopp ({currency})",
        "Länkklick",
        "Kostnad per resultat",
        "Tillskrivningsinställning",
    ),
    "it": (
        "Inizio dei report",
        "Fine dei report",
        "Nome dell'account",
        "Nome della campagna",
        "Nome del gruppo di inserzioni",
        "Giorno",
        "Pubblicazione",
        "Risultati",
        "Indicatore dei risultati",
        "Copertura",
        "Impression",
        "Importo speso ({currency})",
        "Clic sul link",
        "Costo per risultato",
        "Impostazione di attribuzione",
    ),
}
_INDICATOR = "actions:offsite_conversion.fb_pixel_lead"
_WINDOW = "7-day click or 1-day view"


def files(currency: str, language: str = "en", form: Form | None = None) -> tuple[FileLayout, ...]:
    """One export for each year; the row without a campaign is the total."""
    has_comma = form is not None and form.delimiter == ";"

    def rows(record: Record, setting: Setting) -> Iterable[Row]:
        assert isinstance(record, AdDay)
        if record.platform == PLATFORM:
            yield _row(record, setting, has_comma)

    return (
        FileLayout(
            name="Meta-Ads-Report",
            takes=AdDay,
            header=tuple(name.format(currency=currency) for name in _HEADERS[language]),
            rows=rows,
            form=form or Form(encoding="utf-8-sig", is_quoted=True, end="\n"),
            split=_year,
            sums=_sums,
            after=lambda setting, sums: _totals(sums, has_comma),
        ),
    )


def _year(record: Record) -> str:
    assert isinstance(record, AdDay)
    return year_of(record.day)


def _row(record: AdDay, setting: Setting, has_comma: bool) -> Row:
    day = record.day.isoformat()
    each = record.cost / record.conversions if record.conversions else None
    return (
        day,
        day,
        f"{setting.profile.name} - Ads",
        record.campaign,
        record.group,
        day,
        "active",
        record.conversions or "",
        _INDICATOR if record.conversions else "",
        round(record.impressions * 0.78),
        record.impressions,
        _money(record.cost, has_comma),
        record.clicks,
        _money(each, has_comma),
        _WINDOW,
    )


def _money(number: Decimal | None, has_comma: bool) -> str:
    if number is None:
        return ""
    return comma(number) if has_comma else f"{number:.2f}"


def _sums(record: Record) -> Sums:
    assert isinstance(record, AdDay)
    return {
        "impressions": Decimal(record.impressions),
        "clicks": Decimal(record.clicks),
        "cost": record.cost,
        "conversions": Decimal(record.conversions),
    }


def _totals(sums: Sums, has_comma: bool) -> Sequence[Row]:
    return [
        (
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            int(sums["conversions"]),
            "",
            "",
            int(sums["impressions"]),
            _money(sums["cost"], has_comma),
            int(sums["clicks"]),
            "",
            "",
        )
    ]
