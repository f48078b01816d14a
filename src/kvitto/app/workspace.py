"""Making a workspace and checking one."""

from __future__ import annotations

from pathlib import Path

from kvitto.errors import BadDefinition, Problem

EXAMPLE = Path(__file__).parent / "example"
"""The workspace of the demo, which serves as the example too."""


def init_from(target: Path, source: str) -> bool:
    """A copy of the example ("example") or of another workspace's definitions.

    ``False`` where ``target`` is that copy already. Raises :class:`WrongUse`.
    """
    from kvitto.workspace.creation import create_workspace

    folder = EXAMPLE if source in ("example", "demo") else Path(source)
    return create_workspace(target, source=folder)


def init_with(
    target: Path, *, agency: str, client: str | None, language: str, currency: str, timezone: str
) -> bool:
    """A new workspace from a few answers. Raises :class:`WrongUse`."""
    from kvitto.workspace.creation import Answers, create_workspace

    answers = Answers(agency, language, currency, timezone, client)
    return create_workspace(target, source=answers)


def check(root: Path) -> tuple[Problem, ...]:
    """Everything that is wrong in the workspace's files, in the order of files and lines.

    Metrics, reports and kinds of source are looked up only where each file
    holds by itself.
    """
    from kvitto.app.house import open_house
    from kvitto.sources.connector import CONNECTORS
    from kvitto.workspace.check import check_references
    from kvitto.workspace.folder import check_workspace

    house = open_house(root)
    problems = check_workspace(root)
    if problems:
        return problems
    try:
        return check_references(
            house.workspace, house.catalogue.ids(), list(house.templates), CONNECTORS.names()
        )
    except BadDefinition as error:
        return error.problems
