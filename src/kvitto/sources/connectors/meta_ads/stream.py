"""The streams of Meta's ads: accounts, campaigns, ad sets, and figures per day."""

from __future__ import annotations

from dataclasses import replace

from kvitto.sources.connectors.meta_ads.settings import Level, MetaAdsSettings
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

SETTLES_DAYS = 28
"""The longest attribution window: so long may a click still be credited with an action."""

DAY = "date_start"
OURS = ("conversions", "conversion_value", "fetched_at", "start_day", "stop_day")
"""Fields that are ours: the chosen type out of a list, the day out of an instant."""

_STATUS = {
    "ACTIVE": "active",
    "WITH_ISSUES": "active",
    "IN_PROCESS": "planned",
    "PENDING_REVIEW": "planned",
    "PAUSED": "paused",
    "ARCHIVED": "done",
    "DELETED": "cancelled",
}

ACCOUNTS = Stream(
    "accounts",
    key=("account_id",),
    fields={
        "account_id": "text",
        "name": "text",
        "currency": "text",
        "timezone_name": "text",
        "account_status": "text",
    },
    fill={},
    keeping="replace",
    about="The ad accounts, with their currency and time zone",
)

CAMPAIGNS = Stream(
    "campaigns",
    key=("id",),
    fields={
        "id": "text",
        "account_id": "text",
        "name": "text",
        "objective": "text",
        "effective_status": "text",
        "start_time": "instant",
        "stop_time": "instant",
        "created_time": "instant",
        "updated_time": "instant",
        "daily_budget": "text",
        "lifetime_budget": "text",
        "start_day": "day",
        "stop_day": "day",
    },
    fill={
        "campaigns": {
            "campaign_id": "id",
            "name": "name",
            "type": "objective",
            "channel": ColumnMap(constant="paid_social"),
            "started_on": "start_day",
            "ended_on": "stop_day",
            "status": ColumnMap(column="effective_status", values=_STATUS),
        }
    },
    keeping="replace",
    about="Campaigns, archived and deleted ones too: their days stay. Budgets are written in the"
    " currency's smallest unit and fill nothing",
)

AD_SETS = Stream(
    "adsets",
    key=("id",),
    fields={
        "id": "text",
        "account_id": "text",
        "campaign_id": "text",
        "name": "text",
        "effective_status": "text",
        "optimization_goal": "text",
        "start_time": "instant",
        "end_time": "instant",
        "updated_time": "instant",
        "daily_budget": "text",
        "lifetime_budget": "text",
    },
    fill={},
    keeping="replace",
    optional=True,
    about="Ad sets",
)

_IDS: dict[Level, tuple[str, ...]] = {
    "campaign": ("campaign_id",),
    "adset": ("campaign_id", "adset_id"),
    "ad": ("campaign_id", "adset_id", "ad_id"),
}

_FIGURES: dict[str, FieldKind] = {
    "impressions": "number",
    "reach": "number",
    "clicks": "number",
    "inline_link_clicks": "number",
    "spend": "money",
    "actions": "json",
    "action_values": "json",
    "attribution_setting": "text",
    "conversions": "number",
    "conversion_value": "money",
    "fetched_at": "instant",
}


def days_stream(level: Level) -> Stream:
    """The figures per day of one level, filling nothing yet."""
    ids = _IDS[level]
    names = tuple(name.replace("_id", "_name") for name in ids)
    fields: dict[str, FieldKind] = {DAY: "day", "account_id": "text", "account_currency": "text"}
    fields.update(dict.fromkeys((*ids, *names), "text"))
    return Stream(
        f"{level}_days",
        key=(DAY, "account_id", ids[-1]),
        fields={**fields, **_FIGURES},
        fill={},
        keeping="days",
        cursor=DAY,
        settles_days=SETTLES_DAYS,
        about=f"Spend and results of each {level} per day of the account's own time zone",
    )


def filling(stream: Stream, level: Level, settings: MetaAdsSettings) -> Stream:
    """The stream as the one that fills ``ad_spend``."""
    window: str | ColumnMap = "attribution_setting"
    if settings.attribution:
        window = ColumnMap(constant="_".join(settings.attribution))
    columns: dict[str, str | ColumnMap] = {
        "spend_on": DAY,
        "platform": ColumnMap(constant="meta_ads"),
        "campaign_id": "campaign_id",
        "impressions": "impressions",
        "clicks": "inline_link_clicks" if settings.clicks == "link" else "clicks",
        "spend": "spend",
        "currency_code": "account_currency",
        "conversions": "conversions",
        "conversion_value": "conversion_value",
        "conversion_window": window,
        "fetched_at": "fetched_at",
    }
    if level != "campaign":
        columns["ad_group"] = "adset_name"
    return replace(stream, fill={"ad_spend": columns})


def streams_of(settings: MetaAdsSettings) -> tuple[Stream, ...]:
    """The streams that the settings ask for; the first level fills ``ad_spend``."""
    first, *more = settings.levels
    days = (filling(days_stream(first), first, settings), *(days_stream(level) for level in more))
    return (ACCOUNTS, CAMPAIGNS, AD_SETS, *days)


STREAMS = streams_of(MetaAdsSettings())


def level_of(stream: Stream) -> Level:
    """The level of a stream of days."""
    found: dict[str, Level] = {f"{level}_days": level for level in _IDS}
    return found[stream.name]
