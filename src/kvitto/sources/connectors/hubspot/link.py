"""Which companies, contacts and deals a record belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kvitto.sources.connectors.hubspot.path import Paths
from kvitto.sources.http import Http
from kvitto.sources.stream import Notice, Opening


@dataclass(slots=True)
class Links:
    """Reads associations for a page of records; one that may not be read is told once."""

    http: Http
    paths: Paths
    opening: Opening
    refused: set[tuple[str, str]] = field(default_factory=set)

    def add(self, kind: str, links: Mapping[str, str], records: Sequence[dict[str, Any]]) -> None:
        """Set each record's fields to the id of the object it belongs to first of all."""
        for name, other in links.items():
            found = self._read(kind, other, [str(record["id"]) for record in records])
            for record in records:
                record[name] = found.get(str(record["id"]))

    def _read(self, kind: str, other: str, ids: Sequence[str]) -> dict[str, str]:
        if not ids or (kind, other) in self.refused:
            return {}
        answer = self.http.answer(
            "POST",
            self.paths.associations(kind, other),
            json={"inputs": [{"id": one} for one in ids]},
            expect={403},
        )
        if answer.status == 403:
            self.refused.add((kind, other))
            self.opening.notice(
                Notice(
                    kind,
                    "relation_refused",
                    f"Which {other} the {kind} belong to may not be read",
                    f"Give the private app the scope to read {other}, then sync from the start.",
                )
            )
            return {}
        results = answer.json().get("results") or []
        pairs = ((str(one["from"]["id"]), _first(one.get("to") or [])) for one in results)
        return {source: target for source, target in pairs if target is not None}


def _first(targets: Sequence[Mapping[str, Any]]) -> str | None:
    """The primary one; without one, the lowest id, so that each run says the same."""
    if not targets:
        return None
    chosen = min(targets, key=lambda one: (not _is_primary(one), int(str(one["toObjectId"]))))
    return str(chosen["toObjectId"])


def _is_primary(target: Mapping[str, Any]) -> bool:
    labels = (kind.get("label") for kind in target.get("associationTypes") or [])
    return any(str(label or "").lower().startswith("primary") for label in labels)
