"""Deals and their bills: drawn whole when the enquiry comes, told as far as the last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kvitto.app.agency.chance import around, weighted
from kvitto.app.agency.plan import is_nth
from kvitto.app.agency.profile import Channel, Product
from kvitto.app.agency.record import Contact, Deal, Invoice, Record
from kvitto.app.agency.state import State

_CENT = Decimal("0.01")


def draw_deal(
    state: State,
    lead: int,
    contact: Contact,
    company: str,
    channel: Channel,
    campaign: str,
    at: datetime,
) -> Deal | None:
    """The deal that comes of an enquiry, ``None`` where none does before the last day."""
    rng = state.rng("deals")
    if rng.random() > channel.to_deal:
        return None
    created = _office(at + timedelta(hours=rng.expovariate(1 / 50)), rng)
    if created.date() > state.until:
        return None
    deal = _opened(state, rng, contact, company, created)._replace(
        lead=lead, channel=channel.key, source=channel.spellings[0], campaign=campaign
    )
    is_won = rng.random() < channel.to_won
    profile = state.profile
    days = around(rng, profile.cycle_days * (1.0 if is_won else 1.25), 0.55)
    entered, end = _walk(state, rng, created, days, is_won)
    ended = deal._replace(
        entered=entered,
        outcome="won" if is_won else "lost",
        closed=end,
        loss_reason="" if is_won else rng.choice(profile.loss_reasons),
        label=0 if rng.random() < 0.7 else rng.randrange(profile.labels),
    )
    return told(ended, state.until)


def _opened(state: State, rng: Random, contact: Contact, company: str, created: datetime) -> Deal:
    """A deal on the day it was opened: what is offered, for how much, until when."""
    profile = state.profile
    product = profile.products[weighted(rng, [one.weight for one in profile.products])]
    amount, currency = _price(state, rng, product)
    return Deal(
        id=state.number("deal"),
        lead=0,
        account=contact.account,
        company=company,
        contact=contact,
        name=f"{company} - {product.name}",
        product=product.name,
        amount=amount,
        shown=amount,
        currency=currency,
        owner=contact.owner,
        channel="",
        source="",
        campaign="",
        created=created,
        entered=(created,),
        expected=(created + timedelta(days=profile.cycle_days * rng.uniform(0.9, 1.6))).date(),
        outcome="open",
        closed=None,
        loss_reason="",
        label=0,
    )


def told(deal: Deal, until: date) -> Deal:
    """The deal as it stood at the end of a day."""
    if deal.closed is None or deal.closed.date() <= until:
        return deal
    if deal.reopened_from is not None and deal.reopened_from.date() <= until:
        return deal._replace(
            outcome="won", closed=deal.reopened_from, loss_reason="", reopened_from=None
        )
    return deal._replace(
        outcome="open",
        closed=None,
        loss_reason="",
        entered=tuple(at for at in deal.entered if at.date() <= until),
    )


def settle_deal(state: State, deal: Deal) -> Iterator[Record]:
    """The deal as the CRM holds it, faults included; its bills come later."""
    closed = deal.outcome != "open"
    if deal.outcome == "won":
        deal = _blank(state, deal)
        _bill(state, deal)
    if closed:
        deal = _impossible(state, deal)
        deal = _orphan(state, deal)
        state.book.spell("deals.outcome", f"{deal.outcome}/{deal.label}")
    if deal.currency != state.profile.currency and deal.outcome == "won":
        state.book.note(
            "currency_mix",
            deal=state.ident("deal", deal.id),
            currency=deal.currency,
            amount=str(deal.amount),
            closed_on=deal.closed.date() if deal.closed else None,
        )
    yield deal


def settle_invoice(state: State, invoice: Invoice) -> Iterator[Record]:
    """The bill with the next number of its year."""
    number = state.number(f"invoice{invoice.issued.year}")
    yield invoice._replace(number=f"{invoice.issued.year}{number:05d}")


def bill(state: State, deal: Deal, amount: Decimal, issued: date, rng: Random) -> None:
    """One bill: paid late by some, never by a few."""
    due = issued + timedelta(days=state.profile.pay_days)
    paid: date | None = issued + timedelta(days=round(around(rng, state.profile.pay_days, 0.3)))
    if rng.random() < 0.03 or (paid is not None and paid > state.until):
        paid = None
    invoice = Invoice(
        number="",
        account=deal.account,
        company=deal.company,
        email=deal.contact.email,
        deal=deal.id,
        product=deal.product,
        issued=issued,
        due=due,
        paid=paid,
        amount=amount,
        currency=deal.currency,
    )
    state.later(datetime(issued.year, issued.month, issued.day, 12), invoice)


def _bill(state: State, deal: Deal) -> None:
    if not state.profile.has_invoices or deal.closed is None:
        return
    rng = state.rng("bills")
    start = deal.closed.date() + timedelta(days=rng.randrange(1, 9))
    if rng.random() < 0.65:
        bill(state, deal, deal.amount, start, rng)
        return
    half = (deal.amount / 2).quantize(_CENT)
    bill(state, deal, half, start, rng)
    bill(state, deal, deal.amount - half, start + timedelta(days=30), rng)


def _price(state: State, rng: Random, product: Product) -> tuple[Decimal, str]:
    profile = state.profile
    price, currency = around(rng, product.price, product.spread), profile.currency
    chance = rng.random()
    for foreign in profile.foreign:
        chance -= foreign.share
        if chance < 0:
            price, currency = price * foreign.scale, foreign.currency
            break
    rounded = max(1, round(price / profile.round_to)) * profile.round_to
    return Decimal(rounded).quantize(_CENT), currency


def _walk(
    state: State, rng: Random, created: datetime, days: float, is_won: bool
) -> tuple[tuple[datetime, ...], datetime]:
    """When the deal entered its open stages, and when it ended."""
    stages = state.profile.stages
    reached = stages if is_won else 1 + rng.randrange(stages)
    end = _office(created + timedelta(days=max(0.3, days)), rng)
    if end <= created:
        end = created + timedelta(minutes=rng.randrange(20, 300))
    length = (end - created).total_seconds()
    cuts = sorted(rng.random() for _ in range(reached - 1))
    later = [min(_whole(created + timedelta(seconds=length * cut)), end) for cut in cuts]
    return (created, *sorted(later)), end


def _office(at: datetime, rng: Random) -> datetime:
    """The nearest later moment in office hours; hours that clocks skip never come up."""
    if at.weekday() == 6 or (at.weekday() == 5 and rng.random() < 0.85):
        at += timedelta(days=7 - at.weekday())
    if not 8 <= at.hour < 18:
        hour = rng.randrange(8, 18)
        at = (at + timedelta(days=1 if at.hour >= 18 else 0)).replace(hour=hour)
    return _whole(at)


def _whole(at: datetime) -> datetime:
    at = at.replace(microsecond=0)
    return at.replace(hour=8) if at.hour in (0, 1, 2, 3) else at


def _blank(state: State, deal: Deal) -> Deal:
    """Won, but nobody wrote down for how much."""
    if deal.reopened_from is not None or not is_nth(state.number("won"), state.plan.blank_every):
        return deal
    state.book.note(
        "missing_amount",
        deal=state.ident("deal", deal.id),
        true_amount=str(deal.amount),
        currency=deal.currency,
        closed_on=deal.closed.date() if deal.closed else None,
    )
    return deal._replace(shown=None)


def _impossible(state: State, deal: Deal) -> Deal:
    """Closed before it was created, both in the month in which it really was closed."""
    if deal.closed is None or deal.closed.date() <= deal.created.date():
        return deal
    same = (deal.created.year, deal.created.month) == (deal.closed.year, deal.closed.month)
    if not same or not is_nth(state.number("same month"), state.plan.impossible_every):
        return deal
    state.book.note(
        "impossible_date",
        deal=state.ident("deal", deal.id),
        created_on=deal.closed.date(),
        closed_on=deal.created.date(),
    )
    return deal._replace(created=deal.closed, closed=deal.created, entered=(deal.closed,))


def _orphan(state: State, deal: Deal) -> Deal:
    """Its company was deleted; the id still stands."""
    if not is_nth(deal.id + 11, state.plan.orphans_every):
        return deal
    ghost = 9_000_000 + deal.id
    state.book.note(
        "orphan",
        deal=state.ident("deal", deal.id),
        account=state.ident("account", ghost),
        true_account=state.ident("account", deal.account),
    )
    return deal._replace(account=ghost, company=f"#{ghost}")
