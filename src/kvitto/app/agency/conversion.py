"""The ad platform's log of single conversions: the evidence behind a month's difference.

It is the list of results of what the agency sent to the platform, by the id of
the enquiry in the CRM. Its rows agree with the platform's daily totals, but for
the one conversion that nothing explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kvitto.app.agency.enquiry import Counted
from kvitto.app.agency.plan import Gap
from kvitto.app.agency.profile import Channel
from kvitto.app.agency.record import AdConversion, Lead
from kvitto.app.agency.state import State

SENT, TAGGED = "Offertförfrågan (import)", "Offertförfrågan (webb)"
"""What the platform calls a conversion that was sent to it, and one that its tag counted."""
TOO_RECENT = "TOO_RECENT_EVENT"
"""The platform's word for a click that is too young to be matched yet."""


def conversions(state: State, day: date, counted: Counted) -> Iterator[AdConversion]:
    """The day's rows of the log, in order of time; only in the month with the gap."""
    told, state.told = state.told, []
    gap = state.plan.gap
    if gap is None or AdConversion not in state.kinds or not _is_inside(gap, day):
        return
    channel = next(one for one in state.profile.channels if one.key == gap.channel)
    yield from sorted(_rows(state, channel, counted, told), key=lambda row: (row.at, row.click))


def _is_inside(gap: Gap, day: date) -> bool:
    """The month, and the morning after it: still the last day where the ad account stands."""
    after = (gap.month + timedelta(days=32)).replace(day=1)
    return gap.month <= day <= after


def _rows(
    state: State, channel: Channel, counted: Counted, told: list[tuple[str, Lead]]
) -> Iterator[AdConversion]:
    rng = state.rng("conversion log")
    late = {lead.id for kind, lead in told if kind == "late"}
    for lead in counted.of(channel.key):
        failure = TOO_RECENT if lead.id in late else ""
        yield _row(state, rng, channel, lead, lead.campaign, failure=failure)
    first = channel.campaigns[0].name
    for kind, lead in told:
        if kind == "attribution_window":
            yield _row(state, rng, channel, lead, first, days=rng.randrange(8, 27))
        elif kind == "duplicate":
            yield _row(state, rng, channel, lead, first, name=TAGGED)


def _row(
    state: State,
    rng: Random,
    channel: Channel,
    lead: Lead,
    campaign: str,
    *,
    name: str = SENT,
    days: int = 0,
    failure: str = "",
) -> AdConversion:
    """One row; of ``days`` that lie between click and enquiry, the rest is minutes."""
    clicked = lead.created - timedelta(days=days, minutes=rng.randrange(2, 55))
    click = "".join(rng.choice(_LETTERS) for _ in range(26))
    at = lead.created if name == SENT else _soon(lead.created, rng)
    return AdConversion(
        platform=channel.platform,
        campaign=campaign,
        click=f"Cj0KCQ{click}",
        name=name,
        clicked=clicked,
        at=at,
        order=state.ident("lead", lead.id),
        value=Decimal(state.profile.round_to).quantize(Decimal("0.01")),
        failure=failure,
    )


def _soon(at: datetime, rng: Random) -> datetime:
    """The tag counts some seconds before the CRM does, on the same day."""
    return at - timedelta(seconds=min(rng.randrange(1, 9), at.second))


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
