"""The agency's own work for a client: tasks, hours, mailings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from kvitto.app.agency.plan import is_nth
from kvitto.app.agency.record import Mailing, Record, Task, TimeLog
from kvitto.app.agency.season import busy, is_workday
from kvitto.app.agency.state import State

_HOME = "SE"
"""The agency works by the Swedish calendar."""


def tasks(state: State, day: date) -> Iterator[Record]:
    """New tasks of a working day, most of them done in time."""
    if not is_workday(_HOME, day):
        return
    rng = state.rng("tasks")
    for _ in range(_times(state, rng.random(), 0.45)):
        number = state.number("task")
        due = day + timedelta(days=rng.randrange(3, 21))
        done: datetime | None = datetime(
            due.year, due.month, due.day, rng.randrange(9, 17), rng.randrange(60)
        ) + timedelta(days=rng.choice((-3, -2, -1, 0, 0, 1, 4)))
        if done is not None and done.date() < day:
            done = datetime(day.year, day.month, day.day, 16, 30)
        if is_nth(number, state.plan.overdue_every) and due <= state.until:
            done = None
        if done is not None and done.date() > state.until:
            done = None
        if done is None and due < state.until:
            state.book.note("overdue_task", task=str(number), due=due)
        status = "done" if done else "doing" if due - day < timedelta(days=8) else "todo"
        who = rng.choice(state.profile.agency)
        yield Task(
            id=number,
            title=f"{rng.choice(state.profile.voice.tasks)} ({day:%Y-%m})",
            who=who.name,
            created=datetime(day.year, day.month, day.day, rng.randrange(8, 17), rng.randrange(60)),
            due=due,
            done=done,
            estimate=Decimal(rng.choice((1, 2, 2, 3, 4, 6, 8))),
            priority=rng.choice(("low", "normal", "normal", "high")),
            status=status,
            is_deliverable=rng.random() < 0.4,
        )


def hours(state: State, day: date) -> Iterator[Record]:
    """The day's time entries, in quarters of an hour."""
    if not is_workday(_HOME, day):
        return
    rng = state.rng("hours")
    for person in state.profile.agency:
        start = datetime(day.year, day.month, day.day, 8, rng.choice((0, 15, 30)))
        left = state.profile.hours_per_day / len(state.profile.agency) * rng.uniform(0.6, 1.4)
        for _ in range(_times(state, rng.random(), 1.3)):
            minutes = 15 * max(1, round(left * 60 / 15 * rng.uniform(0.4, 0.8)))
            log = TimeLog(
                id=state.number("log"),
                task=max(1, state.numbers.get("task", 1)),
                title=rng.choice(state.profile.voice.tasks),
                who=person.name,
                email=person.email,
                start=start,
                minutes=minutes,
                billable=rng.random() < 0.78,
            )
            yield _negative(state, log)
            start += timedelta(minutes=minutes + 30)


def mailings(state: State, day: date) -> Iterator[Record]:
    """The newsletter, every so many days; its list grows with the years."""
    every = state.profile.mail_every
    if not every or (day - state.first).days % every != every - 1:
        return
    rng = state.rng("mail")
    number = state.number("mailing")
    growth = 1.25 ** ((day - state.first).days / 365.25)
    people = round(state.profile.mail_list * state.size * growth) + rng.randrange(8)
    bounces = round(people * rng.uniform(0.004, 0.013))
    delivered = people - bounces
    season = min(1.15, max(0.55, busy(state.profile.rhythm, day, state.first) / growth))
    unique_opens = round(delivered * rng.uniform(0.27, 0.4) * season)
    unique_clicks = round(unique_opens * rng.uniform(0.06, 0.14))
    orders = round(unique_clicks * rng.uniform(0.02, 0.08))
    subject = state.profile.voice.mailings[number % len(state.profile.voice.mailings)]
    yield Mailing(
        id=number,
        title=f"{day:%Y-%m} {subject}",
        subject=subject,
        at=datetime(day.year, day.month, day.day, 9, 30),
        recipients=people,
        bounces=bounces,
        opens=round(unique_opens * rng.uniform(1.3, 1.7)),
        unique_opens=unique_opens,
        clicks=round(unique_clicks * rng.uniform(1.1, 1.5)),
        unique_clicks=unique_clicks,
        unsubscribed=round(delivered * rng.uniform(0.0005, 0.003)),
        orders=orders,
        revenue=Decimal(orders * 40 * state.profile.round_to).quantize(Decimal("0.01")),
    )


def _negative(state: State, log: TimeLog) -> TimeLog:
    """Ended before it began: somebody typed the times the wrong way round."""
    if log.id % 900 != 77 or not state.plan.negative_every:
        return log
    state.book.note(
        "negative_duration",
        time_log=str(log.id),
        who=log.who,
        on=log.start.date(),
        true_minutes=log.minutes,
        shown_minutes=-log.minutes,
    )
    return log._replace(minutes=-log.minutes)


def _times(state: State, chance: float, mean: float) -> int:
    """How many of something that grows with the size."""
    wanted = mean * max(state.size, 0.3)
    return int(wanted) + (1 if chance < wanted - int(wanted) else 0)
