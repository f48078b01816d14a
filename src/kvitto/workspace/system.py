"""Where a client's data is kept and who can open it: the files of ``systems/``, as frozen data.

A file is named after its client. It lists every place that holds data about the
client's customers, connected or not: a spreadsheet, a mailbox and a ring binder too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from kvitto.errors import Problem, did_you_mean
from kvitto.model.table import canonical_tables
from kvitto.workspace.document import Document, Keys

SystemKind = Literal[
    "crm",
    "spreadsheet",
    "mailbox",
    "payment",
    "forms",
    "project_tool",
    "support",
    "paper",
    "other",
]
AccessRole = Literal["read", "write", "admin"]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AccessDefinition(_Definition):
    """A person who can open a system.

    ``user`` is the id or the address that the system itself knows the person by;
    with it the last sign-in is found. ``trained`` and ``reviewed`` are the days of
    the last training in handling personal data and of the last look at whether
    the access is still needed. A ``service`` is a program that signs in.
    """

    person: str
    role: AccessRole
    user: str | None = None
    service: bool = False
    trained: date | None = None
    reviewed: date | None = None
    supervisor: str = ""


class SystemDefinition(_Definition):
    """A place that holds data. ``sources`` are those of ours that read it.

    ``updated`` says in words how often its content is brought up to date.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
    name: str
    kind: SystemKind
    owner: str = ""
    updated: str = ""
    sources: tuple[str, ...] = ()
    audited: date | None = None
    signed_off_by: str = ""
    signed_off_on: date | None = None
    access: tuple[AccessDefinition, ...] = ()


class RetainedField(_Definition):
    """A field that must be kept, whoever uses it; ``why`` names the law or the contract."""

    field: str
    why: str


class SystemsDefinition(_Definition):
    """``systems/<client>.yml``: the client's systems, and the fields that the law keeps.

    A training or a review is overdue after so many days.
    """

    systems: tuple[SystemDefinition, ...] = ()
    retained: tuple[RetainedField, ...] = ()
    training_days: Annotated[int, Field(ge=1)] = 365
    review_days: Annotated[int, Field(ge=1)] = 183


class Serving(Protocol):
    """A source's definition, as far as it matters here."""

    @property
    def serves(self) -> tuple[str, ...]:
        """The clients whose data it brings."""


def system_problems(
    documents: Mapping[str, Document],
    given: Mapping[str, SystemsDefinition],
    clients: Collection[str],
    sources: Mapping[str, Serving],
) -> Iterator[Problem]:
    """What cannot be: no such client, source or field; a system or person listed twice."""
    for name, definition in given.items():
        document = documents[name]
        if name not in clients:
            todo = did_you_mean(name, sorted(clients))
            yield document.problem(f"the systems of '{name}'", "there is no such client", todo)
        seen: dict[str, int] = {}
        for index, system in enumerate(definition.systems):
            keys: Keys = ("systems", index)
            if system.id in seen:
                line = document.line(("systems", seen[system.id]))
                yield document.problem(
                    f"the system '{system.id}'",
                    f"line {line} lists it too",
                    "Remove or rename one of the two.",
                    (*keys, "id"),
                )
            seen.setdefault(system.id, index)
            yield from _of_sources(document, keys, system, name, sources)
            yield from _of_access(document, keys, system)
            yield from _of_sign_off(document, keys, system)
        yield from _of_retained(document, definition)


def _of_sources(
    document: Document,
    keys: Keys,
    system: SystemDefinition,
    client: str,
    sources: Mapping[str, Serving],
) -> Iterator[Problem]:
    theirs = [name for name, source in sources.items() if client in source.serves]
    for index, source in enumerate(system.sources):
        if source not in theirs:
            found = "there is none" if source not in sources else f"it has no data of {client}"
            todo = did_you_mean(source, theirs)
            asked = f"the source '{source}'"
            yield document.problem(asked, found, todo, (*keys, "sources", index))


def _of_access(document: Document, keys: Keys, system: SystemDefinition) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, access in enumerate(system.access):
        who = access.person.strip().casefold()
        place: Keys = (*keys, "access", index)
        if who in seen:
            line = document.line((*keys, "access", seen[who]))
            yield document.problem(
                f"'{access.person}' in {system.name}",
                f"line {line} lists the person too",
                "Keep the line with the role that holds.",
                place,
            )
        seen.setdefault(who, index)


def _of_sign_off(document: Document, keys: Keys, system: SystemDefinition) -> Iterator[Problem]:
    if (system.signed_off_on is None) != (not system.signed_off_by):
        lacking = "who signed it" if system.signed_off_on else "when it was signed"
        todo = "Give both signed_off_by and signed_off_on, or neither."
        yield document.problem(f"the sign-off of {system.name}", f"it lacks {lacking}", todo, keys)


def _of_retained(document: Document, definition: SystemsDefinition) -> Iterator[Problem]:
    tables = canonical_tables()
    for index, retained in enumerate(definition.retained):
        table, _, column = retained.field.partition(".")
        if table in tables and tables[table].has(column):
            continue
        known = [f"{table}.{one.name}" for one in tables[table].declared] if table in tables else []
        yield document.problem(
            f"the field '{retained.field}'",
            "there is no such field" if table in tables else "there is no such table",
            did_you_mean(retained.field, known or list(tables)),
            ("retained", index, "field"),
        )
