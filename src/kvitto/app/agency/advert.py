"""What advertising and the web site say about a day: made from its true enquiries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from kvitto.app.agency.chance import around, poisson, spread_out
from kvitto.app.agency.enquiry import Counted
from kvitto.app.agency.profile import Campaign, Channel
from kvitto.app.agency.record import AdDay, Lead, Record, WebDay
from kvitto.app.agency.season import busy
from kvitto.app.agency.state import State

_CENT = Decimal("0.01")
_LAST_EXTRA = 27
"""Days after this one have enquiries that come late; nothing else is planted there."""
_SEEN_BY_ANALYTICS = 0.93
"""Share of enquiries that analytics counts: the rest declined to be counted."""


def adverts(state: State, day: date, counted: Counted) -> Iterator[Record]:
    """A row for each campaign that ran that day; a large workspace has several groups in each."""
    for channel in state.profile.channels:
        for place, campaign in enumerate(channel.campaigns):
            pause = state.plan.pause
            if pause is not None and pause.campaign == campaign.name and day >= pause.on:
                continue
            leads = counted.of(channel.key, campaign.name)
            yield from _rows(state, day, channel, campaign, len(leads), place == 0, counted)


def web(state: State, day: date, counted: Counted) -> Iterator[Record]:
    """A row for each channel group, also where the feed was broken that day."""
    rng = state.rng("web")
    outage, rename = state.plan.outage, state.plan.rename
    is_lost = outage is not None and outage[0] <= day <= outage[1]
    is_renamed = rename is not None and rename.start <= day <= rename.end
    factor = busy(state.profile.rhythm, day, state.first) * state.profile.leads_per_day
    for channel in state.profile.channels:
        leads = len(counted.of(channel.key))
        usual = factor * channel.share * state.size / channel.visit_rate
        sessions = leads + poisson(rng, max(0.0, 0.8 * usual + 0.2 * leads / channel.visit_rate))
        keys = min(leads, poisson(rng, leads * _SEEN_BY_ANALYTICS))
        engaged = round(sessions * rng.uniform(0.48, 0.66))
        yield WebDay(
            day=day,
            channel=channel.web,
            sessions=sessions,
            engaged=engaged,
            seconds=rng.randrange(38, 120),
            events=round(sessions * rng.uniform(4.1, 6.3)) + keys,
            keys=keys,
            shown_keys=0 if is_renamed else keys,
            renamed_keys=keys if is_renamed else 0,
            is_lost=is_lost,
        )


def _rows(
    state: State,
    day: date,
    channel: Channel,
    campaign: Campaign,
    leads: int,
    is_first: bool,
    counted: Counted,
) -> Iterator[Record]:
    rng = state.rng(f"ads {channel.key}")
    usual = state.profile.leads_per_day * state.size * channel.share * campaign.share
    usual *= busy(state.profile.rhythm, day, state.first)
    clicks = leads + poisson(rng, max(0.2, 0.75 * usual + 0.25 * leads) / campaign.rate)
    conversions = _conversions(state, rng, day, channel, leads, is_first, counted)
    cost = clicks * around(rng, campaign.cpc, 0.08)
    impressions = clicks + round(clicks / (campaign.ctr * rng.uniform(0.85, 1.15)))
    groups = max(1, int(state.size))
    parts = [
        spread_out(rng, number, (1.0,) * groups) if groups > 1 else [number]
        for number in (clicks, conversions)
    ]
    for place in range(groups):
        share = parts[0][place] / clicks if clicks else 1 / groups
        group = campaign.name if groups == 1 else f"{campaign.name} {place + 1:02d}"
        yield AdDay(
            day=day,
            platform=channel.platform,
            campaign=campaign.name,
            group=group,
            impressions=round(impressions * share),
            clicks=parts[0][place],
            cost=Decimal(str(round(cost * share, 2))).quantize(_CENT),
            conversions=parts[1][place],
            value=Decimal(parts[1][place] * state.profile.round_to).quantize(_CENT),
        )


def _conversions(
    state: State,
    rng: Random,
    day: date,
    channel: Channel,
    leads: int,
    is_first: bool,
    counted: Counted,
) -> int:
    gap = state.plan.gap
    if gap is None or gap.channel != channel.key:
        return leads + poisson(rng, 0.06 * leads)
    if not gap.month <= day <= _next_month(gap.month):
        return leads + poisson(rng, 0.06 * leads)
    return max(0, leads + _itemised(state, day, channel, counted)) if is_first else leads


def _itemised(state: State, day: date, channel: Channel, counted: Counted) -> int:
    """What the platform counts otherwise that day, each with its reason in the book."""
    gap = state.plan.gap
    assert gap is not None
    last = _next_month(gap.month) - timedelta(days=1)
    if day > last:
        _named_now(state, counted.of(channel.key))
        return -len(counted.of(channel.key))
    found = _extra(state, day, gap.channel, counted)
    late = 0
    if (last - day).days < 3:
        late = 1
        _reason(state, "late", -1, day, counted.of(channel.key, channel.campaigns[0].name)[-1:])
    if day == last:
        # Two enquiries after midnight here came before midnight where the ad account stands.
        _reason(state, "time_zone", 2, day, [])
        found += 2
    return found - late


def _extra(state: State, day: date, channel: str, counted: Counted) -> int:
    count = 0
    for number, (kind, wanted) in enumerate((("duplicate", 2), ("attribution_window", 3))):
        done = state.numbers.get(f"gap {kind}", 0)
        if done >= wanted or not 4 + number <= day.day <= _LAST_EXTRA:
            continue
        others = counted.of(channel) if kind == "duplicate" else _unpaid(state, counted)
        if others:
            state.number(f"gap {kind}")
            _reason(state, kind, 1, day, others[:1])
            count += 1
    if day.day == 15:
        _reason(state, "unexplained", 1, day, [])
        count += 1
    return count


def _unpaid(state: State, counted: Counted) -> list[Lead]:
    keys = [channel.key for channel in state.profile.channels if not channel.platform]
    return [lead for key in keys for lead in counted.of(key)]


def _reason(state: State, kind: str, by: int, day: date, leads: list[Lead]) -> None:
    state.book.note(
        "conversion_gap",
        reason=kind,
        by=by,
        on=day,
        leads=[state.ident("lead", lead.id) for lead in leads],
    )
    state.told.extend((kind, lead) for lead in leads)


def _named_now(state: State, leads: list[Lead]) -> None:
    """The enquiries of the other zone's day, which came only after the day that claims them."""
    for item in state.book.items.get("conversion_gap", []):
        if item["reason"] == "time_zone":
            item["leads"] = [state.ident("lead", lead.id) for lead in leads]


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
