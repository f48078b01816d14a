"""Google Analytics 4: visits and key events by day, over the Data API."""

from __future__ import annotations

from kvitto.sources.connectors.ga4.settings import SCOPE, Ga4Settings
from kvitto.sources.connectors.ga4.stream import STREAMS
from kvitto.sources.google.settings import SIGN_IN, oauth_for
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.ga4.api import Ga4

    return Ga4(opening)


CONNECTOR = api_connector(
    kind="ga4",
    title="Google Analytics 4",
    reads="Sessions and key events by day, channel, source, medium and campaign; visitors by"
    " month; reports of your own.",
    settings=Ga4Settings,
    secrets=SIGN_IN,
    streams=STREAMS,
    open=_open,
    settles="After three days; today never is. Each sync reads the last three days again.",
    limits="200,000 tokens a day and 40,000 an hour per property; a run stops before they end.",
    tested="A stateful stand-in over loopback, read as well by Google's own client library.",
    extra="google",
    oauth=oauth_for(SCOPE),
)
