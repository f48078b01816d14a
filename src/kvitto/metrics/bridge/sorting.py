"""Putting each record that only one side counts down to one reason: pure, on two ledgers.

Records are matched by their keys, one to one. What is left on either side is
sorted by :class:`StepKind` in order. Where the records of a side do not come to
what it says of a day, the difference of that day is unexplained. So the lines
add up to the difference of the two figures, whatever the records are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from kvitto.metrics.bridge.ledger import Entry, Ledger, Standing, local_day
from kvitto.metrics.bridge.step import Line, StepKind
from kvitto.model.period import Period

PERSON = "person:"
"""How a key begins that names somebody, who may come again, instead of a record."""
NEAR = timedelta(days=7)
"""How far apart two records of one person may lie and still be the same event."""
_CONSENT = "consent"
"""A platform's reason that holds this word is put down to consent."""


def explain(one: Ledger, other: Ledger, period: Period) -> tuple[Line, ...]:
    """The lines that lead from the one figure to the other; their sum is the difference."""
    if not (one.has_records and other.has_records):
        return tuple(_by_day(one, other, period))
    mine, theirs = _Side.of(one, period), _Side.of(other, period)
    pairs = tuple(_paired(mine, theirs))
    found = [line for pair in pairs for line in _of_pair(pair, one, other)]
    taken = {id(entry) for pair in pairs for entry in pair}
    for here, there, sign in ((mine, theirs, -1), (theirs, mine, 1)):
        left = [entry for entry in here.counted if id(entry) not in taken]
        found.extend(_alone(entry, here, there, sign, taken) for entry in left)
        found.extend(_beside(here, sign))
    return tuple(found)


@dataclass(slots=True)
class _Side:
    ledger: Ledger
    period: Period
    counted: tuple[Entry, ...]
    by_key: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, ledger: Ledger, period: Period) -> _Side:
        made = cls(ledger, period, tuple(sorted(ledger.counted(period), key=_order)))
        for entry in sorted(ledger.entries, key=_order):
            made.note(entry)
        return made

    def note(self, entry: Entry) -> None:
        """Keep the record under each of its keys."""
        for key in entry.keys:
            self.by_key[key] += [entry]

    def known(self, entry: Entry) -> list[Entry]:
        """The records that go by the first of the entry's keys that is known here."""
        return next(filter(None, (self._by(key, entry) for key in entry.keys)), [])

    def twins(self, entry: Entry) -> list[Entry]:
        """The other records of this side that share any key with the entry."""
        found = {id(one): one for key in entry.keys for one in self._by(key, entry)}
        found.pop(id(entry), None)
        return list(found.values())

    def _by(self, key: str, entry: Entry) -> list[Entry]:
        found = self.by_key.get(key, [])
        if key.startswith(PERSON):
            return [match for match in found if abs(match.day - entry.day) <= NEAR]
        return found

    def holds(self, day: date) -> bool:
        return self.period.start <= day < self.period.end


def _order(entry: Entry) -> tuple[str, str, str, str]:
    return (entry.day.isoformat(), str(entry.at or ""), entry.table, entry.record)


def _paired(mine: _Side, theirs: _Side) -> Iterator[tuple[Entry, Entry]]:
    inside = {id(entry) for entry in theirs.counted}
    taken: set[int] = set()
    for entry in mine.counted:
        for match in theirs.known(entry):
            if id(match) in inside and id(match) not in taken:
                taken.add(id(match))
                yield entry, match
                break


def _of_pair(pair: tuple[Entry, Entry], one: Ledger, other: Ledger) -> Iterator[Line]:
    """A pair that is counted by different amounts: credit is shared with somebody else."""
    entry, match = pair
    if entry.amount != match.amount:
        why = f"{one.name} counts {entry.amount}, {other.name} {match.amount}"
        yield _line(StepKind.claimed, match.amount - entry.amount, one, entry, why)


def _alone(entry: Entry, here: _Side, there: _Side, sign: int, taken: set[int]) -> Line:
    kind, why = _reason(entry, here, there, taken)
    return _line(kind, sign * entry.amount, here.ledger, entry, why)


