"""Every number in a text: figures, words, fractions, with sign, unit and rounding.

A number that cannot be read in any known way is still found, without a
reading, so that it cannot pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kvitto.report.narrative.reading import Reading

_CORE = re.compile(r"(?:(?<![\w.,])[.,])?\d+(?:[.,']\d+|(?: \d{3})(?!\d))*")
_LONGEST = 24
_CODES = (
    "SEK|NOK|DKK|ISK|EUR|USD|GBP|CHF|PLN|CZK|HUF|RON|CAD|AUD|NZD|JPY|CNY|INR|KRW|BRL|MXN|ZAR"
    "|SGD|HKD"
)
_PREFIX = re.compile(
    rf"(?:(?P<sign>[+\-–±]) ?)?(?P<money>(?:[A-Z]{{1,2}})?[$€£¥]|\b(?i:{_CODES})|\b[Kk]r\.?)"
    r" ?(?P<inner>[+\-–])?$"
)
_SIGN = re.compile(r"(?P<sign>[+\-–±]) ?$")
_GLUED = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[\w]*(?:[.,'\-][\w]+)*")
_SUFFIX = re.compile(
    r" ?(?P<word>tkr|mkr|mnkr|mdkr|mdr|md|mn|mio|mln|bn|milj|tn|tsek|msek|ksek)\b\.?"
    r"|(?P<letter>[kKmMbB])(?![^\W_])|(?P<apart> [kmb])(?= ?(?:kr\b|[$€£]))",
    re.IGNORECASE,
)
_TIMES: dict[str, tuple[float, str]] = {
    "k": (1e3, ""),
    "tn": (1e3, ""),
    "m": (1e6, ""),
    "mn": (1e6, ""),
    "mio": (1e6, ""),
    "mln": (1e6, ""),
    "milj": (1e6, ""),
    "b": (1e9, ""),
    "bn": (1e9, ""),
    "md": (1e9, ""),
    "mdr": (1e9, ""),
    "tkr": (1e3, "kr"),
    "mkr": (1e6, "kr"),
    "mnkr": (1e6, "kr"),
    "mdkr": (1e9, "kr"),
    "tsek": (1e3, "SEK"),
    "ksek": (1e3, "SEK"),
    "msek": (1e6, "SEK"),
}
_MONEY_AFTER = re.compile(rf" ?(?P<money>(?:[A-Z]{{1,2}})?[$€£¥]|[NDI]?[Kk]r\b\.?|(?i:{_CODES})\b)")
_SIGNS = {"-": -1, "–": -1, "+": 1}


@dataclass(frozen=True, slots=True)
class Read:
    """One way to read a number: its size and the last place that is written."""

    number: float
    step: float


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the view. ``start`` to ``end`` includes its sign and unit.

    ``sign`` is 0 where none is written; ``paren`` where it stands alone in
    parentheses, as book-keepers write negatives. ``unit`` is "", percent,
    points, times, money, duration or count; ``money`` the sign or code as
    written; ``noun`` the canonical noun of a count or duration.
    """

    start: int
    end: int
    reads: tuple[Read, ...]
    sign: int = 0
    paren: bool = False
    unit: str = ""
    money: str = ""
    noun: str = ""
    odd: str = ""
    inner: int = 0


def figures_in(reading: Reading, blocked: Sequence[tuple[int, int]]) -> list[Number]:
    """Numbers written in digits, outside the ``blocked`` stretches of the view."""
    view = _blanked(reading.view, blocked)
    found: list[Number] = []
    at = 0
    while (match := _CORE.search(view, at)) is not None:
        number = _figure(view, match)
        found.append(number)
        at = max(match.end(), number.inner)
    found += _other_numerals(view)
    return sorted(found, key=lambda number: number.start)


def readings(text: str) -> tuple[Read, ...]:
    """The ways to read digits with their separators; empty where there is none.

    A single comma or point before three digits may group or divide: both ways
    are kept, and a fact must settle it.
    """
    if len(text) > _LONGEST:
        return ()
    plain = text.replace(" ", "").replace("'", "")
    spaced = plain != text
    commas, points = plain.count(","), plain.count(".")
    ways: list[str] = []
    if commas and points:
        last = max(plain.rfind(","), plain.rfind("."))
        mark, other = plain[last], "," if plain[last] == "." else "."
        if plain.count(mark) == 1 and _grouped(plain[:last], other):
            ways.append(plain[:last].replace(other, "") + "." + plain[last + 1 :])
    elif commas or points:
        mark = "," if commas else "."
        if plain.count(mark) == 1:
            ways.append(plain.replace(mark, "."))
        if not spaced and _grouped(plain, mark):
            ways.append(plain.replace(mark, ""))
    else:
        ways.append(plain)
    return tuple(_read(way) for way in ways)


