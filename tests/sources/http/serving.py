"""What every server over loopback shares: a free port, a thread, and how an answer is written."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class Answering(BaseHTTPRequestHandler):
    """One connection; whoever stands in for a server says in :meth:`serve` what it answers."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: the second one would wait for the receipt of the first.
    disable_nagle_algorithm = True
    dated: ClassVar[bool] = True
    """Whether answers carry the machine's time; not where a test has a clock of its own."""

    def serve(self) -> None:
        """Answer the request that has come."""
        raise NotImplementedError

    def taken(self) -> bytes:
        """The body of the request, which may be read once."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send_json(
        self, status: int, data: object, headers: Mapping[str, str] | None = None
    ) -> None:
        """The answer as JSON."""
        self.send(status, json.dumps(data).encode(), "application/json", headers)

    def send(
        self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """The answer with its length; ``headers`` may say another kind."""
        if self.dated:
            self.send_response(status)
        else:
            self.send_response_only(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """All methods are answered in one place."""
        self.serve()

    def do_POST(self) -> None:
        """The same."""
        self.serve()

    def do_PATCH(self) -> None:
        """The same."""
        self.serve()

    def do_DELETE(self) -> None:
        """The same."""
        self.serve()

    def do_HEAD(self) -> None:
        """The same."""
        self.serve()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no failure here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server of this handler, on a free port of 127.0.0.1."""
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
