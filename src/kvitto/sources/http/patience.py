"""How long and how often a server is asked: its own word, within the limits of the source."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from threading import Lock, local
from types import TracebackType
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util.retry import Retry

from kvitto.errors import SourceBusy
from kvitto.sources.http.word import said
from kvitto.sources.stream import Notice
from kvitto.workspace.definition import LimitsDefinition

FAILING = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})
"""Answers that mean: try again a little later."""

BUSY = 429
_TRIES = 4
_TURNS_AWAY = 20
_LONGEST_BACKOFF = 60.0
_LATE_CLOCK = timedelta(minutes=5)
_DAY_LEFT = "X-HubSpot-RateLimit-Daily-Remaining"
_DAY = 86_400.0
_WAIT_HEADERS = (
    "Retry-After",
    "RateLimit-Reset",
    "X-RateLimit-Reset",
    "X-Rate-Limit-Reset",
    "X-HubSpot-RateLimit-Interval-Milliseconds",
)


@dataclass(slots=True)
class Patience:
    """What a session has spent of its source's limits, and the server's clock.

    ``waits`` are headers in which this server says how long to wait, before the
    usual ones. ``per_second`` requests are begun at most. ``skew`` is how far
    the server's clock is ahead of ours, where that is more than five minutes.
    """

    where: str
    limits: LimitsDefinition
    per_second: float | None = None
    waits: tuple[str, ...] = ()
    sleep: Callable[[float], None] = time.sleep
    backoff: float = 0.5
    spent: int = 0
    waited: float = 0.0
    skew: timedelta | None = None
    notice: Callable[[Notice], None] | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    kept: set[str] = field(default_factory=set)
    _next: float = 0.0
    _waiting: int = 0
    _until: float = 0.0
    _lock: Lock = field(default_factory=Lock, repr=False)
    _here: local = field(default_factory=local, repr=False)

    @property
    def sent(self) -> set[str]:
        """The secrets of this thread's last request."""
        found: set[str] = getattr(self._here, "sent", set())
        return found

    @sent.setter
    def sent(self, secrets: set[str]) -> None:
        self._here.sent = secrets

    @property
    def secrets(self) -> set[str]:
        """What no message may hold: what we were told to keep, and what the last request held."""
        return self.kept | self.sent

    def spend(self) -> None:
        """Take one request of the budget, at its turn."""
        with self._lock:
            if self.spent >= self.limits.requests:
                raise SourceBusy.of(
                    f"{self.where} within {self.limits.requests} requests",
                    "the budget of this run is spent",
                    "What was read is kept and the next run goes on from there; "
                    "raise limits: requests: in the source's file to read more at once.",
                )
            self.spent += 1
            pause = self._take_turn(self.per_second) if self.per_second else 0.0
        if pause > 0:
            self.sleep(pause)

    def _take_turn(self, rate: float) -> float:
        """The seconds until the pace allows this request; a second's worth may come at once."""
        moment = time.monotonic()
        begin = max(self._next, moment)
        self._next = begin + 1 / rate
        return begin - moment - max(rate - 1, 0) / rate

    def wait(self, seconds: float, words: str = "") -> None:
        """Wait as the server asked, or say that it is too long."""
        with self._lock:
            # Threads that are told to wait at the same time wait once.
            until = time.monotonic() + seconds
            added = max(until - self._until, 0.0) if self._waiting else seconds
            self._check_wait(added, seconds, words)
            self.waited += added
            self._until = max(self._until, until) if self._waiting else until
            self._waiting += 1
        try:
            self.sleep(seconds)
        finally:
            with self._lock:
                self._waiting -= 1

    def _check_wait(self, added: float, seconds: float, words: str) -> None:
        if self.waited + added > self.limits.wait_seconds:
            heard = f' It says: "{words}".' if words else ""
            raise SourceBusy.of(
                f"{self.where} within {self.limits.wait_seconds} seconds of waiting",
                f"it asks to wait {_spoken(seconds)}"
                + (f" after {_spoken(self.waited)} already waited" if self.waited >= 1 else "")
                + f".{heard}",
                "What was read is kept and the next run goes on from there. Run again later, "
                "or raise limits: wait_seconds: in the source's file.",
            )

    def asked(self, headers: Mapping[str, str]) -> float | None:
        """The seconds that the server's headers ask to wait, or ``None``."""
        if headers.get(_DAY_LEFT) == "0":
            return _DAY
        for name in (*self.waits, *_WAIT_HEADERS):
            seconds = _seconds(headers.get(name), name, self._time_there(headers))
            if seconds is not None:
                return seconds
        return None

    def _time_there(self, headers: Mapping[str, str]) -> datetime:
        """The server's own clock, by which its dates are meant."""
        return _date(headers.get("Date")) or self.clock()

    def look_at_clock(self, headers: Mapping[str, str]) -> None:
        """Notice how far the server's clock is from ours."""
        there = _date(headers.get("Date"))
        if there is None:
            return
        ahead = there - self.clock()
        known = self.skew is not None
        self.skew = ahead if abs(ahead) > _LATE_CLOCK else None
        if self.skew is not None and not known and self.notice is not None:
            self.notice(_wrong_clock(self.where, self.skew))


