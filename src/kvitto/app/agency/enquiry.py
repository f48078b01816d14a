"""Enquiries of a day: who asks, through which channel, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from kvitto.app.agency import person
from kvitto.app.agency.chance import poisson, spread_out, weighted
from kvitto.app.agency.plan import Gap, is_nth
from kvitto.app.agency.profile import Campaign, Channel
from kvitto.app.agency.record import Account, Contact, Lead, Record
from kvitto.app.agency.sale import draw_deal
from kvitto.app.agency.season import busy
from kvitto.app.agency.state import Customer, State

_HOURS = (1, 3, 7, 9, 9, 6, 7, 8, 8, 6, 4, 3, 4, 4, 2)
"""How many enquiries come in the hours from 7 to 21."""
_RETURNING = 0.22
_PLAIN = Campaign("", 1.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class Counted:
    """The day's true enquiries by channel and campaign."""

    leads: dict[tuple[str, str], list[Lead]] = field(default_factory=dict)

    def add(self, lead: Lead) -> None:
        """Count one."""
        self.leads.setdefault((lead.channel, lead.campaign), []).append(lead)

    def of(self, channel: str, campaign: str | None = None) -> list[Lead]:
        """Those of a channel, or of one of its campaigns."""
        if campaign is not None:
            return self.leads.get((channel, campaign), [])
        return [lead for (key, _), found in self.leads.items() if key == channel for lead in found]


def enquiries(state: State, day: date, counted: Counted) -> Iterator[Record]:
    """The day's enquiries with the companies and people behind them."""
    rng = state.rng("leads")
    mean = state.profile.leads_per_day * state.size * busy(state.profile.rhythm, day, state.first)
    for channel in state.profile.channels:
        for campaign in channel.campaigns or (_PLAIN,):
            count = _count(state, day, channel, campaign, mean)
            for moment in sorted(_moment(rng, day) for _ in range(count)):
                yield from _enquiry(state, channel, campaign, moment, counted)
    yield from _clock_changes(state, day, counted)


def plan_gap(state: State) -> None:
    """Deal the enquiries of the gap's month out over its days, so that their sum is exact."""
    gap = state.plan.gap
    if gap is None:
        return
    days = [gap.month + timedelta(days=n) for n in range(31)]
    days = [day for day in days if day.month == gap.month.month]
    weights = [busy(state.profile.rhythm, day, state.first) for day in days]
    channel = next(one for one in state.profile.channels if one.key == gap.channel)
    shares = [campaign.share for campaign in channel.campaigns]
    rng = state.rng("gap")
    counts = spread_out(rng, max(12, round(gap.crm * state.size)) - 3, weights)
    for day, count in zip(days, counts, strict=True):
        dealt = spread_out(rng, count, shares)
        dealt[0] += day in days[-3:]  # each of the last days has one that is late
        for campaign, number in zip(channel.campaigns, dealt, strict=True):
            state.planned[day, campaign.name] = number


def _count(state: State, day: date, channel: Channel, campaign: Campaign, mean: float) -> int:
    gap, pause = state.plan.gap, state.plan.pause
    expected = mean * channel.share * campaign.share
    if pause is not None and pause.channel == channel.key and day >= pause.on:
        month = f"{day:%Y-%m}"
        if campaign.name == pause.campaign:
            state.lost[month] = state.lost.get(month, 0.0) + expected
            return 0
    if gap is not None and gap.channel == channel.key and (day, campaign.name) in state.planned:
        return state.planned[day, campaign.name]
    if gap is not None and gap.channel == channel.key and day == _day_after(gap):
        return 2 if channel.campaigns[0].name == campaign.name else 0
    return poisson(state.rng("leads"), expected)


def _day_after(gap: Gap) -> date:
    return (gap.month + timedelta(days=32)).replace(day=1)


def _moment(rng: Random, day: date) -> datetime:
    return datetime(
        day.year,
        day.month,
        day.day,
        7 + weighted(rng, _HOURS),
        rng.randrange(60),
        rng.randrange(60),
    )


def _enquiry(
    state: State, channel: Channel, campaign: Campaign, at: datetime, counted: Counted
) -> Iterator[Record]:
    rng = state.rng("people")
    gap = state.plan.gap
    if gap is not None and gap.channel == channel.key and at.date() == _day_after(gap):
        at = at.replace(hour=0)  # still the last day of the month where the ad account stands
    known = _returning(state, rng)
    number = state.number("lead")
    account_id = state.number("account") if known is None else known.contact.account
    contact = _contact(state, rng, account_id, at, channel) if known is None else known.contact
    company = contact.company
    deal = draw_deal(state, number, contact, company, channel, campaign.name, at)
    won = deal is not None and deal.outcome == "won"
    spelling = _spelling(state, rng, channel)
    if known is None:
        customer_on = deal.closed.date() if deal and won and deal.closed else None
        account = _account(state, rng, account_id, contact, channel, at, customer_on)
        contact = contact._replace(is_customer=customer_on is not None)
        yield account
        yield contact
        yield from _twins(state, account, contact)
        if deal is not None and deal.closed is not None and won:
            state.later(deal.closed, Customer(contact, company, account.churned_on))
    if deal is not None:
        state.later(deal.created, deal._replace(contact=contact, source=spelling))
    lead = _lead(state, rng, number, contact, channel, campaign.name, at)._replace(source=spelling)
    if deal is not None:
        status = "converted"
        lead = lead._replace(
            status=status, converted=deal.created, deal=deal.id, product=deal.product
        )
    counted.add(lead)
    yield lead
    yield from _double(state, rng, lead)


