"""Figures and their receipts, made by hand, for the sample edition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from kvitto.model.block import ShownFigure
from kvitto.model.brand import Brand
from kvitto.model.locale import Formatter
from kvitto.model.receipt import Applied, PartUsed, Receipt, SourceUsed, short_code
from kvitto.model.value import Unit, UnitKind

BRAND = Brand(
    id="northgate",
    name="Northgate Hardware",
    accent="#0b5cad",
    accent_2="#b4560f",
    footer="Prepared for Northgate Hardware by Bright Lane Agency",
)

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "receipt": "Receipt", "receipts": "Receipts", "page": "Page", "of": "of",
        "contents": "Contents", "appendix": "Appendix", "table_of": "The data of this chart",
        "missing": "no data", "provisional": "provisional", "goal": "Goal",
        "data_as_of": "Data as of", "prepared_by": "Prepared by", "prepared_for": "Prepared for",
        "period": "Period", "owner": "Owner", "due": "Due", "need": "Needed", "total": "Total",
        "value": "Value", "code": "Code", "metric": "Metric", "definition": "Definition",
        "sources": "Sources", "lines": "Line items", "check": "Check it with",
    },
    "sv": {
        "receipt": "Kvitto", "receipts": "Kvitton", "page": "Sida", "of": "av",
        "contents": "Innehåll", "appendix": "Bilaga", "table_of": "Diagrammets data",
        "missing": "inga data", "provisional": "preliminärt", "goal": "Mål",
        "data_as_of": "Data per", "prepared_by": "Utarbetad av", "prepared_for": "Utarbetad för",
        "period": "Period", "owner": "Ansvarig", "due": "Senast", "need": "Behövs",
        "total": "Summa", "value": "Värde", "code": "Kod", "metric": "Mått",
        "definition": "Definition", "sources": "Källor", "lines": "Rader",
        "check": "Kontrollera med",
    },
}  # fmt: skip

NAMES = (
    "Darcel Schlecht",
    "Vicki Laflamme",
    "Kary Hendrixson",
    "Donn Cantrell",
    "Reed Clapper",
    "Åsa Östergård-Lindqvist",
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze & Söhne AB",
    "株式会社サンプル商事",
    '=HYPERLINK("http://evil.example")',
    "<script>alert(1)</script>",
)

METRICS: dict[str, tuple[str, str, str]] = {
    "bookings_amount": ("Won value", "Vunnet värde", "money"),
    "deals_won": ("Deals won", "Vunna affärer", "count"),
    "close_rate": ("Close rate", "Avslutsgrad", "share"),
    "average_deal_size": ("Average deal size", "Genomsnittlig affär", "money"),
    "sales_cycle_length_median": ("Median sales cycle", "Säljcykel, median", "duration"),
}


@dataclass
class Maker:
    """Hands out figures and keeps their receipts."""

    language: str
    currency: str
    receipts: dict[str, Receipt] = field(default_factory=dict)

    def say(self, english: str, swedish: str) -> str:
        return swedish if self.language == "sv" else english

    def label(self, metric: str) -> str:
        english, swedish, _ = METRICS[metric]
        return self.say(english, swedish)

    def figure(
        self,
        metric: str,
        number: float | None,
        place: str = "",
        *,
        status: str = "final",
        label: str | None = None,
    ) -> ShownFigure:
        kind = METRICS[metric][2]
        unit = Unit(UnitKind(kind), self.currency if kind == "money" else None, "days")
        display = (
            self.say("no data yet", "inga data ännu")
            if number is None
            else Formatter.of(self.language).number(number, unit)
        )
        code = self._receipt(metric, number, place, kind, status)
        return ShownFigure(
            metric=metric,
            label=label or self.label(metric),
            display=display,
            number=number,
            exact=None if number is None else repr(number),
            unit=kind,
            currency=self.currency if kind == "money" else None,
            noun="days" if kind == "duration" else None,
            n=0 if number is None else 37,
            status=status,
            missing="no_data" if number is None else None,
            receipt=code,
        )

    def _receipt(
        self, metric: str, number: float | None, place: str, kind: str, status: str
    ) -> str:
        digest = hashlib.sha256(f"{metric}/{number}/{place}".encode()).hexdigest()
        code = short_code(digest)
        self.receipts[code] = Receipt(
            code=code,
            metric=metric,
            name=self.label(metric),
            definition=self.say(
                "Sum of the amounts of deals won, on the day they were closed.",
                "Summan av vunna affärers belopp, den dag de stängdes.",
            ),
            definition_version=1,
            client="northgate",
            question={"metric": metric, "period": "2017-12"},
            period="2017-12",
            first_day="2017-12-01",
            last_day="2017-12-31",
            value=None if number is None else repr(number),
            missing="no_data" if number is None else None,
            unit=kind,
            currency=self.currency if kind == "money" else None,
            n=0 if number is None else 37,
            status=status,
            parts=(PartUsed(part="value", aggregation="sum", total=repr(number), lines=37),),
            sql="select sum(amount) from deals",
            warehouse="v0003-1a2b3c4d",
            sources=(
                SourceUsed(
                    name="crm",
                    kind="maven",
                    synced_at="2018-01-03T06:00:00Z",
                    complete_to="2017-12-31",
                    rows=8800,
                ),
            ),
            applied=(Applied(action="excluded", rule="missing_amount", rows=2),)
            if place == "tile"
            else (),
            digest=digest,
        )
        return code
