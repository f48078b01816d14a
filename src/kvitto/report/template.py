"""Templates: a report declared as data.

A template is a YAML file with sections and, in each, blocks. What a block may
say is up to its kind (:mod:`kvitto.report.block`). A workspace's ``templates/``
folder adds reports, or replaces one of ours that has the same id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kvitto.errors import BadDefinition, Problem, UnknownName, did_you_mean
from kvitto.model.period import Grain
from kvitto.report.block import kinds
from kvitto.report.outline import PERSON_DIMENSIONS, BlockSpec, SectionSpec, Template
from kvitto.report.words import languages
from kvitto.workspace.document import Document, Keys, read_document
from kvitto.workspace.validation import validate

FOLDER = Path(__file__).parent / "templates"

RULES: tuple[str, ...] = (
    "questions",
    "agreed",
    "objectives",
    "milestones",
    "work",
    "plan",
    "actions",
    "meeting",
    "voice",
)
"""What a template may demand of its editions; :mod:`kvitto.report.lint` checks it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _SectionFile(_Part):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: dict[str, str]
    answers: Literal["achieved", "goals", "next", ""] = ""
    appendix: bool = False
    blocks: tuple[dict[str, object], ...]


class _TemplateFile(_Part):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)
    version: int = Field(default=1, ge=1)
    title: dict[str, str]
    subtitle: dict[str, str] = Field(default_factory=dict)
    audience: Literal["client", "manager", "internal"] = "client"
    grain: Grain = Grain.month
    kpis: tuple[str, ...] = ()
    rules: tuple[str, ...] = ("questions", "agreed")
    sections: tuple[_SectionFile, ...]


def load_templates(extra: Path | None = None) -> Mapping[str, Template]:
    """Our templates and those of the folder ``extra``, by id.

    Raises :class:`BadDefinition` with every problem of every file, each with
    its line; an unknown key or kind gets the nearest known one.
    """
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for folder in (FOLDER, *((extra,) if extra is not None and extra.is_dir() else ())):
        seen: dict[str, str] = {}
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            name = path.name if folder is FOLDER else f"{folder.name}/{path.name}"
            template, wrong = read_template(path, name)
            problems.extend(wrong)
            if template is None:
                continue
            if template.id in seen:
                problems.append(_twice(name, template.id, seen[template.id]))
            seen[template.id] = name
            found[template.id] = template
    if problems:
        raise BadDefinition(*problems)
    return found


def choose_template(templates: Mapping[str, Template], name: str) -> Template:
    """The template of that id. Raises :class:`UnknownName` with the nearest one."""
    if name not in templates:
        raise UnknownName.of(
            f"the report '{name}'", "there is no such template", did_you_mean(name, list(templates))
        )
    return templates[name]


def read_template(path: Path, name: str) -> tuple[Template | None, tuple[Problem, ...]]:
    """One file's template, or ``None`` with all that is wrong with it."""
    document, problems = read_document(path, name)
    if problems:
        return None, problems
    shape, wrong = validate(document, _TemplateFile)
    if shape is None:
        return None, wrong
    found = [*_titles(document, shape), *_rules(document, shape)]
    sections: list[SectionSpec] = []
    for index, section in enumerate(shape.sections):
        blocks, bad = _blocks(document, shape, index)
        found.extend(bad)
        fields = section.model_dump(exclude={"blocks"})
        sections.append(SectionSpec(**fields, blocks=tuple(blocks)))
    found.extend(_doubles(document, sections))
    if found:
        return None, tuple(sorted(found, key=lambda problem: problem.line or 0))
    fields = shape.model_dump(exclude={"sections"})
    return Template(**fields, sections=tuple(sections)), ()


def _blocks(
    document: Document, shape: _TemplateFile, section: int
) -> tuple[list[BlockSpec], list[Problem]]:
    blocks: list[BlockSpec] = []
    problems: list[Problem] = []
    for index, raw in enumerate(shape.sections[section].blocks):
        keys: Keys = ("sections", section, "blocks", index)
        known = kinds().names()
        kind = str(raw.get("kind", ""))
        if kind not in known:
            found = f"there is no kind '{kind}'" if kind else "it is not given"
            todo = did_you_mean(kind, known)
            problems.append(document.problem("the block's kind", found, todo, (*keys, "kind")))
            continue
        block, wrong = validate(_below(document, keys), kinds().get(kind).spec)
        problems.extend(wrong)
        if block is not None:
            problems.extend(_person_level(document, shape, block, keys))
            blocks.append(block)
    return blocks, problems


def _below(document: Document, keys: Keys) -> Document:
    depth = len(keys)
    lines = {at[depth:]: line for at, line in document.lines.items() if at[:depth] == keys}
    return Document(document.path, document.name, document.at(keys), lines)


def _person_level(
    document: Document, shape: _TemplateFile, block: BlockSpec, keys: Keys
) -> Iterator[Problem]:
    people = sorted(PERSON_DIMENSIONS & set(block.dimensions()))
    if shape.audience == "client" and people:
        yield document.problem(
            f"the block '{block.id}'",
            f"it splits by {people[0]}, in a report for a client",
            "Split by team, region or product, or write 'audience: manager'.",
            keys,
        )


def _titles(document: Document, shape: _TemplateFile) -> Iterator[Problem]:
    places: list[tuple[dict[str, str], Keys]] = [(shape.title, ("title",))]
    for index, section in enumerate(shape.sections):
        places.append((section.title, ("sections", index, "title")))
    for titles, keys in places:
        for language in languages():
            if not titles.get(language):
                yield document.problem(
                    "the title", f"it is not given in '{language}'", "Add it.", keys
                )
        for text in titles.values():
            if _unfilled(text):
                yield document.problem(
                    f"the title '{text}'",
                    "it names something that a title does not have",
                    "A title may name {period}, {next} and {client}.",
                    keys,
                )


def _unfilled(text: str) -> bool:
    try:
        text.format(period="", next="", client="")
    except (KeyError, IndexError, ValueError):
        return True
    return False


def _rules(document: Document, shape: _TemplateFile) -> Iterator[Problem]:
    for index, rule in enumerate(shape.rules):
        if rule not in RULES:
            yield document.problem(
                "the rule",
                f"there is no rule '{rule}'",
                did_you_mean(rule, RULES),
                ("rules", index),
            )


def _doubles(document: Document, sections: list[SectionSpec]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, section in enumerate(sections):
        for block in section.blocks:
            if block.id in seen:
                yield document.problem(
                    f"the block '{block.id}'",
                    "another block has the same id",
                    "Give each block an id of its own.",
                    ("sections", index),
                )
            seen.add(block.id)


def _twice(name: str, report: str, other: str) -> Problem:
    return Problem(
        f"the template '{report}'", f"{other} has the same id", "Rename one of the two.", name, 1
    )
