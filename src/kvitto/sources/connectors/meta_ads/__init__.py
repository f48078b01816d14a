"""Meta Ads: what was spent on Facebook and Instagram, per day and campaign, and what came of it."""

from kvitto.sources.connectors.meta_ads.settings import OAUTH, SECRETS, MetaAdsSettings
from kvitto.sources.connectors.meta_ads.stream import STREAMS
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.meta_ads.api import MetaAdsApi

    return MetaAdsApi(opening)


CONNECTOR = api_connector(
    kind="meta_ads",
    title="Meta Ads",
    reads="Spend, impressions, clicks and one chosen type of conversion per day, of campaigns, ad"
    " sets or ads; campaigns, ad sets and the accounts' currency and time zone. One sign-in reads"
    " several accounts.",
    settings=MetaAdsSettings,
    secrets=SECRETS,
    streams=STREAMS,
    open=_open,
    oauth=OAUTH,
    settles="28 days after the day: so long may a click still be credited with a conversion. Until"
    " then days are read again and replaced whole.",
    limits="Paced by the usage that the server tells. 37 months are kept. Long ranges are prepared"
    " as reports; what is too much at once is asked for in halves.",
    tested="A stateful stand-in that the official SDK (facebook-business) reads too. No live"
    " account.",
)
