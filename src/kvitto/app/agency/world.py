"""One client's years, day by day: what happened, as a stream of records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from kvitto.app.agency import person
from kvitto.app.agency.advert import adverts, web
from kvitto.app.agency.chance import stream
from kvitto.app.agency.conversion import conversions
from kvitto.app.agency.enquiry import Counted, enquiries, plan_gap
from kvitto.app.agency.record import (
    Account,
    Contact,
    Deal,
    Invoice,
    Lead,
    Mailing,
    Rate,
    Record,
    Task,
    TimeLog,
    User,
    WebDay,
)
from kvitto.app.agency.sale import bill, settle_deal, settle_invoice, told
from kvitto.app.agency.service import service
from kvitto.app.agency.state import Customer, State
from kvitto.app.agency.work import hours, mailings, tasks


def happen(state: State) -> Iterator[Record]:
    """Everything from the first day to the last one, in the order of the days."""
    plan_gap(state)
    for place, one in enumerate(state.profile.sales, start=1):
        yield User(place, one.name, one.email, one.role, one.team)
    yield from _rates(state)
    day = state.first
    while day <= state.until:
        counted = Counted()
        yield from _planted(state, day)
        yield from enquiries(state, day, counted)
        yield from _due(state, day)
        yield from service(state, day)
        yield from adverts(state, day, counted)
        yield from conversions(state, day, counted)
        if WebDay in state.kinds:
            yield from web(state, day, counted)
        if Mailing in state.kinds:
            yield from mailings(state, day)
        if Task in state.kinds:
            yield from tasks(state, day)
        if TimeLog in state.kinds:
            yield from hours(state, day)
        _count_paused(state, day, counted)
        day += timedelta(days=1)


def _due(state: State, day: date) -> Iterator[Record]:
    for record in state.due(day):
        if isinstance(record, Customer):
            state.customers.append(record)
        elif isinstance(record, Deal):
            yield from settle_deal(state, record)
        elif isinstance(record, Invoice):
            yield from settle_invoice(state, record)
        else:
            yield record


def _rates(state: State) -> Iterator[Record]:
    for foreign in state.profile.foreign:
        for day, rate in foreign.rates:
            if day <= state.until:
                yield Rate(day, foreign.currency, rate)


def _count_paused(state: State, day: date, counted: Counted) -> None:
    """How many enquiries still came through the channel of the paused campaign."""
    pause = state.plan.pause
    if pause is not None:
        month = f"{day:%Y-%m}"
        state.came[month] = state.came.get(month, 0) + len(counted.of(pause.channel))


def _planted(state: State, day: date) -> Iterator[Record]:
    if day in state.plan.tests:
        yield from _test_records(state, day)
    undo = state.plan.undo
    if undo is not None and day == undo.won.date() - timedelta(days=40):
        yield from _undone_deal(state, day)
    churn = state.plan.churn
    if churn is not None and day == state.first + timedelta(days=20):
        yield from _leaver(state, day, churn)


def _test_records(state: State, day: date) -> Iterator[Record]:
    """Somebody tried the form and the CRM out, with themselves."""
    at = datetime(day.year, day.month, day.day, 16, 40)
    account, contact = _pair(state, at, "TEST", "Test", "Test", "test.example", None)
    account = account._replace(planted="test_record")
    contact = contact._replace(planted="test_record")
    channel = state.profile.channels[-1]
    product = state.profile.products[0]
    lead = Lead(
        id=state.number("lead"),
        contact=contact,
        channel=channel.key,
        source=channel.spellings[0],
        campaign="",
        product=product.name,
        status="new",
        created=at,
        converted=None,
        deal=None,
        planted="test_record",
    )
    amount = Decimal("999999.00")
    deal = _deal(state, account, contact, at, amount)._replace(
        lead=lead.id, name="TEST - please ignore", entered=(at,), planted="test_record"
    )
    state.book.note(
        "test_record",
        account=state.ident("account", account.id),
        contact=state.ident("contact", contact.id),
        lead=state.ident("lead", lead.id),
        deal=state.ident("deal", deal.id),
        amount=str(amount),
        on=day,
    )
    yield from (account, contact, lead, deal)


def _undone_deal(state: State, day: date) -> Iterator[Record]:
    """A big deal that was won and reported; then the customer stepped back."""
    undo = state.plan.undo
    assert undo is not None
    at = datetime(day.year, day.month, day.day, 10, 5)
    account, contact = _pair(state, at, "", "", "", "", None)
    yield account
    yield contact
    deal = told(
        _deal(state, account, contact, at, undo.amount)._replace(
            outcome="lost",
            closed=undo.undone,
            reopened_from=undo.won,
            loss_reason=state.profile.loss_reasons[0],
        ),
        state.until,
    )
    state.book.note(
        "restated_deal",
        deal=state.ident("deal", deal.id),
        amount=str(undo.amount),
        won_on=undo.won.date(),
        exported_on=undo.reported,
        undone_on=undo.undone.date(),
    )
    yield deal


def _leaver(state: State, day: date, churn: date) -> Iterator[Record]:
    """A customer that was billed every month, until it left."""
    at = datetime(day.year, day.month, day.day, 9, 12)
    account, contact = _pair(state, at, "", "", "", "", day + timedelta(days=12))
    account = account._replace(churned_on=churn if churn <= state.until else None)
    yield account
    yield contact
    closed = at + timedelta(days=12)
    monthly = Decimal(state.profile.round_to * 8).quantize(Decimal("0.01"))
    deal = _deal(state, account, contact, at, monthly * 12)._replace(outcome="won", closed=closed)
    yield told(deal, state.until)
    rng = stream(state.seed, state.profile.id, "leaver")
    issued, months = closed.date(), 0
    while issued < min(churn, state.until):
        bill(state, deal, monthly, issued, rng)
        issued, months = issued + timedelta(days=30), months + 1
    state.book.note(
        "churned_account",
        account=state.ident("account", account.id),
        name=account.name,
        churned_on=churn,
        monthly=str(monthly),
        invoices=months,
    )


def _pair(
    state: State, at: datetime, name: str, given: str, family: str, at_domain: str, won: date | None
) -> tuple[Account, Contact]:
    names = state.profile.names
    number = state.number("account")
    drawn, city, industry = person.company(names, number)
    name = name or drawn
    given, family = given or names.given[3], family or names.family[5]
    at_domain = at_domain or person.domain(name)
    channel = state.profile.channels[-1].spellings[0]
    country = state.profile.country_spellings[0]
    state.book.spell("accounts.country", country)
    contact = Contact(
        id=state.number("contact"),
        account=number,
        company=name,
        given=given,
        family=family,
        email=person.address(given, family, at_domain),
        phone=names.phone.replace("#", "0"),
        title=names.titles[0],
        created=at,
        owner=0,
        channel=channel,
        is_customer=won is not None,
    )
    account = Account(number, name, at_domain, city, industry, at, 0, channel, country, won, None)
    return account, contact


def _deal(state: State, account: Account, contact: Contact, at: datetime, amount: Decimal) -> Deal:
    """An open deal at its first stage, without an enquiry behind it."""
    product = state.profile.products[0]
    channel = state.profile.channels[-1]
    stages = tuple(at + timedelta(days=3 * place) for place in range(state.profile.stages))
    return Deal(
        id=state.number("deal"),
        lead=0,
        account=account.id,
        company=account.name,
        contact=contact,
        name=f"{account.name} - {product.name}",
        product=product.name,
        amount=amount,
        shown=amount,
        currency=state.profile.currency,
        owner=0,
        channel=channel.key,
        source=channel.spellings[0],
        campaign="",
        created=at,
        entered=stages,
        expected=at.date() + timedelta(days=45),
        outcome="open",
        closed=None,
        loss_reason="",
        label=0,
    )