def _reason(entry: Entry, here: _Side, there: _Side, taken: set[int]) -> tuple[StepKind, str]:
    mine, theirs = here.ledger, there.ledger
    known = there.known(entry)
    if not theirs.covers(entry.day):
        return StepKind.window, f"{theirs.name} has no data of {entry.day}"
    told = _zone_of(entry, here, there) or _date_of(entry, here, there, known)
    if told is not None:
        return told
    if any(id(twin) in taken for twin in here.twins(entry)):
        return StepKind.duplicates, f"{mine.name} has it twice, {theirs.name} once"
    by = {match.standing: match for match in reversed(known)}
    if Standing.repeated in by:
        return StepKind.duplicates, by[Standing.repeated].why
    if Standing.left_out in by:
        return StepKind.filters, by[Standing.left_out].why
    if Standing.elsewhere in by:
        return StepKind.claimed, by[Standing.elsewhere].why
    if Standing.rejected in by:
        why = by[Standing.rejected].why
        return (StepKind.consent if _CONSENT in why.lower() else StepKind.late), why
    if theirs.is_log and entry.keys and theirs.logged(entry.day):
        return StepKind.late, f"{theirs.name} never got it"
    if not entry.keys:
        return StepKind.unexplained, "it carries no id by which the other side could know it"
    return StepKind.unexplained, f"{theirs.name} knows no record of this id"


def _zone_of(entry: Entry, here: _Side, there: _Side) -> tuple[StepKind, str] | None:
    """The event lies in the period by this side's clock, and not by the other's."""
    zone, other = here.ledger.zone, there.ledger.zone
    if entry.at is None or zone is None or other is None or zone == other:
        return None
    day, elsewhere = local_day(entry.at, zone), local_day(entry.at, other)
    if not here.holds(day) or here.holds(elsewhere):
        return None
    return StepKind.time_zone, f"{day} in {zone} is {elsewhere} in {other}"


def _date_of(
    entry: Entry, here: _Side, there: _Side, known: Sequence[Entry]
) -> tuple[StepKind, str] | None:
    """The other side counts it too, on a day that lies outside the period."""
    outside = next((match for match in known if match.standing is Standing.counts), None)
    if outside is not None and not here.holds(outside.day):
        why = f"{there.ledger.name} counts it on {outside.day}"
        if here.ledger.by_click or there.ledger.by_click:
            why += "; one of the two goes by the click"
        return StepKind.attribution_date, why
    return None


def _beside(side: _Side, sign: int) -> Iterator[Line]:
    """Days of which the side says something else than its records come to."""
    summed: dict[date, Decimal] = defaultdict(Decimal)
    for entry in side.counted:
        summed[entry.day] += entry.amount
    ledger = side.ledger
    for day in sorted({*ledger.daily, *summed}):
        rest = ledger.daily.get(day, Decimal(0)) - summed[day]
        if rest:
            why = f"{ledger.name} says {_plain(ledger.daily.get(day))} of this day, its records"
            why += f" come to {_plain(summed[day])}"
            yield Line(StepKind.unexplained, sign * rest, ledger.name, "", "", day, "", why)


def _by_day(one: Ledger, other: Ledger, period: Period) -> Iterator[Line]:
    """Without records on both sides: whole days, covered by one side or told otherwise."""
    for day in sorted({*one.daily, *other.daily}):
        here, there = (_value(side.daily, day) for side in (one, other))
        if here == there:
            continue
        kind, side = StepKind.unexplained, one
        why = f"{one.name} says {_plain(here)} of this day, {other.name} {_plain(there)}"
        lacking = next((side for side in (one, other) if not side.covers(day)), None)
        if lacking is not None:
            kind, side = StepKind.window, other if lacking is one else one
            why = f"{lacking.name} has no data of {day}"
        yield Line(kind, there - here, side.name, "", "", day, "", why)


def _value(daily: Mapping[date, Decimal], day: date) -> Decimal:
    return daily.get(day, Decimal(0))


def _plain(number: Decimal | None) -> str:
    if not number:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _line(kind: StepKind, amount: Decimal, ledger: Ledger, entry: Entry, why: str) -> Line:
    return Line(kind, amount, ledger.name, entry.table, entry.record, entry.day, entry.label, why)
