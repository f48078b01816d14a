"""The metrics that can be asked for, and what a client means by its own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.house import DEFINITION, House, require_known
from kvitto.app.who import Who, require_team
from kvitto.model.metric import Metric

if TYPE_CHECKING:
    from kvitto.workspace.meaning import MeaningFile


@dataclass(frozen=True, slots=True)
class Meant:
    """What one word means for one client from one day to another (both included).

    ``said`` is the definition with what is counted. ``first`` and ``last`` are
    days as text, empty where it is open. Where nothing is defined, ``version``
    is ``None`` and ``said`` says what to do.
    """

    client: str
    word: str
    version: int | None
    first: str
    last: str
    own: bool
    said: str


def list_metrics(root: Path, names: Sequence[str] = ()) -> tuple[Metric, ...]:
    """All metrics by id, or the named ones; with those of the workspace, where there is one.

    Raises :class:`UnknownName` with the nearest name.
    """
    from kvitto.metrics.catalogue import load_catalogue

    extra: tuple[Metric, ...] = ()
    meanings: dict[str, MeaningFile] = {}
    if (root / DEFINITION).is_file():
        from kvitto.workspace.folder import load_workspace

        workspace = load_workspace(root)
        extra, meanings = workspace.metrics, workspace.meanings
    catalogue = load_catalogue(extra, meanings)
    if names:
        return tuple(catalogue.get(name) for name in names)
    return tuple(sorted(catalogue, key=lambda metric: metric.id))


def list_meanings(house: House, who: Who, client: str, names: Sequence[str]) -> tuple[Meant, ...]:
    """Which definitions of the words behind these metrics hold for the client, and since when.

    Raises :class:`NotInScope`, and :class:`UnknownName` for a metric that is not.
    """
    require_team(who, "read the definitions", client)
    require_known(client, house.workspace.clients, "client")
    catalogue = house.catalogue_of(client)
    words = dict.fromkeys(
        word for name in names for word in catalogue.words_of(catalogue.get(name))
    )
    found: list[Meant] = []
    for word in words:
        sense = catalogue.sense(word)
        found += [
            Meant(
                client,
                word,
                form.segment.version.version,
                f"{form.segment.first or ''}",
                f"{form.segment.last or ''}",
                form.segment.own,
                form.said,
            )
            for form in sense.forms
        ]
        if not sense.forms:
            found.append(Meant(client, word, None, "", "", False, sense.missing.explain("en")))
    return tuple(found)
