"""One answer of the Data API: its rows as records, and what it says about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.ga4.stream import CURRENCY, PROPERTY
from kvitto.sources.stream import Record


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a report of the property ``site``. ``body`` is the answer as it came."""

    site: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, property_id: str, body: object) -> Answer:
        """The answer; raises :class:`BadAnswer` where it has another form."""
        if not isinstance(body, Mapping) or not body.keys() & {"kind", "metadata", "rows"}:
            raise BadAnswer.of(
                f"read a report of the property {property_id}",
                "the answer is not a report",
                "Look whether endpoint in the settings is the address of the Data API.",
            )
        return cls(property_id, body)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the property is, and what Google did with the figures."""
        found: Mapping[str, Any] = self.body.get("metadata") or {}
        return found

    @property
    def rows(self) -> int:
        """Rows in this page."""
        return len(self.body.get("rows") or ())

    @property
    def of_rows(self) -> int:
        """Rows of the whole report."""
        return int(self.body.get("rowCount") or 0)

    @property
    def sampled(self) -> bool:
        """Whether the figures are estimates out of a part of the events."""
        return bool(self.metadata.get("samplingMetadatas"))

    @property
    def first(self) -> object:
        """The first row as it came, to recognise a page that comes twice."""
        return next(iter(self.body.get("rows") or ()), None)

    @property
    def restricted(self) -> frozenset[str]:
        """Metrics that the sign-in may not see: Google sends zeros for them."""
        said = self.metadata.get("schemaRestrictionResponse") or {}
        listed = said.get("activeMetricRestrictions") or ()
        return frozenset(str(one.get("metricName")) for one in listed)

    def undated(self) -> int:
        """Rows whose day is not one, such as those of the row ``(other)``."""
        names = self._names("dimensionHeaders")
        if "date" not in names:
            return 0
        place = names.index("date")
        return sum(
            not _is_day(str(row["dimensionValues"][place].get("value")))
            for row in self.body.get("rows") or ()
        )

    def records(self) -> Iterator[Record]:
        """The rows, with the property and its currency; those without a day are left out."""
        dimensions, metrics = self._names("dimensionHeaders"), self._names("metricHeaders")
        currency, unseen = self.metadata.get("currencyCode"), self.restricted
        for row in self.body.get("rows") or ():
            record: dict[str, object] = {PROPERTY: self.site}
            for name, held in zip(dimensions, row.get("dimensionValues") or (), strict=True):
                record[name] = _dimension(name, held.get("value"))
            for name, held in zip(metrics, row.get("metricValues") or (), strict=True):
                record[name] = None if name in unseen else held.get("value")
            record[CURRENCY] = currency
            if "date" not in record or record["date"] is not None:
                yield record

    def _names(self, headers: str) -> list[str]:
        return [str(header["name"]) for header in self.body.get(headers) or ()]


def _dimension(name: str, value: str | None) -> str | None:
    """The value; a day in ISO form, and ``None`` where it is no day."""
    if name != "date":
        return value
    if value is None or not _is_day(value):
        return None
    return f"{value[:4]}-{value[4:6]}-{value[6:]}"


def _is_day(value: str) -> bool:
    if len(value) != 8 or not value.isdigit():
        return False
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    return True
