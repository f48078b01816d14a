"""How healthy a client's data is: a score whose parts are shown, by source, and its course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kvitto.app.house import House
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.audit.register.health import HealthPart


@dataclass(frozen=True, slots=True)
class Score:
    """A score, 0 to 100, with its parts; ``None`` where nothing can be counted.

    ``name`` is a source's, or empty for the client as a whole.
    """

    name: str
    score: float | None
    parts: tuple[HealthPart, ...]

    def document(self) -> dict[str, object]:
        """As data, with what each part is a share of."""
        return {
            "name": self.name,
            "score": None if self.score is None else round(self.score, 1),
            "parts": [
                {
                    "name": one.name,
                    "weight": one.weight,
                    "part": one.part,
                    "whole": one.whole,
                    "share": None if one.share is None else round(one.share, 4),
                }
                for one in self.parts
            ],
        }


@dataclass(frozen=True, slots=True)
class DataHealth:
    """One client's health on the day of the last audit, and on every audited day before."""

    client: str
    day: date | None
    whole: Score
    sources: tuple[Score, ...]
    course: tuple[tuple[date, float | None], ...]

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "day": None if self.day is None else self.day.isoformat(),
            **{key: value for key, value in self.whole.document().items() if key != "name"},
            "sources": [one.document() for one in self.sources],
            "course": [
                {"day": day.isoformat(), "score": None if found is None else round(found, 1)}
                for day, found in self.course
            ],
        }


def data_health(house: House, who: Who, client: str | None = None) -> tuple[DataHealth, ...]:
    """The health of one client's data, or of all in scope.

    It is what the last sync found; without an audit there is no day and no score.
    Raises :class:`WarehouseFailed` where nothing was published yet.
    """
    require_team(who, "see the health of the data", client)
    clients = sorted(who.scope.clients) if client is None else [client]
    with house.readers.reading() as reader:
        rows = reader.query(
            "SELECT client_id, snapshot_on, measure, coalesce(source, ''), sum(part), sum(whole)"
            " FROM data_states WHERE list_contains($clients, client_id)"
            " AND list_contains($measures, measure) GROUP BY ALL ORDER BY ALL",
            {"clients": clients, "measures": list(_weights())},
        )
    return tuple(_of_client(one, [row[1:] for row in rows if row[0] == one]) for one in clients)


def _weights() -> Mapping[str, int]:
    from kvitto.audit.register.health import WEIGHTS

    return WEIGHTS


def _of_client(client: str, rows: list[tuple[Any, ...]]) -> DataHealth:
    days = sorted({row[0] for row in rows})
    course = tuple((day, _scored("", [row for row in rows if row[0] == day]).score) for day in days)
    now = [row for row in rows if days and row[0] == days[-1]]
    names = sorted({row[2] for row in now if row[2]})
    sources = tuple(_scored(name, [row for row in now if row[2] == name]) for name in names)
    return DataHealth(client, days[-1] if days else None, _scored("", now), sources, course)


def _scored(name: str, rows: Iterable[tuple[Any, ...]]) -> Score:
    from kvitto.audit.register.health import HealthPart, score

    counted: dict[str, list[int]] = {part: [0, 0] for part in _weights()}
    for _, measure, _, part, whole in rows:
        counted[measure][0] += int(part)
        counted[measure][1] += int(whole)
    parts = tuple(HealthPart(part, *found) for part, found in counted.items())
    return Score(name, score(parts), parts)
