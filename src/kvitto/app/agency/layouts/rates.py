"""A sheet of exchange rates that somebody keeps beside the CRM."""

from __future__ import annotations

from collections.abc import Iterable

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Rate, Record
from kvitto.app.agency.sheet import Row


def files() -> tuple[FileLayout, ...]:
    """One rate a month for each currency."""
    return (FileLayout("fx_rates", Rate, ("date", "currency", "rate"), _rate),)


def _rate(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Rate)
    yield (record.day, record.currency, record.rate)
