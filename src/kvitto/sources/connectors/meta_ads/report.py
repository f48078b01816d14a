"""Figures per day: asked directly, prepared as a report, or in halves where it is too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.meta_ads.settings import MetaAdsSettings
from kvitto.sources.connectors.meta_ads.transport import WHERE, Refusal, Transport
from kvitto.sources.http import never_ending
from kvitto.sources.stream import Record

_TOO_MUCH = (100, 1487534)
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 20.0
_FAILED = ("Job Failed", "Job Skipped")


class TooMuch(Exception):
    """The server does not want to answer for so many days at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """Days of one account at one level."""

    account: str
    level: str
    fields: tuple[str, ...]
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it asks for."""
        return (self.last - self.first).days + 1

    def halves(self) -> tuple[Question, Question]:
        """The same days in two questions."""
        middle = self.first + timedelta(days=self.days // 2 - 1)
        return self._of(self.first, middle), self._of(middle + timedelta(days=1), self.last)

    def _of(self, first: date, last: date) -> Question:
        return Question(self.account, self.level, self.fields, first, last)


def answer_pages(
    transport: Transport, settings: MetaAdsSettings, question: Question
) -> Iterator[Sequence[Record]]:
    """The records, page by page. Raises :class:`Refusal` for the server's own errors."""
    try:
        if question.days > settings.report_days:
            yield from _reported(transport, settings, question)
        else:
            yield from _direct(transport, settings, question)
        return
    except TooMuch:
        if question.days == 1:
            yield from _last_way(transport, settings, question)
            return
    for half in question.halves():
        yield from answer_pages(transport, settings, half)


def _last_way(
    transport: Transport, settings: MetaAdsSettings, question: Question
) -> Iterator[Sequence[Record]]:
    """One day that is too much to be asked directly may still be had as a report."""
    try:
        yield from _reported(transport, settings, question)
    except TooMuch:
        raise BadAnswer.of(
            f"the figures of {question.first} of the account {question.account}",
            f"{WHERE} says that one day at the level {question.level} is too much",
            "Set levels: [campaign] in the source's settings.",
        ) from None


def _direct(
    transport: Transport, settings: MetaAdsSettings, question: Question
) -> Iterator[Sequence[Record]]:
    """Pages asked for directly. It is too much at once or not at all: never after a page."""
    path = f"act_{question.account}/insights"
    yield from never_ending(_checked(transport, path, _params(settings, question)), WHERE)


def _checked(
    transport: Transport, path: str, params: dict[str, object]
) -> Iterator[tuple[object, Sequence[Record]]]:
    pages = transport.pages(path, **params)
    begun = False
    while True:
        try:
            page = next(pages, None)
        except Refusal as refusal:
            if begun or (refusal.code, refusal.subcode) != _TOO_MUCH:
                raise
            raise TooMuch from None
        if page is None:
            return
        begun = True
        yield page


def _reported(
    transport: Transport, settings: MetaAdsSettings, question: Question
) -> Iterator[Sequence[Record]]:
    path = f"act_{question.account}/insights"
    try:
        run = transport.post(path, **_params(settings, question)).get("report_run_id")
    except Refusal as refusal:
        if (refusal.code, refusal.subcode) != _TOO_MUCH:
            raise
        raise TooMuch from None
    if not str(run or "").isdigit():
        raise BadAnswer.of(f"a report of {WHERE}", "an answer without its id", "Sync again.")
    _wait(transport, str(run))
    yield from never_ending(_checked(transport, f"{run}/insights", {}), WHERE)


def _wait(transport: Transport, run: str) -> None:
    """Until the report is there. A report that fails is taken for one that was too much."""
    pause = _FIRST_PAUSE
    while True:
        state = transport.get(run)
        status = state.get("async_status")
        if status == "Job Completed":
            return
        if status in _FAILED:
            raise TooMuch
        percent = state.get("async_percent_completion", 0)
        transport.wait(pause, f"the report is {percent} % ready")
        pause = min(pause * 2, _LONGEST_PAUSE)


def _params(settings: MetaAdsSettings, question: Question) -> dict[str, object]:
    params: dict[str, object] = {
        "level": question.level,
        "fields": ",".join(question.fields),
        "time_range": {"since": str(question.first), "until": str(question.last)},
        "time_increment": 1,
    }
    if settings.attribution:
        params["action_attribution_windows"] = list(settings.attribution)
    else:
        params["use_unified_attribution_setting"] = "true"
    return params
