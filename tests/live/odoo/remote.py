"""A client of JSON-2 that knows nothing of ours: the second reader, and the hand that changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Remote:
    """One database of a server, real or not, as one user."""

    url: str
    database: str | None
    key: str

    def ask(self, model: str, method: str, **body: Any) -> tuple[int, Any]:
        """The status and the answer: data, or the text where it is none."""
        headers = {"Authorization": f"bearer {self.key}", "Content-Type": "application/json"}
        if self.database is not None:
            headers["X-Odoo-Database"] = self.database
        return self._request("POST", f"/json/2/{model}/{method}", json.dumps(body), headers)

    def call(self, model: str, method: str, **body: Any) -> Any:
        """The answer of a call that must succeed."""
        status, data = self.ask(model, method, **body)
        assert status == 200, data
        return data

    def version(self) -> Any:
        """What the server says of itself without a sign-in."""
        return self._request("GET", "/web/version", None, {})[1]

    def as_user(self, key: str) -> Remote:
        """The same database with another key."""
        return replace(self, key=key)

    def _request(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        parts = urlsplit(self.url)
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if "json" not in (answer.getheader("Content-Type") or ""):
            return answer.status, text
        return answer.status, json.loads(text)
