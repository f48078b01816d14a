"""After the sale: cases at the help desk and answers to surveys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from kvitto.app.agency.chance import around, poisson, weighted
from kvitto.app.agency.plan import is_nth
from kvitto.app.agency.record import Answer, Contact, Record, Ticket
from kvitto.app.agency.season import busy
from kvitto.app.agency.state import State

_PRIORITIES = ("low", "normal", "high", "urgent")
_VIA = ("email", "web", "phone", "chat")
_NPS = (1, 1, 1, 1, 2, 4, 6, 13, 22, 26, 23)
_CSAT = (4, 5, 10, 33, 48)


def service(state: State, day: date) -> Iterator[Record]:
    """The day's cases and answers; none before there are customers."""
    profile = state.profile
    factor = state.size * busy(profile.rhythm, day, state.first)
    rng = state.rng("service")
    for _ in range(poisson(rng, profile.tickets_per_day * factor)):
        contact = _someone(state, rng, day)
        if contact is not None:
            yield from _ticket(state, rng, day, contact)
    for _ in range(poisson(rng, profile.answers_per_day * factor)):
        contact = _someone(state, rng, day)
        if contact is not None:
            yield _answer(state, rng, contact, None, _at(rng, day))


def _someone(state: State, rng: Random, day: date) -> Contact | None:
    if not state.customers:
        return None
    found = state.customers[rng.randrange(len(state.customers))]
    return found.contact if found.until is None or found.until > day else None


def _ticket(state: State, rng: Random, day: date, contact: Contact) -> Iterator[Record]:
    at = _at(rng, day)
    place = weighted(rng, (2, 6, 3, 1))
    reply: int | None = max(2, round(around(rng, (240, 150, 60, 18)[place], 0.8)))
    solved: datetime | None = at + timedelta(
        minutes=(reply or 0) + round(around(rng, (2900, 1900, 800, 300)[place], 0.9))
    )
    if solved is not None and solved.date() > state.until:
        solved = None
        if (state.until - day).days < 2:
            reply = None
    number = state.number("ticket")
    subject, kind = rng.choice(state.profile.voice.subjects)
    rating = ""
    if solved is not None and rng.random() < 0.4:
        rating = "good" if rng.random() < 0.86 else "bad"
    ticket = Ticket(
        id=number,
        contact=contact,
        subject=subject,
        kind=kind,
        priority=_PRIORITIES[place],
        via=_VIA[weighted(rng, (5, 4, 2, 1))],
        agent=rng.choice(state.profile.desk),
        created=at,
        reply_minutes=reply,
        solved=solved,
        reopened=1 if solved is not None and rng.random() < 0.06 else 0,
        rating=rating,
    )
    yield _negative(state, ticket)
    if solved is not None and state.profile.answer_kind == "csat" and rng.random() < 0.35:
        later = solved + timedelta(hours=rng.randrange(1, 60))
        if later.date() <= state.until:
            state.later(later, _answer(state, rng, contact, number, later))


def _negative(state: State, ticket: Ticket) -> Ticket:
    """Answered before it arrived: the clocks of two systems disagree."""
    every = state.plan.negative_every
    if ticket.reply_minutes is None or not is_nth(ticket.id, every):
        return ticket
    state.book.note(
        "negative_duration",
        ticket=str(ticket.id),
        true_minutes=ticket.reply_minutes,
        shown_minutes=-37,
        on=ticket.created.date(),
    )
    return ticket._replace(reply_minutes=-37)


def _answer(
    state: State, rng: Random, contact: Contact, ticket: int | None, at: datetime
) -> Answer:
    is_nps = state.profile.answer_kind == "nps" or ticket is None
    score = weighted(rng, _NPS) if is_nps else 1 + weighted(rng, _CSAT)
    words = state.profile.voice.comments
    place = 0 if score >= (9 if is_nps else 4) else 1 if score >= (7 if is_nps else 3) else 2
    comment = words[place] if rng.random() < 0.3 else ""
    kind, scale = ("nps", 10) if is_nps else ("csat", 5)
    return Answer(state.number("answer"), kind, scale, score, contact, ticket, at, comment)


def _at(rng: Random, day: date) -> datetime:
    return datetime(
        day.year, day.month, day.day, rng.randrange(7, 21), rng.randrange(60), rng.randrange(60)
    )
