"""Reports of Google Analytics 4 properties, page by page over REST."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kvitto.errors import BadAnswer, SourceBusy
from kvitto.sources.connectors.ga4.answer import Answer
from kvitto.sources.connectors.ga4.quota import DAILY, Quota
from kvitto.sources.connectors.ga4.remark import remarks
from kvitto.sources.connectors.ga4.settings import SCOPE, Ga4Settings
from kvitto.sources.connectors.ga4.stream import PROPERTY, Question, streams_of
from kvitto.sources.google.service import Denied, GoogleService
from kvitto.sources.stream import Account, Notice, Opening, Page, Stream, Wanted

_EARLIEST = date(2015, 8, 14)
_MONTHS = timedelta(days=3 * 365 + 1)


class Ga4:
    """The properties of one source. Follows :class:`kvitto.sources.stream.Api`."""

    def __init__(self, opening: Opening) -> None:
        assert isinstance(opening.settings, Ga4Settings)
        self._settings = opening.settings
        self._opening = opening
        self._streams = streams_of(opening.settings)
        self._quotas = {name: Quota() for name in opening.settings.properties}
        self._said: set[tuple[str, ...]] = set()
        self._service = GoogleService(
            opening,
            opening.settings,
            opening.settings.endpoint,
            scope=SCOPE,
            where="Google Analytics",
            advice="Give that address the role Viewer in the property's access management.",
        )

    def account(self) -> Account:
        """The properties that answer, with their time zone and currency."""
        question = Question((), ("activeUsers",))
        today = self._today(None)
        found: dict[str, Mapping[str, Any]] = {}
        refused: dict[str, str] = {}
        last: Denied | None = None
        for name in self._settings.properties:
            try:
                found[name] = self._ask(name, question, today, today, 0, 1).metadata
            except Denied as denied:
                refused[name] = denied.problems[0].found
                last = denied
        if not found and last is not None:
            raise last
        zones = {str(one.get("timeZone")) for one in found.values() if one.get("timeZone")}
        currencies = {str(one["currencyCode"]) for one in found.values() if "currencyCode" in one}
        return Account(
            "Google Analytics 4: " + ", ".join(f"property {name}" for name in found),
            timezone=zones.pop() if len(zones) == 1 else None,
            currency=currencies.pop() if len(currencies) == 1 else None,
            reads=tuple(self._streams),
            refused={f"property {name}": why for name, why in refused.items()},
        )

    def streams(self) -> Sequence[Stream]:
        """The reports that the settings ask for."""
        return tuple(stream for stream, _ in self._streams.values())

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The report of each property. One that refuses does not keep the others unread."""
        question = self._streams[stream.name][1]
        metrics = tuple(dict.fromkeys((*question.metrics, *wanted.fields)))
        asked = Question(question.dimensions, metrics, question.above_zero)
        refused: list[Denied] = []
        for name in self._settings.properties:
            try:
                for first, last in self._ranges(wanted):
                    yield from self._report(stream.name, name, asked, first, last)
            except Denied as denied:
                refused.append(denied)
                self._unread(stream.name, name, denied)
        if len(refused) == len(self._settings.properties):
            raise refused[0]

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """Nothing: days are read again whole."""
        yield from ()

    def close(self) -> None:
        """Let the connections go."""
        self._service.close()

    def _ranges(self, wanted: Wanted) -> Iterator[tuple[date, date]]:
        """The days asked for, in pieces; the Data API knows none before August 2015."""
        if wanted.first is None or wanted.last is None:
            today = self._today(self._opening.timezone)
            start = self._opening.since or (today - _MONTHS)
            yield max(start.replace(day=1), _EARLIEST), today
            return
        first = max(wanted.first, _EARLIEST)
        while first <= wanted.last:
            last = min(wanted.last, first + timedelta(days=self._settings.days_per_request - 1))
            yield first, last
            first = last + timedelta(days=1)

    def _report(
        self, stream: str, name: str, question: Question, first: date, last: date
    ) -> Iterator[Page]:
        """All pages of the days; where Google samples, of fewer days at a time."""
        answer = self._ask(name, question, first, last, 0, self._settings.page_rows)
        if answer.sampled and first < last and "date" in question.dimensions:
            middle = first + (last - first) // 2
            yield from self._report(stream, name, question, first, middle)
            yield from self._report(stream, name, question, middle + timedelta(days=1), last)
            return
        offset, before = 0, None
        while True:
            self._look(stream, answer, first, last)
            if answer.rows:
                yield tuple(answer.records())
            offset += answer.rows
            if offset >= answer.of_rows:
                return
            if not answer.rows or answer.first == before:
                raise BadAnswer.of(
                    f"read the report '{stream}' of the property {name}",
                    f"page after page says {answer.of_rows} rows, but none comes after {offset}",
                    "Try again later.",
                )
            before = answer.first
            answer = self._ask(name, question, first, last, offset, self._settings.page_rows)

    def _ask(
        self, name: str, question: Question, first: date, last: date, offset: int, limit: int
    ) -> Answer:
        quota = self._quotas[name]
        self._keep_within(name, quota)
        body: dict[str, object] = {
            "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
            "dimensions": [{"name": dimension} for dimension in question.dimensions],
            "metrics": [{"name": metric} for metric in question.metrics],
            "orderBys": [
                {"dimension": {"dimensionName": dimension}} for dimension in question.dimensions
            ],
            "limit": str(limit),
            "offset": str(offset),
            "returnPropertyQuota": True,
        }
        if question.above_zero is not None:
            body["metricFilter"] = _above_zero(question.above_zero)
        path = f"/{self._settings.version}/properties/{name}:runReport"
        answer = Answer.of(name, self._service.post(path, body))
        quota.told(answer.body.get("propertyQuota"))
        return answer

    def _keep_within(self, name: str, quota: Quota) -> None:
        """Stop before the property's tokens end: others of the client read it too."""
        ended = quota.ended()
        if ended is None:
            return
        asked = f"go on reading the property {name}"
        left = quota.left[ended]
        if ended == DAILY:
            raise SourceBusy.of(
                asked,
                f"of the day's tokens {left} are left, and a question costs up to {quota.dearest}",
                "What was read is kept; the tokens come back at midnight Pacific time.",
            )
        now = self._opening.now()
        self._service.wait(
            3600 - (now.minute * 60 + now.second),
            f"of the hour's tokens {left} are left, and a question costs up to {quota.dearest}",
        )
        quota.left.pop(ended)

    def _look(self, stream: str, answer: Answer, first: date, last: date) -> None:
        """What Google says of the figures becomes findings: once per stream and property."""
        for notice in remarks(stream, answer, f"{first} to {last}"):
            said = (stream, answer.site, notice.code)
            if said not in self._said:
                self._said.add(said)
                self._opening.notice(notice)

    def _unread(self, stream: str, name: str, denied: Denied) -> None:
        problem = denied.problems[0]
        self._opening.notice(
            Notice(
                stream,
                "part_refused",
                f"the property {name} could not be read: {problem.found}",
                problem.todo,
                severity="error",
                unread={PROPERTY: name},
            )
        )

    def _today(self, zone: str | None) -> date:
        now: datetime = self._opening.now()
        return now.astimezone(ZoneInfo(zone) if zone else UTC).date()


def _above_zero(metric: str) -> dict[str, object]:
    above = {"operation": "GREATER_THAN", "value": {"doubleValue": 0}}
    return {"filter": {"fieldName": metric, "numericFilter": above}}
