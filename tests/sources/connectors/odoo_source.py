"""Odoo as the tests of its connector read it."""

from __future__ import annotations

from kvitto.sources.connectors.odoo.api import OdooApi
from kvitto.sources.connectors.odoo.settings import OdooSettings
from kvitto.sources.stream import Api, Opening
from tests.sources.connectors.stand_in.odoo import stand_in
from tests.sources.connectors.vendor import Vendor


def _open(opening: Opening) -> Api:
    assert isinstance(opening.settings, OdooSettings)
    return OdooApi(opening, opening.settings)


ODOO = Vendor("odoo", _open, stand_in)
