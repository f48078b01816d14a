"""Every connector over an interface keeps the contract, against its stand-in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from kvitto.testing import ConnectorContract
from tests.sources.connectors.stand_in import ga4, google_ads, meta_ads, odoo, salesforce


class TestGoogleAnalytics(ConnectorContract):
    kind = "ga4"

    def stand_in(self) -> AbstractContextManager[Any]:
        return ga4.stand_in()


class TestGoogleAds(ConnectorContract):
    kind = "google_ads"

    def stand_in(self) -> AbstractContextManager[Any]:
        return google_ads.stand_in()


class TestMetaAds(ConnectorContract):
    kind = "meta_ads"

    def stand_in(self) -> AbstractContextManager[Any]:
        return meta_ads.stand_in()


class TestOdoo(ConnectorContract):
    kind = "odoo"

    def stand_in(self) -> AbstractContextManager[Any]:
        return odoo.stand_in()


class TestSalesforce(ConnectorContract):
    kind = "salesforce"

    def stand_in(self) -> AbstractContextManager[Any]:
        return salesforce.stand_in()
