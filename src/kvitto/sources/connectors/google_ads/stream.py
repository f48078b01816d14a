"""What is read of Google Ads, each stream with the resource that it is asked of.

Fields have the names of the query language (``metrics.cost_micros``).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kvitto.sources.connectors.google_ads.settings import GoogleAdsSettings
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

DAY = "segments.date"
CUSTOMER = "customer.id"
ROOT = "reached_through"
"""The account under ``customers`` (or one the sign-in sees) below which an account was found."""

SETTLES_DAYS = 30
"""A conversion counts on the day of the click, and may come up to 30 days later by default."""

RESOURCES = {
    "campaigns": "campaign",
    "ad_groups": "ad_group",
    "campaign_days": "campaign",
    "conversion_days": "campaign",
}
"""The resource behind each stream; ``customers`` are found while signing in."""

_CUSTOMER: dict[str, FieldKind] = {
    CUSTOMER: "text",
    "customer.descriptive_name": "text",
    ROOT: "text",
}
_MICROS = Decimal("0.000001")
_STATUS = {"ENABLED": "active", "PAUSED": "paused", "REMOVED": "cancelled"}
_CHANNELS = {
    "SEARCH": "paid_search",
    "DISPLAY": "display",
    "SHOPPING": "paid_shopping",
    "VIDEO": "paid_video",
    "PERFORMANCE_MAX": "cross_network",
    "DEMAND_GEN": "cross_network",
}

CUSTOMERS = Stream(
    "customers",
    key=(CUSTOMER,),
    fields={
        CUSTOMER: "text",
        "customer.descriptive_name": "text",
        "customer.currency_code": "text",
        "customer.time_zone": "text",
        "customer.manager": "flag",
        "customer.status": "text",
        ROOT: "text",
    },
    fill={},
    keeping="replace",
    about="The accounts that the sign-in reaches, with their currency and time zone.",
)

CAMPAIGNS = Stream(
    "campaigns",
    key=("campaign.id",),
    fields={
        **_CUSTOMER,
        "campaign.id": "text",
        "campaign.name": "text",
        "campaign.status": "text",
        "campaign.advertising_channel_type": "text",
        "campaign.start_date_time": "text",
        "campaign.end_date_time": "text",
    },
    fill={
        "campaigns": {
            "campaign_id": "campaign.id",
            "name": "campaign.name",
            "type": "campaign.advertising_channel_type",
            "channel": ColumnMap(column="campaign.advertising_channel_type", values=_CHANNELS),
            "status": ColumnMap(column="campaign.status", values=_STATUS),
        }
    },
    keeping="replace",
    about="Campaigns, removed ones too: their past days stay.",
)

AD_GROUPS = Stream(
    "ad_groups",
    key=("ad_group.id",),
    fields={
        **_CUSTOMER,
        "ad_group.id": "text",
        "ad_group.name": "text",
        "ad_group.status": "text",
        "campaign.id": "text",
    },
    fill={},
    keeping="replace",
    about="Ad groups by name. Their days would count the campaigns' spend again.",
)

CAMPAIGN_DAYS = Stream(
    "campaign_days",
    key=(DAY, CUSTOMER, "campaign.id"),
    fields={
        DAY: "day",
        **_CUSTOMER,
        "customer.currency_code": "text",
        "campaign.id": "text",
        "campaign.name": "text",
        "metrics.impressions": "number",
        "metrics.clicks": "number",
        "metrics.cost_micros": "number",
        "metrics.conversions": "number",
        "metrics.conversions_value": "money",
    },
    fill={
        "ad_spend": {
            "spend_on": DAY,
            "platform": ColumnMap(constant="google_ads"),
            "campaign_id": "campaign.id",
            "impressions": "metrics.impressions",
            "clicks": "metrics.clicks",
            "spend": ColumnMap(column="metrics.cost_micros", factor=_MICROS),
            "conversions": "metrics.conversions",
            "conversion_value": "metrics.conversions_value",
            "currency_code": "customer.currency_code",
        }
    },
    keeping="days",
    cursor=DAY,
    settles_days=SETTLES_DAYS,
    about="Spend by day and campaign. Conversions are those that bidding counts, on the day of"
    " the click; all_conversions holds others too and is not read.",
)

CONVERSION_DAYS = Stream(
    "conversion_days",
    key=(DAY, CUSTOMER, "campaign.id", "segments.conversion_action"),
    fields={
        DAY: "day",
        **_CUSTOMER,
        "campaign.id": "text",
        "segments.conversion_action": "text",
        "segments.conversion_action_name": "text",
        "segments.conversion_action_category": "text",
        "metrics.conversions": "number",
        "metrics.conversions_value": "money",
    },
    fill={},
    keeping="days",
    cursor=DAY,
    settles_days=SETTLES_DAYS,
    about="The conversions of campaign_days by action: the same ones, so it fills no table.",
)

STREAMS = (CUSTOMERS, CAMPAIGNS, AD_GROUPS, CAMPAIGN_DAYS, CONVERSION_DAYS)


def streams_of(settings: GoogleAdsSettings) -> tuple[Stream, ...]:
    """The streams that the settings ask for, their days final after the accounts' window."""
    return tuple(
        replace(stream, settles_days=settings.conversion_days) if stream.settles_days else stream
        for stream in STREAMS
        if settings.conversion_actions or stream is not CONVERSION_DAYS
    )
