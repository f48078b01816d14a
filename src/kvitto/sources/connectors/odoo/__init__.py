"""Odoo 19 and later: leads, deals and their history, orders, invoices, projects and hours."""

from __future__ import annotations

from kvitto.sources.connectors.odoo.settings import SECRETS, OdooSettings
from kvitto.sources.connectors.odoo.stream import ENTITIES
from kvitto.sources.pull.declare import api_connector
from kvitto.sources.stream import Api, Opening


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.odoo.api import OdooApi

    assert isinstance(opening.settings, OdooSettings)
    return OdooApi(opening, opening.settings)


CONNECTOR = api_connector(
    kind="odoo",
    title="Odoo",
    reads="Leads, deals with their stage and field history, companies and persons, users and"
    " teams, calls, meetings and mails, orders and quotations, invoices, products, projects,"
    " tasks, timesheets, milestones and satisfaction ratings.",
    settings=OdooSettings,
    secrets=SECRETS,
    streams=tuple(entity.stream for entity in ENTITIES.values()),
    open=_open,
    settles="At once: what Odoo shows now is final until a person changes it.",
    limits="Odoo 19 or later (JSON-2). A server of your own is asked for four streams at a time, as"
    " fast as it answers; Odoo's own hosting one request at a time, and it asks for about one"
    " request per second (limits: {per_second: 1}).",
    tested="Odoo 19.0 with its demo data, running on loopback.",
)
