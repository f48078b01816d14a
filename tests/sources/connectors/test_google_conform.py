"""What the Google connectors stage, brought into the canonical tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kvitto.conform import conform, understand
from kvitto.model.table import canonical_table
from kvitto.sources.connector import CONNECTORS
from kvitto.sources.connectors.ga4.api import Ga4
from kvitto.sources.connectors.google_ads.api import GoogleAds
from kvitto.warehouse import Warehouse
from kvitto.workspace.definition import ClientDefinition, ColumnMap
from tests.sources.connectors.google_source import NOW, GoogleSource
from tests.sources.connectors.stand_in import ga4, google_ads, google_sheets


def conformed(source: GoogleSource, sql: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows that ``sql`` gives after one sync of the source."""
    reading = source.reading(**more)
    staged = CONNECTORS.get(source.kind).read(reading)
    warehouse = Warehouse(source.root / ".kvitto" / "warehouse")
    with warehouse.building(rebuild=["google"]) as building:
        report = conform(
            building.connection,
            "google",
            reading.definition,
            staged,
            understand(staged, reading.definition),
            ClientDefinition(name="Acme", timezone="UTC", currency="SEK"),
            "b1",
            today=NOW.date(),
        )
        building.publish([report.state])
    staged.close()
    with warehouse.reader() as reader:
        return reader.query(sql)


@pytest.mark.parametrize("kind", ["ga4", "google_ads"])
def test_every_fill_names_a_field_of_its_stream_and_a_canonical_column(kind: str) -> None:
    for stream in CONNECTORS.get(kind).streams:
        for table, columns in stream.fill.items():
            canonical = canonical_table(table)
            assert set(canonical.key) & set(columns)
            for name, value in columns.items():
                assert canonical.has(name), f"{table}.{name}"
                field = value.column if isinstance(value, ColumnMap) else value
                assert field is None or field in stream.fields


def test_sessions_and_key_events_fill_the_tables_of_traffic(tmp_path: Path) -> None:
    with ga4.stand_in() as server:
        source = GoogleSource("ga4", tmp_path, server.settings, server.secrets, Ga4)
        found = conformed(
            source,
            "SELECT channel, sum(sessions), sum(engaged_sessions), max(site) FROM web_traffic"
            " GROUP BY 1 ORDER BY 1",
        )
    assert found == [
        ("direct", 12, 0, "1001"),
        ("organic_search", 17, 17, "1001"),
        ("paid_search", 12, 12, "1001"),
    ]


def test_spend_is_money_in_the_accounts_currency(tmp_path: Path) -> None:
    with google_ads.stand_in() as server:
        source = GoogleSource("google_ads", tmp_path, server.settings, server.secrets, GoogleAds)
        found = conformed(
            source,
            "SELECT s.platform, c.name, c.status, s.currency_code, sum(s.spend), sum(conversions)"
            " FROM ad_spend AS s JOIN campaigns AS c USING (campaign_id) GROUP BY ALL ORDER BY 2",
        )
    assert [(row[0], row[1], row[2], row[3]) for row in found] == [
        ("google_ads", "Brand", "active", "SEK"),
        ("google_ads", "Lunch", "paused", "EUR"),
    ]
    assert [str(row[4].normalize()) for row in found] == ["148.1484", "148.1484"]
    assert [row[5] for row in found] == [0, 18]


def test_a_sheet_of_deals_fills_deals(tmp_path: Path) -> None:
    with google_sheets.stand_in() as server:
        source = GoogleSource("google_sheets", tmp_path, server.settings, server.secrets)
        found = conformed(
            source, "SELECT deal_id, outcome, amount, created_on FROM deals ORDER BY 1"
        )
    assert [(row[0], row[1]) for row in found] == [
        ("google:deal:D-1", "won"),
        ("google:deal:D-2", "lost"),
        ("google:deal:D-3", "open"),
    ]
    assert str(found[0][2].normalize()) == "1234.56"
    assert found[2][2] is None
