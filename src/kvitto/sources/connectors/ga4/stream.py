"""What is read of a Google Analytics 4 property: reports by day."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.sources.connectors.ga4.settings import Ga4Settings
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

PROPERTY = "property"
CURRENCY = "currencyCode"
"""Fields of each row beside the report's own: the property's id, and its currency."""

SETTLES_DAYS = 3
"""Google works on a day's figures for 24 to 48 hours; a third day is read again for late hits."""

CHANNELS = {
    "Direct": "direct",
    "Organic Search": "organic_search",
    "Paid Search": "paid_search",
    "Display": "display",
    "Paid Social": "paid_social",
    "Organic Social": "organic_social",
    "Email": "email",
    "Affiliates": "affiliates",
    "Referral": "referral",
    "Organic Video": "organic_video",
    "Paid Video": "paid_video",
    "Organic Shopping": "organic_shopping",
    "Paid Shopping": "paid_shopping",
    "Paid Other": "paid_other",
    "SMS": "sms",
    "Mobile Push Notifications": "push",
    "Audio": "audio",
    "Cross-network": "cross_network",
    "AI Assistant": "ai_assistant",
    "Unassigned": "unassigned",
}
"""Google's default channel groups in our words."""


@dataclass(frozen=True, slots=True)
class Question:
    """The report behind a stream: its dimensions and metrics by their API names.

    ``above_zero`` is a metric without which a row says nothing and is not sent.
    """

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    above_zero: str | None = None


_COMING_FROM = (
    "sessionDefaultChannelGroup",
    "sessionSource",
    "sessionMedium",
    "sessionCampaignName",
)
_CHANNEL = ColumnMap(column="sessionDefaultChannelGroup", values=CHANNELS)

QUESTIONS = {
    "sessions": Question(
        ("date", *_COMING_FROM),
        (
            "sessions",
            "engagedSessions",
            "userEngagementDuration",
            "screenPageViews",
            "totalUsers",
            "activeUsers",
            "newUsers",
        ),
    ),
    "key_events": Question(
        ("date", "eventName", *_COMING_FROM), ("keyEvents", "eventValue"), above_zero="keyEvents"
    ),
    "landing_pages": Question(
        ("date", "landingPage", "sessionDefaultChannelGroup"),
        ("sessions", "engagedSessions", "keyEvents"),
    ),
    "visitors_by_month": Question(("yearMonth",), ("totalUsers", "activeUsers", "newUsers")),
}

_MONEY = frozenset({"eventValue", "totalRevenue", "purchaseRevenue", "advertiserAdCost"})


def fields_of(question: Question) -> dict[str, FieldKind]:
    """The fields of the question's rows."""
    fields: dict[str, FieldKind] = {PROPERTY: "text"}
    fields.update({name: "day" if name == "date" else "text" for name in question.dimensions})
    fields.update({name: "money" if name in _MONEY else "number" for name in question.metrics})
    return {**fields, CURRENCY: "text"}


def _by_day(name: str, question: Question, about: str, fill: dict[str, object]) -> Stream:
    return Stream(
        name,
        key=(PROPERTY, *question.dimensions),
        fields=fields_of(question),
        fill=fill,  # type: ignore[arg-type]  # a plain text is a field's name, as in a source's file
        keeping="days",
        cursor="date",
        settles_days=SETTLES_DAYS,
        about=about,
    )


STREAMS = (
    _by_day(
        "sessions",
        QUESTIONS["sessions"],
        "Visits by day, channel, source, medium and campaign. Visitors are distinct within a row"
        " and never added.",
        {
            "web_traffic": {
                "visited_on": "date",
                "site": PROPERTY,
                "channel": _CHANNEL,
                "source": "sessionSource",
                "medium": "sessionMedium",
                "campaign": "sessionCampaignName",
                "sessions": "sessions",
                "engaged_sessions": "engagedSessions",
                "engaged_sec": "userEngagementDuration",
                "page_views": "screenPageViews",
                "visitors": "totalUsers",
                "new_visitors": "newUsers",
            }
        },
    ),
    _by_day(
        "key_events",
        QUESTIONS["key_events"],
        "Key events by day, name and where the visit came from; which of them is a conversion is"
        " the workspace's to say.",
        {
            "web_key_events": {
                "occurred_on": "date",
                "site": PROPERTY,
                "name": "eventName",
                "channel": _CHANNEL,
                "source": "sessionSource",
                "medium": "sessionMedium",
                "campaign": "sessionCampaignName",
                "events": "keyEvents",
                "value": "eventValue",
                "currency_code": CURRENCY,
            }
        },
    ),
    _by_day(
        "landing_pages",
        QUESTIONS["landing_pages"],
        "Visits by landing page: the same visits as in sessions, so it fills no table by itself.",
        {},
    ),
    Stream(
        "visitors_by_month",
        key=(PROPERTY, "yearMonth"),
        fields=fields_of(QUESTIONS["visitors_by_month"]),
        fill={},
        keeping="replace",
        settles_days=SETTLES_DAYS,
        about="Distinct visitors of whole months, which no sum of days gives.",
    ),
)


def streams_of(settings: Ga4Settings) -> dict[str, tuple[Stream, Question]]:
    """The streams that the settings ask for, each with its question."""
    found = {
        stream.name: (stream, QUESTIONS[stream.name])
        for stream in STREAMS
        if settings.landing_pages or stream.name != "landing_pages"
    }
    for report in settings.reports:
        question = Question(tuple(dict.fromkeys(("date", *report.dimensions))), report.metrics)
        stream = _by_day(report.name, question, "A report that the settings declare.", {})
        found[report.name] = (stream, question)
    return found
