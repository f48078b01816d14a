"""A server over loopback that answers what a test tells it to, in order."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.sources.http.serving import Answering, listening


@dataclass
class Reply:
    """One answer: status, headers and a body, or pieces of one without a length."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = None
    length: int | None = None


@dataclass
class Asked:
    """What came: method, path with query, headers in lower case, body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Scripted:
    """Gives the replies one after the other; the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.asked: list[Asked] = []
        self.sent = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def data(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply of JSON; ``Retry_After`` stands for the header ``Retry-After``."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


@contextmanager
def scripted() -> Iterator[Scripted]:
    """The server, on a free port of 127.0.0.1."""
    state = Scripted()

    class Handler(Answering):
        def serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.asked.append(Asked(self.command, self.path, headers, self.taken()))
            reply = state.next()
            self.send_response_only(reply.status)
            if "Date" not in reply.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.pieces is None:
                size = len(reply.body) if reply.length is None else reply.length
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = reply.length is not None
            else:
                self.send_header("Connection", "close")
                self.end_headers()
                self._pour(reply.pieces())
                self.close_connection = True

        def _pour(self, pieces: Iterator[bytes]) -> None:
            for piece in pieces:
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except OSError:
                    return
                state.sent += len(piece)

    with listening(Handler) as url:
        state.port = int(url.rpartition(":")[2])
        yield state


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
