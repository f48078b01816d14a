"""KPIs: the agreed set is kept, each serves a goal, few of them, none for vanity."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.block import Tile, TilesBlock
from kvitto.model.edition import Edition
from kvitto.report.lint.problem import LintProblem

MOST_KPIS = 7


def check_agreed(edition: Edition, previous: Edition | None) -> Iterator[LintProblem]:
    """Every agreed KPI is shown, good or bad; the set changes only with a reason."""
    shown = {tile.figure.metric for tile in _tiles(edition)}
    for name in edition.agreed:
        if name not in shown:
            yield LintProblem(
                "agreed",
                name,
                "it was agreed with the client and is not among the tiles",
                "Show it, whichever way it went, or agree on another set.",
            )
    if previous is None or set(previous.agreed) == set(edition.agreed) or edition.kpi_change:
        return
    added = sorted(set(edition.agreed) - set(previous.agreed))
    dropped = sorted(set(previous.agreed) - set(edition.agreed))
    said = [f"added {', '.join(added)}"] if added else []
    said += [f"dropped {', '.join(dropped)}"] if dropped else []
    yield LintProblem(
        "kpi_change",
        "agreed KPIs",
        f"they are not those of {previous.id}: {'; '.join(said)}",
        "Write the reason under 'kpi_change' of the series, or go back to the agreed set.",
    )


def check_objectives(edition: Edition) -> Iterator[LintProblem]:
    """Every agreed KPI is tied to a business goal of the client."""
    for tile in _tiles(edition):
        if tile.figure.metric in edition.agreed and not tile.objective:
            yield LintProblem(
                "objective",
                tile.figure.label,
                "it is not tied to a business goal",
                "Give its goal an 'objective', or the client one of its own.",
            )


def check_count(edition: Edition) -> Iterator[LintProblem]:
    """Few KPIs are read; many are not."""
    if len(edition.agreed) > MOST_KPIS:
        yield LintProblem(
            "too_many",
            "agreed KPIs",
            f"there are {len(edition.agreed)}, more than {MOST_KPIS}",
            "Keep those that answer to a goal of the client.",
            blocks=False,
        )


def check_vanity(edition: Edition, previous: Edition | None) -> Iterator[LintProblem]:
    """No figure is there only because it is up."""
    for tile in _tiles(edition):
        if tile.role != "vanity_prone":
            continue
        new = previous is not None and tile.figure.metric not in previous.agreed
        up = any(change.good or (change.number or 0) > 0 for change in tile.changes)
        added = new and up and not edition.kpi_change
        yield LintProblem(
            "vanity",
            tile.figure.label,
            "it is new in this edition and up" if added else "it says little about the business",
            "Leave it out unless it moves a goal of the client.",
            blocks=added,
        )


def _tiles(edition: Edition) -> Iterator[Tile]:
    for block in edition.blocks():
        if isinstance(block, TilesBlock):
            yield from block.tiles
