"""Every connector over an interface keeps the contract, against its stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from kvitto.testing import ConnectorContract
from tests.sources.connectors.stand_in import (
    ga4,
    google_ads,
    hubspot,
    meta_ads,
    odoo,
    rest,
    salesforce,
)


class TestGoogleAnalytics(ConnectorContract):
    kind = "ga4"
    now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    definition: ClassVar[dict[str, Any]] = {"since": "2026-10-01"}

    def stand_in(self) -> AbstractContextManager[Any]:
        return ga4.stand_in()


class TestGoogleAds(ConnectorContract):
    kind = "google_ads"
    now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    definition: ClassVar[dict[str, Any]] = {"since": "2026-09-01"}

    def stand_in(self) -> AbstractContextManager[Any]:
        return google_ads.stand_in()


class TestMetaAds(ConnectorContract):
    kind = "meta_ads"
    now = meta_ads.NOW

    @contextmanager
    def stand_in(self) -> Iterator[Any]:
        """Its reports are ready at once: that one is waited for is shown in test_meta_ads."""
        with meta_ads.stand_in() as server:
            server.business.polls = 0
            yield server


class TestOdoo(ConnectorContract):
    kind = "odoo"

    def stand_in(self) -> AbstractContextManager[Any]:
        return odoo.stand_in()


class TestSalesforce(ConnectorContract):
    kind = "salesforce"

    def stand_in(self) -> AbstractContextManager[Any]:
        return salesforce.stand_in()


class TestHubSpot(ConnectorContract):
    kind = "hubspot"

    def stand_in(self) -> AbstractContextManager[Any]:
        return hubspot.stand_in()


class TestDeclaredRest(ConnectorContract):
    kind = "rest"

    def stand_in(self) -> AbstractContextManager[Any]:
        return rest.stand_in()
