"""Google Ads: campaigns and their days, of one account or of all of a manager's."""

from __future__ import annotations

from kvitto.sources.connector import SecretField
from kvitto.sources.connectors.google_ads.settings import SCOPE, GoogleAdsSettings
from kvitto.sources.connectors.google_ads.stream import STREAMS
from kvitto.sources.google.settings import SIGN_IN, oauth_for
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening

_TOKEN = SecretField(
    "developer_token",
    "Developer token",
    "In the manager account: Admin > API Center. It needs basic access, not test access.",
)


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.google_ads.api import GoogleAds

    return GoogleAds(opening)


CONNECTOR = api_connector(
    kind="google_ads",
    title="Google Ads",
    reads="Accounts, campaigns, ad groups; impressions, clicks, cost and conversions by day and"
    " campaign; conversions by action.",
    settings=GoogleAdsSettings,
    secrets=(_TOKEN, *SIGN_IN),
    streams=STREAMS,
    open=_open,
    settles="After 30 days, up to 90 where the accounts count longer (conversion_days): conversions"
    " come in late and count on the day of the click.",
    limits="15,000 operations a day with basic access; one question is one, however many pages.",
    tested="A stateful stand-in made of Google's own message types, read as well by Google's own"
    " client library.",
    extra="google",
    oauth=oauth_for(SCOPE),
)
