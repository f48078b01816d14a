"""A folder of YAML -> a workspace, with all problems of all files together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from kvitto.errors import BadDefinition, Problem, nearest
from kvitto.model.brand import Brand
from kvitto.model.metric import Metric
from kvitto.workspace.check import (
    Known,
    agency_problems,
    brand_problems,
    client_problems,
    rules_problems,
    secret_problems,
    source_problems,
)
from kvitto.workspace.decision import DecisionsDefinition, decision_problems
from kvitto.workspace.definition import (
    Agency,
    ClientDefinition,
    ConnectionDefinition,
    MetricFile,
    RulesDefinition,
    SourceDefinition,
    Workspace,
)
from kvitto.workspace.document import Document, read_document
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.meaning_check import meaning_problems
from kvitto.workspace.monitor_check import monitor_problems
from kvitto.workspace.priority_check import priority_problems
from kvitto.workspace.system import SystemsDefinition, system_problems
from kvitto.workspace.validation import validate

MAIN_FILE = "kvitto.yml"
"""The file that makes a folder a workspace."""

KINDS: dict[str, type[BaseModel] | None] = {
    "clients": ClientDefinition,
    "sources": SourceDefinition,
    "connections": ConnectionDefinition,
    "metrics": MetricFile,
    "meanings": MeaningFile,
    "templates": None,
    "brands": Brand,
    "rules": RulesDefinition,
    "decisions": DecisionsDefinition,
    "systems": SystemsDefinition,
}
"""Folders of a workspace and what a file in them is; templates belong to the reports."""

_ID = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
_TEMPLATE_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
Definition = TypeVar("Definition", bound=BaseModel)


def load_workspace(root: Path) -> Workspace:
    """All definitions of the folder.

    Raises :class:`BadDefinition` with every problem of every file.
    """
    workspace, problems = _read(root)
    if workspace is None or problems:
        raise BadDefinition(*problems)
    return workspace


def check_workspace(root: Path) -> tuple[Problem, ...]:
    """Everything that is wrong in the folder, sorted by file and line."""
    return _read(root)[1]


def kind_of(path: Path) -> type[BaseModel] | None:
    """What a file of a workspace is, told by its place; ``None`` if it is not known."""
    return Agency if path.name == MAIN_FILE else KINDS.get(path.parent.name)


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)

    def document(self, path: Path) -> tuple[Document, bool]:
        document, problems = read_document(path, path.relative_to(self.root).as_posix())
        self.problems.extend(problems)
        self.problems.extend(secret_problems(document))
        return document, not problems

    def folder(self, name: str, kind: type[Definition]) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for identifier, path in self.files(name):
            document, fine = self.document(path)
            self.documents[(name, identifier)] = document
            if not fine:
                continue
            definition, problems = validate(document, kind)
            self.problems.extend(problems)
            if definition is not None:
                found[identifier] = definition
        return found

    def of(self, name: str) -> dict[str, Document]:
        """The documents of one folder by id."""
        return {key: held for (folder, key), held in self.documents.items() if folder == name}

    def files(self, name: str) -> Iterator[tuple[str, Path]]:
        seen: dict[str, str] = {}
        pattern = _TEMPLATE_ID if name == "templates" else _ID
        folder = self.root / name
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix not in (".yml", ".yaml") or path.name.startswith("."):
                continue
            shown = path.relative_to(self.root).as_posix()
            identifier = path.stem
            if not pattern.match(identifier) or len(identifier) > 64:
                self.problems.append(
                    Problem(
                        f"the id '{identifier}'",
                        "the file's name is no id",
                        "Name the file with small letters, digits, '-' and '_'.",
                        shown,
                    )
                )
            elif identifier in seen:
                found = f"{seen[identifier]} gives it too"
                todo = "Remove or rename one of the two."
                self.problems.append(Problem(f"the id '{identifier}'", found, todo, shown))
            else:
                seen[identifier] = shown
                yield identifier, path


def _read(root: Path) -> tuple[Workspace | None, tuple[Problem, ...]]:
    main = root / MAIN_FILE
    if not main.is_file():
        found = "there is no such folder" if not root.is_dir() else f"it has no {MAIN_FILE}"
        todo = "Go to the workspace's folder, or make one with: kvitto init DIR"
        return None, (Problem(f"the workspace {root}", found, todo),)
    reading = _Reading(root)
    reading.problems.extend(_misspelt(root))
    agency = _agency(reading, main)
    clients = reading.folder("clients", ClientDefinition)
    sources = reading.folder("sources", SourceDefinition)
    connections = reading.folder("connections", ConnectionDefinition)
    brands = reading.folder("brands", Brand)
    rules = reading.folder("rules", RulesDefinition)
    decisions = reading.folder("decisions", DecisionsDefinition)
    systems = reading.folder("systems", SystemsDefinition)
    metrics = _metrics(reading)
    meanings = reading.folder("meanings", MeaningFile)
    templates = _templates(reading)
    known = Known(*(frozenset(reading.of(kind)) for kind in ("clients", "brands", "connections")))
    _agree(reading, known, clients, sources, brands, rules)
    reading.problems.extend(
        meaning_problems(reading.of("meanings"), meanings, clients, known.clients)
    )
    reading.problems.extend(decision_problems(reading.of("decisions"), decisions, known.clients))
    reading.problems.extend(system_problems(reading.of("systems"), systems, known.clients, sources))
    problems = tuple(sorted(reading.problems, key=lambda item: (item.file or "", item.line or 0)))
    if agency is None:
        return None, problems
    workspace = Workspace.model_construct(
        root=str(root),
        agency=agency,
        clients=clients,
        sources=sources,
        connections=connections,
        brands=brands,
        rules=rules,
        decisions=decisions,
        systems=systems,
        metrics=metrics,
        meanings=meanings,
        templates=templates,
    )
    return workspace, problems


def _agency(reading: _Reading, path: Path) -> Agency | None:
    document, fine = reading.document(path)
    if not fine:
        return None
    agency, problems = validate(document, Agency)
    reading.problems.extend(problems)
    if agency is not None:
        reading.problems.extend(agency_problems(document, agency))
    return agency


def _metrics(reading: _Reading) -> tuple[Metric, ...]:
    found: dict[str, Metric] = {}
    places: dict[str, str] = {}
    for name, definition in reading.folder("metrics", MetricFile).items():
        document = reading.documents[("metrics", name)]
        for index, metric in enumerate(definition.metrics):
            if metric.id in found:
                reading.problems.append(
                    document.problem(
                        f"the metric '{metric.id}'",
                        f"{places[metric.id]} defines it too",
                        "Remove or rename one of the two.",
                        ("metrics", index, "id"),
                    )
                )
                continue
            found[metric.id] = metric
            line = document.line(("metrics", index, "id"))
            places[metric.id] = f"{document.name}:{line}"
    return tuple(found.values())


def _templates(reading: _Reading) -> dict[str, str]:
    """Ids and paths only: what a template may say is the reports' business."""
    found = {}
    for identifier, path in reading.files("templates"):
        reading.document(path)
        found[identifier] = path.relative_to(reading.root).as_posix()
    return found


