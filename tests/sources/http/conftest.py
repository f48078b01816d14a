"""A scripted server, and a client of it that does not sleep but notes how long it would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kvitto.sources.http import Http
from kvitto.sources.stream import Opening
from kvitto.workspace.definition import LimitsDefinition
from tests.sources.http.scripted import Scripted, scripted


def opening(*, private: bool = True, **limits: Any) -> Opening:
    """What a connector is opened with, for a server on this machine."""
    return Opening(
        "crm",
        None,
        lambda name: f"secret-{name}",
        lambda name, value: None,
        LimitsDefinition(**limits),
        allow_private=private,
    )


class Client:
    """Opens clients of the scripted server; ``waits`` are the seconds they would have slept."""

    def __init__(self, server: Scripted) -> None:
        self.server = server
        self.waits: list[float] = []

    def open(self, *, headers: dict[str, str] | None = None, **more: Any) -> Http:
        given = {
            name: more.pop(name)
            for name in ("auth", "per_second", "waits", "clock")
            if name in more
        }
        return Http(
            opening(**more),
            self.server.url,
            headers=headers or {},
            where="the Acme API",
            sleep=self.waits.append,
            **given,
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with scripted() as running:
        yield running


@pytest.fixture
def client(server: Scripted) -> Client:
    return Client(server)
