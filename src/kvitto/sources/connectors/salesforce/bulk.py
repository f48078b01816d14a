"""Large results by a bulk job: asked once, prepared by the server, fetched in parts as CSV."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from kvitto.errors import BadAnswer, KvittoError, SourceBusy
from kvitto.sources.connectors.salesforce.transport import WHERE, Refusal, Transport
from kvitto.sources.stream import Record

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_OVER = ("JobComplete", "Failed", "Aborted")


def bulk_pages(
    transport: Transport,
    query: str,
    size: int,
    wait_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[object, Sequence[Record]]]:
    """The records of ``query`` with those in the recycle bin, as (next locator, texts by name).

    Raises :class:`Refusal` before the first page where bulk jobs cannot do it.
    """
    job = _begin(transport, query)
    path = f"{transport.root}/jobs/query/{job}"
    try:
        _wait(transport, path, wait_seconds, sleep)
        locator: str | None = None
        while True:
            asked = {"maxRecords": size, **({} if locator is None else {"locator": locator})}
            answer = transport.ask(
                "GET", f"{path}/results", params=asked, headers={"Accept": "text/csv"}
            )
            locator = answer.headers.get("Sforce-Locator")
            # The server writes the word where there is no more.
            locator = None if locator in (None, "", "null") else locator
            yield locator, _rows(answer.text)
            if locator is None:
                return
    finally:
        _forget(transport, path)


def _begin(transport: Transport, query: str) -> str:
    asked = {"operation": "queryAll", "query": query, "contentType": "CSV", "lineEnding": "LF"}
    data = transport.ask("POST", f"{transport.root}/jobs/query", json=asked).json()
    job = data.get("id") if isinstance(data, Mapping) else None
    if not isinstance(job, str) or not job.isalnum():
        raise BadAnswer.of(f"a bulk job of {WHERE}", "an answer without its id", "Sync again.")
    return job


def _wait(transport: Transport, path: str, seconds: float, sleep: Callable[[float], None]) -> None:
    waited, pause = 0.0, _FIRST_PAUSE
    while True:
        state = transport.data(path)
        if state.get("state") in _OVER:
            break
        if waited >= seconds:
            transport.ask("PATCH", path, json={"state": "Aborted"})
            raise SourceBusy.of(
                f"a bulk job of {WHERE} within {seconds:g} seconds",
                "it is still being prepared",
                "Sync again later, or raise limits: wait_seconds: in the source's file.",
            )
        sleep(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)
    if state["state"] != "JobComplete":
        raise BadAnswer.of(
            f"a bulk job of {WHERE}",
            f'{state["state"]}: "{state.get("errorMessage") or "no reason given"}"',
            "Sync again, or set bulk_above higher so that pages are read instead.",
        )


def _rows(text: str) -> Sequence[Record]:
    lines = csv.reader(io.StringIO(text.replace("\x00", "")))
    header = next(lines, [])
    rows = []
    for line in lines:
        if len(line) != len(header):
            raise BadAnswer.of(
                f"a part of a bulk result of {WHERE}",
                f"a record of {len(line)} values under {len(header)} names",
                "Sync again.",
            )
        rows.append(dict(zip(header, line, strict=True)))
    return rows


def _forget(transport: Transport, path: str) -> None:
    """Take the job away; where that fails, the server does it after seven days."""
    try:
        transport.ask("DELETE", path)
    except (Refusal, KvittoError):
        return
