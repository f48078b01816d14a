"""Odoo's JSON-2: one request per call of a model's method, refusals in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kvitto.errors import BadAnswer, KvittoError, SourceRefused
from kvitto.sources.connectors.odoo.entity import Term
from kvitto.sources.connectors.odoo.settings import OdooSettings
from kvitto.sources.http import Http, Once
from kvitto.sources.stream import Opening

FIRST_WITH_JSON2 = 19
_TELLING = (403, 404, 422)


class Service:
    """A signed-in client of one database."""

    def __init__(self, opening: Opening, settings: OdooSettings) -> None:
        key = opening.secret("api_key")
        headers = {"Authorization": f"bearer {key}"}
        if settings.database is not None:
            headers["X-Odoo-Database"] = settings.database
        self._settings = settings
        self._http = Http(opening, settings.url, headers=headers, where="Odoo")
        self._http.hide(key)
        # Archived records are records: lost leads, former users, closed projects.
        self._context: dict[str, object] = {"active_test": False}
        if settings.language is not None:
            self._context["lang"] = settings.language
        self._once = Once()

    def call(self, model: str, method: str, **arguments: object) -> Any:
        """What the method gives.

        Raises ``BadAnswer`` where the server has no such model, ``SourceRefused``
        where the key's user may not read it.
        """
        body = {"context": self._context, **arguments}
        answer = self._http.answer("POST", f"json/2/{model}/{method}", json=body, expect=_TELLING)
        if answer.status not in _TELLING:
            return answer.json()
        words = _message(answer.content)
        if words is None:
            raise self._not_there(model)
        if answer.status == 403:
            raise SourceRefused.of(
                f"read {model} in Odoo",
                words,
                "Give the user of the API key the right to read it, or leave the stream out.",
            )
        raise BadAnswer.of(
            f"read {model} in Odoo",
            words,
            "Install the app that it belongs to, or leave the stream out."
            if answer.status == 404
            else "Report it with the version of Odoo: its interface has changed.",
        )

    def search(self, model: str, domain: Sequence[Term], **more: object) -> list[int]:
        """The numbers of the records."""
        found = self.call(model, "search", domain=list(domain), **more)
        return [int(number) for number in _listed(found, model)]

    def records(
        self, model: str, domain: Sequence[Term], fields: Sequence[str], **more: object
    ) -> list[dict[str, Any]]:
        """The records with those of the fields that this server has."""
        known = self.fields(model)
        asked = [name for name in fields if name in known]
        found = self.call(model, "search_read", domain=list(domain), fields=asked, **more)
        return [dict(record) for record in _listed(found, model)]

    def fields(self, model: str) -> Mapping[str, Any]:
        """The model's fields that the key's user may see, with their types."""

        def ask() -> Mapping[str, Any]:
            told = self.call(model, "fields_get", attributes=["type"])
            if not isinstance(told, dict):
                raise _odd(model, told)
            return told

        found: Mapping[str, Any] = self._once.get(("fields", model), ask)
        return found

    def may_read(self, model: str) -> bool:
        """Whether the key's user may read records of the model."""
        return bool(
            self._once.get(
                ("access", model), lambda: self.call(model, "has_access", operation="read")
            )
        )

    def version(self) -> tuple[int | None, str]:
        """The server's main version, where it can be told, and how it writes it."""
        answer = self._http.answer("GET", "web/version", expect=(404,))
        told = _data(answer.content) if answer.status == 200 else None
        if told is None:
            # Up to Odoo 18 the version is told at another place.
            older = self._http.answer(
                "POST", "web/webclient/version_info", json={}, expect=(400, 404)
            )
            said = _data(older.content)
            told = said.get("result") if isinstance(said, dict) else None
            told = {"version": (told or {}).get("server_version"), **(told or {})}
        if not isinstance(told, dict):
            return None, "unknown"
        parts = told.get("version_info") or told.get("server_version_info") or [None]
        digits = "".join(sign for sign in str(parts[0]) if sign.isdigit())
        return (int(digits) if digits else None), str(told.get("version") or "unknown")

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _not_there(self, model: str) -> KvittoError:
        """Why a page of HTML came instead of an answer."""
        number, version = self.version()
        if number is not None and number < FIRST_WITH_JSON2:
            return BadAnswer.of(
                f"read {model} over Odoo's JSON-2 interface",
                f"this server is Odoo {version}, and the interface came with Odoo"
                f" {FIRST_WITH_JSON2}",
                "Upgrade it, or read its database or exported files as a source instead.",
            )
        named = self._settings.database
        found = "it serves no database of the name" if named else "it does not know which database"
        return BadAnswer.of(
            f"the database {named!r} at {self._settings.url}"
            if named
            else f"the database at {self._settings.url}",
            f"{found} (Odoo {version})",
            "Write settings: database: with its name; in a browser it stands at /web/database/"
            "selector or in the address.",
        )


def _listed(found: object, model: str) -> Sequence[Any]:
    if not isinstance(found, list):
        raise _odd(model, found)
    return found


def _odd(model: str, found: object) -> KvittoError:
    return BadAnswer.of(
        f"a list of {model} from Odoo",
        f"it is {type(found).__name__}: {str(found)[:80]}",
        "Check the address: another program may answer there.",
    )


def _data(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _message(content: bytes) -> str | None:
    """The first sentence of what Odoo says; ``None`` where it is not Odoo's own words."""
    said = _data(content)
    if not isinstance(said, dict) or "message" not in said:
        return None
    return str(said["message"]).strip().split("\n", 1)[0]