def _wrong_clock(where: str, ahead: timedelta) -> Notice:
    minutes = round(abs(ahead.total_seconds()) / 60)
    way = "behind" if ahead > timedelta() else "ahead of"
    return Notice(
        None,
        "clock_wrong",
        f"This machine's clock is {minutes} minutes {way} that of {where}",
        "Set the clock; one of the two is wrong, and days may be counted wrongly until then.",
    )


def _seconds(text: str | None, name: str, there: datetime) -> float | None:
    """A wait in seconds out of a header: seconds, a date, an instant in seconds or ms."""
    if text is None:
        return None
    if not re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        until = _date(text)
        return None if until is None else max((until - there).total_seconds(), 0.0)
    number = float(text)
    if name.lower().endswith("milliseconds"):
        return number / 1000
    if number > 1e11:
        number = number / 1000
    return max(number - there.timestamp(), 0.0) if number > 1e9 else number


def _date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{round(seconds)} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"


class ServersWord(Retry):
    """Tries again: after the server's own word, or with growing pauses where it gave none.

    Being turned away (429) costs waiting time out of the source's limits;
    failures (5xx, broken connections) are tried a few times.
    """

    def __init__(
        self,
        *args: Any,
        patience: Patience | None = None,
        turns: int = 0,
        words: str = "",
        **options: Any,
    ) -> None:
        options.setdefault("raise_on_status", False)
        options.setdefault("allowed_methods", None)
        options.setdefault("status_forcelist", FAILING | {BUSY})
        super().__init__(*args, **options)
        self.patience = patience
        self.turns = turns
        self.words = words

    @classmethod
    def of(cls, patience: Patience) -> ServersWord:
        """The rule for one session."""
        tries = _TRIES - 1
        return cls(None, connect=tries, read=tries, status=tries, other=tries, patience=patience)

    def new(self, **options: Any) -> ServersWord:
        """The same rule with other counters."""
        kept = {"patience": self.patience, "turns": self.turns, "words": self.words}
        return super().new(**kept | options)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> ServersWord:
        """Count a failure; being turned away does not use up the tries for failures."""
        if isinstance(error, SSLError) and "certificate" in str(error).lower():
            raise error
        if response is None:
            return super().increment(method, url, None, error, _pool, _stacktrace)
        if response.status == BUSY:
            counted = self.new(turns=self.turns + 1)
        else:
            counted = super().increment(method, url, response, error, _pool, _stacktrace)
        return counted.new(words=self._heard(response))

    def _heard(self, response: BaseHTTPResponse) -> str:
        """The first words of a refusal; the rest is not read, for it may have no end."""
        try:
            piece = response.read1(4096, decode_content=True)
        except (HTTPError, OSError, HTTPException):
            piece = b""
        response.close()
        return said(piece, () if self.patience is None else self.patience.secrets)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait before the next try, and take that try out of the budget."""
        if self.patience is None:
            return
        asked = None if response is None else self.patience.asked(response.headers)
        turned_away = response is not None and response.status == BUSY
        if asked is None:
            count = self.turns if turned_away else len(self.history)
            asked = min(self.patience.backoff * 2 ** max(count - 1, 0), _LONGEST_BACKOFF)
            if not turned_away:
                self.patience.sleep(asked)
                self.patience.spend()
                return
        if self.turns > _TURNS_AWAY:
            asked = max(asked, self.patience.limits.wait_seconds + 1.0)
        self.patience.wait(asked, self.words)
        self.patience.spend()
