"""One session that several threads use: one budget, one pace, one renewal of a token."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from kvitto.errors import SourceBusy
from kvitto.sources.http import Once, guarded_session, refreshed
from kvitto.sources.http.patience import Patience
from kvitto.workspace.definition import LimitsDefinition
from tests.sources.http.conftest import Client, opening
from tests.sources.http.scripted import Scripted, data, scripted


def together(count: int, work: Callable[[], object]) -> list[object]:
    """What that many threads come to that begin at the same time; their errors too."""
    gate = threading.Barrier(count)

    def run() -> object:
        gate.wait(10)
        try:
            return work()
        except SourceBusy as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return [one.result(30) for one in [pool.submit(run) for _ in range(count)]]


def test_the_budget_is_not_overspent() -> None:
    patience = Patience("the Acme API", LimitsDefinition(requests=50))

    def spend() -> None:
        for _ in range(20):
            patience.spend()

    found = together(8, spend)
    assert patience.spent == 50
    assert sum(isinstance(one, SourceBusy) for one in found) >= 6


def test_the_pace_holds_for_all_together() -> None:
    slept: list[float] = []
    patience = Patience("the Acme API", LimitsDefinition(), per_second=5, sleep=slept.append)

    def spend() -> None:
        for _ in range(5):
            patience.spend()

    together(4, spend)
    # Five may come at once; the twentieth is three seconds later.
    assert max(slept) == pytest.approx(3.0, abs=0.3)
    assert len(slept) == 15


def test_threads_that_are_told_to_wait_at_once_wait_once() -> None:
    gate = threading.Barrier(4)

    def sleep(_seconds: float) -> None:
        gate.wait(10)

    patience = Patience("the Acme API", LimitsDefinition(wait_seconds=60), sleep=sleep)
    together(4, lambda: patience.wait(40))
    assert patience.waited == pytest.approx(40, abs=5)
    with pytest.raises(SourceBusy, match="within 60 seconds"):
        patience.wait(40)


def test_a_message_holds_no_secret_of_its_own_request_whatever_other_threads_send() -> None:
    patience = Patience("the Acme API", LimitsDefinition())
    patience.sent = {"s3cret-here"}
    together(2, lambda: setattr(patience, "sent", {"another"}))
    assert patience.secrets == {"s3cret-here"}


def test_a_token_is_renewed_once_for_all_threads(server: Scripted, client: Client) -> None:
    kept = {"client_id": "app", "client_secret": "s3cret-app", "refresh_token": "r3fresh-one"}
    with scripted() as issuer:
        issuer.answers(data({"access_token": "first", "refresh_token": "r3fresh-two"}))
        session = guarded_session(opening(), where="the Acme API")
        auth = refreshed(session, issuer.url, kept.__getitem__, kept.__setitem__, now=opening().now)
        http = client.open(auth=auth)
        together(4, lambda: http.get("deals"))
        assert len(issuer.asked) == 1
    assert kept["refresh_token"] == "r3fresh-two"


def test_what_is_asked_for_once_is_made_by_one_thread() -> None:
    once, made = Once(), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert together(8, lambda: once.get("owners", make)) == [1] * 8


def test_what_failed_is_tried_again() -> None:
    once = Once()
    with pytest.raises(ZeroDivisionError):
        once.get("rate", lambda: 1 // 0)
    assert "rate" not in once
    assert once.get("rate", lambda: 2) == 2
