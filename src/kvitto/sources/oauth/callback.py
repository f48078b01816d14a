"""The answer of the browser: one request to a server of our own, on this machine only."""

from __future__ import annotations

import hmac
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kvitto.errors import Busy

PATH = "/callback"
_LOOPBACK = "127.0.0.1"
_LONGEST = 8192
_SLOWEST = 5.0
"""Seconds in which a caller must have said what it wants."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the vendor sent the browser back with: a code, or why there is none."""

    code: str = ""
    error: str = ""
    words: str = ""


@dataclass(slots=True)
class Callback:
    """A server that waits for the one answer that knows ``state``.

    Whatever comes with another state is turned away and counted in ``strange``.
    """

    state: str
    port: int = 0
    strange: int = 0
    _arrived: queue.Queue[Arrived] = field(default_factory=lambda: queue.Queue(1))

    def wait(self, seconds: float) -> Arrived | None:
        """The answer; ``None`` where none came in time."""
        try:
            return self._arrived.get(timeout=seconds)
        except queue.Empty:
            return None

    def take(self, query: str) -> tuple[int, str]:
        """Look at an answer: the status and the words for the person at the browser."""
        said = {name: values[0] for name, values in parse_qs(query).items()}
        if not hmac.compare_digest(said.get("state", "").encode(), self.state.encode()):
            self.strange += 1
            return 400, "This answer belongs to another sign-in. Nothing was changed."
        if not said.get("code") and not said.get("error"):
            return 400, "This answer says nothing. Nothing was changed."
        found = Arrived(
            said.get("code", "") if not said.get("error") else "",
            said.get("error", ""),
            said.get("error_description", ""),
        )
        try:
            self._arrived.put_nowait(found)
        except queue.Full:
            return 400, "There was an answer already. Nothing was changed."
        if found.error:
            return 200, "Access was not given. You can close this window."
        return 200, "Thank you. You can close this window and go back to Kvitto."


@contextmanager
def listening(state: str, port: int = 0) -> Iterator[Callback]:
    """Listen on 127.0.0.1 while the block runs; ``port`` 0 takes any that is free.

    Raises :class:`Busy` where somebody listens on that port already.
    """
    callback = Callback(state)
    try:
        server = _Server((_LOOPBACK, port), _handler(callback))
    except OSError as error:
        raise Busy.of(
            f"listen on port {port} of this machine",
            error.strerror or "it cannot be had",
            "Wait for the other sign-in to end, or name another port with --port "
            "(and allow it at the vendor's app).",
        ) from None
    callback.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield callback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Another sign-in on the same port must fail, not share its answers.
    allow_reuse_port = False
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the address that was asked for holds the code."""


def _handler(callback: Callback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SLOWEST

        def do_GET(self) -> None:
            """Take the answer, and thank the person with a page that holds nothing of it."""
            parts = urlsplit(self.path)
            if parts.path != PATH or len(self.path) > _LONGEST:
                self._say(404, "There is nothing here.")
                return
            self._say(*callback.take(parts.query))

        def _say(self, status: int, words: str) -> None:
            page = (
                '<!doctype html><html lang="en"><meta charset="utf-8"><title>Kvitto</title>'
                f"<p>{words}</p></html>"
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args: object) -> None:
            """Say nothing: the address that was asked for holds the code."""

        def version_string(self) -> str:
            return "kvitto"

    return Handler
