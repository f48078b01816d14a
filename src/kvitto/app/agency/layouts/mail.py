"""Campaign reports of two mail tools."""

from __future__ import annotations

from collections.abc import Iterable

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Mailing, Record
from kvitto.app.agency.sheet import Form, Row

_MAILCHIMP = (
    "Title",
    "Subject",
    "List",
    "Send Date",
    "Send Weekday",
    "Total Recipients",
    "Successful Deliveries",
    "Soft Bounces",
    "Hard Bounces",
    "Total Bounces",
    "Times Forwarded",
    "Forwarded Opens",
    "Unique Opens",
    "Open Rate",
    "Total Opens",
    "Unique Clicks",
    "Click Rate",
    "Total Clicks",
    "Unsubscribes",
    "Abuse Complaints",
    "Unique Id",
    "Total Orders",
    "Total Revenue",
)
_KLAVIYO = (
    "Campaign Name",
    "Tags",
    "Subject",
    "List",
    "Send Time",
    "Send Weekday",
    "Total Recipients",
    "Unique Placed Order",
    "Placed Order Rate",
    "Revenue",
    "Unique Opens",
    "Open Rate",
    "Total Opens",
    "Unique Clicks",
    "Click Rate",
    "Total Clicks",
    "Unsubscribes",
    "Spam Complaints",
    "Spam Complaints Rate",
    "Successful Deliveries",
    "Bounces",
    "Bounce Rate",
    "Campaign ID",
    "Campaign Channel",
)


def mailchimp() -> tuple[FileLayout, ...]:
    """Mailchimp's comparison of campaigns."""
    return (FileLayout("campaigns", Mailing, _MAILCHIMP, _mailchimp, Form(end="\n")),)


def klaviyo() -> tuple[FileLayout, ...]:
    """Klaviyo's campaign export."""
    form = Form(encoding="utf-8-sig", is_quoted=True)
    return (FileLayout("Email Campaigns", Mailing, _KLAVIYO, _klaviyo, form),)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "0.00%"


def _mailchimp(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Mailing)
    delivered = record.recipients - record.bounces
    yield (
        record.title,
        record.subject,
        f"{setting.profile.name} - newsletter",
        f"{record.at:%b} {record.at.day}, {record.at:%Y %I:%M %p}".lower().capitalize(),
        record.at.strftime("%A"),
        record.recipients,
        delivered,
        record.bounces // 2,
        record.bounces - record.bounces // 2,
        record.bounces,
        0,
        0,
        record.unique_opens,
        _share(record.unique_opens, delivered),
        record.opens,
        record.unique_clicks,
        _share(record.unique_clicks, delivered),
        record.clicks,
        record.unsubscribed,
        0,
        f"{record.id:010x}",
        record.orders,
        record.revenue,
    )


def _klaviyo(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Mailing)
    delivered = record.recipients - record.bounces
    yield (
        record.title,
        "",
        record.subject,
        f"{setting.profile.name} - newsletter",
        record.at.strftime("%Y-%m-%d %H:%M:%S"),
        record.at.strftime("%A"),
        record.recipients,
        record.orders,
        _share(record.orders, delivered),
        record.revenue,
        record.unique_opens,
        _share(record.unique_opens, delivered),
        record.opens,
        record.unique_clicks,
        _share(record.unique_clicks, delivered),
        record.clicks,
        record.unsubscribed,
        0,
        "0.00%",
        delivered,
        record.bounces,
        _share(record.bounces, record.recipients),
        f"01H{record.id:07d}KLV",
        "Email",
    )