def _returning(state: State, rng: Random) -> Customer | None:
    if not state.customers or rng.random() > _RETURNING:
        return None
    return state.customers[rng.randrange(len(state.customers))]


def _contact(state: State, rng: Random, account: int, at: datetime, channel: Channel) -> Contact:
    names = state.profile.names
    number = state.number("contact")
    given, family = person.individual(names, number)
    company, _, _ = person.company(names, account)
    return Contact(
        id=number,
        account=account,
        company=company,
        given=given,
        family=family,
        email=person.address(given, family, person.domain(company)),
        phone=person.phone(rng, names.phone),
        title=rng.choice(names.titles),
        created=at,
        owner=rng.randrange(len(state.profile.sales)),
        channel=channel.spellings[0],
        is_customer=False,
    )


def _account(
    state: State,
    rng: Random,
    number: int,
    contact: Contact,
    channel: Channel,
    at: datetime,
    customer_on: date | None,
) -> Account:
    name, city, industry = person.company(state.profile.names, number)
    country = rng.choice(state.profile.country_spellings)
    state.book.spell("accounts.country", country)
    leaves = None
    if customer_on is not None and rng.random() < 0.12:
        leaves = customer_on + timedelta(days=rng.randrange(200, 900))
        leaves = leaves if leaves <= state.until else None
    return Account(
        id=number,
        name=name,
        domain=person.domain(name),
        city=city,
        industry=industry,
        created=at,
        owner=contact.owner,
        channel=channel.spellings[0],
        country=country,
        customer_on=customer_on,
        churned_on=leaves,
    )


def _lead(
    state: State,
    rng: Random,
    number: int,
    contact: Contact,
    channel: Channel,
    campaign: str,
    at: datetime,
) -> Lead:
    age = (state.until - at.date()).days
    status = "new" if age < 2 else rng.choice(("working", "qualified", "disqualified"))
    if age > 60 and status == "working":
        status = "disqualified"
    product = rng.choice(state.profile.products).name
    return Lead(
        number,
        contact,
        channel.key,
        channel.spellings[0],
        campaign,
        product,
        status,
        at,
        None,
        None,
    )


def _spelling(state: State, rng: Random, channel: Channel) -> str:
    """How somebody wrote the channel: mostly the first way."""
    others = channel.spellings[1:]
    label = channel.spellings[0]
    if others and rng.random() < 0.25:
        label = rng.choice(others)
    state.book.spell("leads.source", label)
    return label


def _double(state: State, rng: Random, lead: Lead) -> Iterator[Record]:
    """The same form sent again within minutes."""
    gap = state.plan.gap
    in_gap = gap is not None and (lead.created.year, lead.created.month) == (
        gap.month.year,
        gap.month.month,
    )
    if in_gap or not is_nth(lead.id, state.plan.doubles_every):
        return
    again = lead._replace(
        id=state.number("lead"),
        created=lead.created + timedelta(seconds=rng.randrange(40, 400)),
        status="new",
        converted=None,
        deal=None,
        planted="double_submitted",
    )
    if again.created.date() != lead.created.date():
        return
    state.book.note(
        "double_submitted",
        first=state.ident("lead", lead.id),
        second=state.ident("lead", again.id),
        email=lead.contact.email,
        on=lead.created.date(),
        minutes=round((again.created - lead.created).total_seconds() / 60, 1),
    )
    yield again


def _twins(state: State, account: Account, contact: Contact) -> Iterator[Record]:
    """The same company and person entered a second time, spelled otherwise."""
    if not is_nth(account.id, state.plan.twins_every):
        return
    name = person.respelled(state.profile.names, account.name)
    at = account.created + timedelta(days=9, minutes=17)
    if at.date() > state.until:
        return
    twin = account._replace(
        id=state.number("account"), name=name, created=at, customer_on=None, churned_on=None
    )._replace(planted="duplicate")
    other = contact._replace(
        id=state.number("contact"),
        account=twin.id,
        company=name,
        email=contact.email.upper() if contact.id % 2 else contact.email,
        given=contact.given[0] + ".",
        created=at,
        is_customer=False,
        planted="duplicate",
    )
    state.book.note(
        "duplicate",
        accounts=[state.ident("account", account.id), state.ident("account", twin.id)],
        names=[account.name, name],
        contacts=[state.ident("contact", contact.id), state.ident("contact", other.id)],
        email=contact.email,
    )
    yield twin
    yield other


def _clock_changes(state: State, day: date, counted: Counted) -> Iterator[Record]:
    """Enquiries in the hour that a clock shows twice, and one in the hour that it skips."""
    twice, never = state.plan.twice, state.plan.never
    moments = []
    if twice is not None and twice.date() == day:
        moments = [twice.replace(fold=0), twice.replace(fold=1)]
    if never is not None and never.date() == day:
        moments = [never]
    channel = state.profile.channels[-1]
    for at in moments:
        for record in _enquiry(state, channel, _PLAIN, at, counted):
            yield record
            if isinstance(record, Lead) and not record.planted:
                state.book.note(
                    "clock_change",
                    lead=state.ident("lead", record.id),
                    local=at.isoformat(sep=" "),
                    which=("second" if at.fold else "first") if twice == at else "never shown",
                    on=day,
                )