def _grouped(text: str, mark: str) -> bool:
    head, *groups = text.split(mark)
    return bool(1 <= len(head) <= 3 and all(len(group) == 3 for group in groups))


def _read(text: str) -> Read:
    _, _, decimals = text.partition(".")
    return Read(float(text), 10.0 ** -len(decimals))


def _figure(view: str, match: re.Match[str]) -> Number:
    number = Number(match.start(), match.end(), readings(match[0]), inner=match.end())
    number = _with_glued(view, _with_prefix(view, number))
    if number.odd:
        return number
    number = _with_money_after(view, _with_multiplier(view, number))
    if view[number.end : number.end + 1] == "%":
        number = replace(number, end=number.end + 1, unit="percent")
    elif view[number.end : number.end + 2] == " %":
        number = replace(number, end=number.end + 2, unit="percent")
    around = view[number.start - 1 : number.start], view[number.end : number.end + 1]
    return replace(number, paren=around == ("(", ")"))


def _with_prefix(view: str, number: Number) -> Number:
    before = view[max(0, number.start - 12) : number.start]
    found = _PREFIX.search(before)
    if found is not None:
        start = number.start - (len(before) - found.start())
        sign = found["sign"] or found["inner"] or ""
        if not (found["sign"] and _joined(view, start)):
            return replace(
                number,
                start=start,
                unit="money",
                money=found["money"].strip(),
                sign=_SIGNS.get(sign, 0),
                odd="±" if sign == "±" else "",
            )
    found = _SIGN.search(before)
    if found is None:
        return number
    start = number.start - (len(before) - found.start())
    apart = found[0] != found["sign"]
    if _joined(view, start) or (apart and found["sign"] != "+"):
        return number
    return replace(
        number,
        start=start,
        sign=_SIGNS.get(found["sign"], 0),
        odd="±" if found["sign"] == "±" else "",
    )


def _joined(view: str, start: int) -> bool:
    """Whether a sign at ``start`` follows a letter or digit: a range or a compound."""
    return start > 0 and (view[start - 1].isalnum() or view[start - 1] in "%)")


def _with_glued(view: str, number: Number) -> Number:
    """Letters without a space around the digits: "12k" is read, "GTX500" is not."""
    before = number.start > 0 and (
        view[number.start - 1].isalnum() or view[number.start - 1] == "_"
    )
    after = _GLUED.match(view, number.end)
    if before and not number.unit:
        start = number.start
        while start > 0 and (view[start - 1].isalnum() or view[start - 1] in "_-"):
            start -= 1
        return _odd(view, replace(number, start=start))
    if after is None or _SUFFIX.match(view, number.end) or _MONEY_AFTER.match(view, number.end):
        return number
    if after[0] == "x":
        return replace(number, end=after.end(), unit="times")
    return _odd(view, number)


def _odd(view: str, number: Number) -> Number:
    """A number that cannot be read: all that hangs together with it is marked."""
    run = _RUN.match(view, number.end)
    end = run.end() if run is not None else number.end
    return replace(number, end=end, odd="glued", inner=end)


def _with_multiplier(view: str, number: Number) -> Number:
    found = _SUFFIX.match(view, number.end)
    if found is None:
        return number
    name = (found["word"] or found["letter"] or found["apart"]).strip().lower()
    times, money = _TIMES[name]
    end = found.end() - (1 if found[0].endswith(".") else 0)
    number = scaled(replace(number, end=end), times)
    return replace(number, unit="money", money=money) if money else number


def scaled(number: Number, times: float) -> Number:
    """The number times a thousand, a million, ...; its rounding grows with it."""
    reads = tuple(Read(read.number * times, read.step * times) for read in number.reads)
    return replace(number, reads=reads)


def _with_money_after(view: str, number: Number) -> Number:
    if number.unit:
        return number
    found = _MONEY_AFTER.match(view, number.end)
    if found is None:
        return number
    money = found["money"].rstrip(".")
    end = found.start("money") + len(money)
    return replace(number, end=end, unit="money", money=money)


def _other_numerals(view: str) -> list[Number]:
    """Numerals that are no digits: fractions, Roman and other scripts' numbers."""
    found = []
    for place, char in enumerate(view):
        if char.isascii() or char.isdigit():
            continue
        size = unicodedata.numeric(char, None)
        if size is not None:
            mixed = place > 0 and view[place - 1].isdigit()
            reads = () if mixed else (Read(float(size), 0.01),)
            found.append(Number(place, place + 1, reads, inner=place + 1))
    return found


def _blanked(view: str, blocked: Sequence[tuple[int, int]]) -> str:
    """The view with blocked stretches made invisible for numbers."""
    letters = list(view)
    for start, end in blocked:
        letters[start:end] = ["\x00"] * (end - start)
    return "".join(letters)
