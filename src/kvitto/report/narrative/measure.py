"""Numbers of a sentence, in digits and in words, with the units that follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kvitto.report.narrative.lexicon import Lexicon, Unit
from kvitto.report.narrative.number import Number, Read, figures_in, scaled
from kvitto.report.narrative.phrase import Found
from kvitto.report.narrative.reading import Reading

Span = tuple[int, int]
_ADJECTIVES = 2
"""How many words may stand between a number and what it counts."""


def numbers_in(reading: Reading, lexicon: Lexicon, blocked: Sequence[Span]) -> list[Number]:
    """All numbers outside the ``blocked`` stretches, from left to right."""
    fractions = [(each.start, each.end) for each in lexicon.fractions.find(reading)]
    closed = [*blocked, *fractions]
    found = figures_in(reading, closed)
    taken = [*closed, *((number.start, number.end) for number in found)]
    units = {each.start: each for each in lexicon.units.find(reading)}
    for word in lexicon.numbers.find(reading):
        if not any(word.start < end and start < word.end for start, end in taken):
            number = _in_words(word, units, lexicon)
            found += [number] if number is not None else []
    found = [_with_unit(number, reading, units, lexicon) for number in found]
    found += _unspoken(reading, lexicon, units, [*closed, *((n.start, n.end) for n in found)])
    found = [_with_word_sign(number, reading, lexicon) for number in found]
    ordered = sorted(found, key=lambda number: number.start)
    return _ranged(ordered, reading, lexicon)


def _in_words(word: Found[int], units: dict[int, Found[Unit]], lexicon: Lexicon) -> Number | None:
    """A number word; "one" and "en" only where they cannot be an article or a pronoun."""
    unit = units.get(word.end + 1)
    if word.payload == 1:
        kinds = ("multiplier",) if "en" in lexicon.set("articles_that_count") else _ALL
        if unit is None or unit.payload.kind not in kinds:
            return None
    return Number(word.start, word.end, (Read(float(word.payload), 1.0),), inner=word.end)


def _unspoken(
    reading: Reading, lexicon: Lexicon, units: dict[int, Found[Unit]], taken: Sequence[Span]
) -> list[Number]:
    """Numbers without a digit or a number word: "a hundred deals", "no deals"."""
    found: list[Number] = []
    for unit in units.values():
        if any(unit.start < end and start < unit.end for start, end in taken):
            continue
        if unit.payload.kind == "multiplier":
            size = unit.payload.times
            number = Number(unit.start, unit.end, (Read(size, 1.0),), inner=unit.end)
            found.append(_with_unit(number, reading, units, lexicon))
        before = [token for token in reading.tokens if token.end <= unit.start][-1:]
        none = before and before[0].text in lexicon.set("none_of")
        if none and unit.payload.kind == "count" and not _inside(before[0].start, taken):
            start, end = before[0].start, before[0].end
            nothing = (Read(0.0, 1.0),)
            found.append(Number(start, end, nothing, unit="count", noun=unit.payload.name))
    return found


def _inside(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)


def _with_word_sign(number: Number, reading: Reading, lexicon: Lexicon) -> Number:
    """ "minus 14 percent", "plus 14"."""
    before = [token for token in reading.tokens if token.end <= number.start][-1:]
    for name, sign in (("plus", 1), ("minus", -1)):
        if before and not number.sign and before[0].text in lexicon.set(name):
            return replace(number, start=before[0].start, sign=sign)
    return number


_ALL = ("multiplier", "count", "percent", "points", "duration", "money", "times")


def _with_unit(
    number: Number, reading: Reading, units: dict[int, Found[Unit]], lexicon: Lexicon
) -> Number:
    if number.odd:
        return number
    unit = _next(number.end, reading, units)
    while unit is not None and unit.payload.kind == "multiplier":
        number = replace(scaled(number, unit.payload.times), end=unit.end)
        unit = _next(number.end, reading, units)
    if number.unit == "percent" or (number.unit and number.unit != "times"):
        return number
    if unit is None:
        noun = _noun(number, reading, units, lexicon)
        return replace(number, unit="count", noun=noun) if noun else number
    kind, name = unit.payload.kind, unit.payload.name
    if kind == "count":
        return replace(number, unit=kind, noun=name)
    money = name if kind == "money" else ""
    noun = name if kind == "duration" else ""
    return replace(number, end=unit.end, unit=kind, money=money, noun=noun)


def _next(end: int, reading: Reading, units: dict[int, Found[Unit]]) -> Found[Unit] | None:
    if end in units:
        return units[end]
    return units.get(end + 1) if reading.view[end : end + 1] in (" ", "-") else None


def _noun(number: Number, reading: Reading, units: dict[int, Found[Unit]], lexicon: Lexicon) -> str:
    """What is counted, past an adjective or two ("37 new deals")."""
    following = [token for token in reading.tokens if token.start >= number.end]
    for token in following[: _ADJECTIVES + 1]:
        unit = units.get(token.start)
        if unit is not None:
            return unit.payload.name if unit.payload.kind == "count" else ""
        if not token.text.isalpha() or token.text in lexicon.set("boundaries"):
            return ""
    return ""


def _ranged(numbers: list[Number], reading: Reading, lexicon: Lexicon) -> list[Number]:
    """Both ends of a range share the unit that is written once."""
    for place in range(len(numbers) - 1):
        one, other = numbers[place], numbers[place + 1]
        between = reading.view[one.end : other.start].strip()
        if between not in lexicon.set("ranges"):
            continue
        if not one.unit and other.unit and other.unit != "count":
            numbers[place] = replace(one, unit=other.unit, money=other.money, noun=other.noun)
        elif one.unit == "money" and not other.unit:
            numbers[place + 1] = replace(other, unit="money", money=one.money)
    return numbers