def _agree(
    reading: _Reading,
    known: Known,
    clients: dict[str, ClientDefinition],
    sources: dict[str, SourceDefinition],
    brands: dict[str, Brand],
    rules: dict[str, RulesDefinition],
) -> None:
    documents = reading.documents
    for name, client in clients.items():
        reading.problems.extend(client_problems(documents[("clients", name)], client, known))
    for name, source in sources.items():
        reading.problems.extend(source_problems(documents[("sources", name)], source, known))
    for name, brand in brands.items():
        document = documents[("brands", name)]
        reading.problems.extend(brand_problems(document, name, brand))
    reading.problems.extend(rules_problems(reading.of("rules"), rules, known))
    reading.problems.extend(
        monitor_problems(reading.of("rules"), rules, sorted(reading.of("sources")))
    )
    reading.problems.extend(priority_problems(reading.of("rules"), rules, sources, known.clients))


def _misspelt(root: Path) -> Iterator[Problem]:
    for path in sorted(root.iterdir()):
        if not path.is_dir() or path.name in KINDS or path.name.startswith("."):
            continue
        near = nearest(path.name, list(KINDS))
        if near is not None and any(path.glob("*.y*ml")):
            found = "it holds definitions, but nothing reads it"
            todo = f"Did you mean '{near}'? Rename the folder."
            yield Problem(f"the folder '{path.name}'", found, todo, path.name)
