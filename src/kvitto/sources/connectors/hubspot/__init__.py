"""HubSpot: deals with their history, companies, contacts, leads, tickets, activities, tasks."""

from __future__ import annotations

from kvitto.sources.connectors.hubspot.settings import OAUTH, SECRETS, HubspotSettings
from kvitto.sources.connectors.hubspot.stream import STREAMS
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.hubspot.api import HubspotApi

    return HubspotApi(opening)


CONNECTOR = api_connector(
    kind="hubspot",
    title="HubSpot",
    reads="Owners, teams, pipelines, deals with the history of stage, amount, date and owner, "
    "companies, contacts, leads, tickets, calls, e-mails, meetings, notes and tasks, with the "
    "companies, contacts and deals that they belong to, and properties of your own.",
    settings=HubspotSettings,
    secrets=SECRETS,
    streams=STREAMS,
    open=_open,
    oauth=OAUTH,
    settles="At once; HubSpot's search sees a change some seconds late, so ten minutes are "
    "read again each time.",
    limits="9 requests and 5 searches a second; HubSpot allows 100 in ten seconds on its "
    "smallest plans, and the day's quota of the plan.",
    tested="A stateful stand-in over loopback with search cap, histories, archive, expiry and "
    "429, which HubSpot's own client library reads as well.",
)
