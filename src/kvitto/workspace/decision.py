"""What people decided about single records: the files of ``decisions/``, as frozen data.

A file is named after its client. Rules say what holds for kinds of things;
here stands which records are one, and which only look so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kvitto.errors import Problem, did_you_mean
from kvitto.model.table import canonical_tables
from kvitto.workspace.document import Document, Keys

MERGEABLE = ("accounts", "contacts", "leads", "users", "products", "campaigns")
"""Tables whose records may be one and the same thing entered twice."""


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MergeDecision(_Definition):
    """The records ``merge`` are the same as ``keep``, which stands for all of them.

    ``by`` says who decided it, ``on`` when, ``why`` what for.
    """

    table: str
    keep: str
    merge: Annotated[tuple[str, ...], Field(min_length=1)]
    by: str
    on: date
    why: str = ""


class ApartDecision(_Definition):
    """The records ``ids`` are different things, however alike they look."""

    table: str
    ids: Annotated[tuple[str, ...], Field(min_length=2)]
    by: str
    on: date
    why: str = ""


class DecisionsDefinition(_Definition):
    """``decisions/<client>.yml``: which records of this client are one, and which are not."""

    merges: tuple[MergeDecision, ...] = ()
    apart: tuple[ApartDecision, ...] = ()

    def kept(self, table: str) -> dict[str, tuple[str, MergeDecision]]:
        """Each merged record of the table with the one that stands for it in the end."""
        turned: dict[str, tuple[str, MergeDecision]] = {}
        for one in self.merges:
            if one.table == table:
                turned.update(dict.fromkeys(one.merge, (one.keep, one)))
        return {record: (_end(record, turned), one) for record, (_, one) in turned.items()}


def _end(record: str, turned: Mapping[str, tuple[str, MergeDecision]]) -> str:
    seen = {record}
    while record in turned:
        record = turned[record][0]
        if record in seen:
            break
        seen.add(record)
    return record


def decision_problems(
    documents: Mapping[str, Document],
    decisions: Mapping[str, DecisionsDefinition],
    clients: frozenset[str],
) -> Iterator[Problem]:
    """What cannot be carried out: no such client or table, a circle, two that contradict."""
    for name, definition in decisions.items():
        document = documents[name]
        if name not in clients:
            todo = did_you_mean(name, sorted(clients))
            yield document.problem(f"the decisions of '{name}'", "there is no such client", todo)
        for keys, table in _tables(definition):
            if table not in MERGEABLE:
                found = "its records cannot be merged"
                if table not in canonical_tables():
                    found = "there is no such table"
                todo = did_you_mean(table, list(MERGEABLE))
                yield document.problem(f"the table '{table}'", found, todo, keys)
        yield from _contradictions(document, definition)


def _tables(definition: DecisionsDefinition) -> Iterator[tuple[Keys, str]]:
    for index, merge in enumerate(definition.merges):
        yield ("merges", index, "table"), merge.table
    for index, apart in enumerate(definition.apart):
        yield ("apart", index, "table"), apart.table


def _contradictions(document: Document, definition: DecisionsDefinition) -> Iterator[Problem]:
    turned: dict[tuple[str, str], tuple[str, int]] = {}
    for index, merge in enumerate(definition.merges):
        for record in merge.merge:
            asked = f"the merge of {merge.table} {record} into {merge.keep}"
            keys: Keys = ("merges", index, "merge")
            place = (merge.table, record)
            if place in turned and turned[place][0] != merge.keep:
                kept, at = turned[place]
                line = document.line(("merges", at))
                found = f"line {line} merges it into {kept}"
                yield document.problem(asked, found, "Remove one of the two.", keys)
                continue
            turned[place] = (merge.keep, index)
            if _circles(place, turned):
                found = "it leads back to itself"
                yield document.problem(asked, found, "Say which of them stands.", keys)
                del turned[place]
    for index, apart in enumerate(definition.apart):
        ends = {_last((apart.table, record), turned) for record in apart.ids}
        if len(ends) < len(set(apart.ids)):
            found = "a merge above says that two of them are one"
            asked = f"keeping the {apart.table} {', '.join(apart.ids)} apart"
            todo = "Remove the merge, or this."
            yield document.problem(asked, found, todo, ("apart", index))


def _circles(place: tuple[str, str], turned: Mapping[tuple[str, str], tuple[str, int]]) -> bool:
    table, record = place
    now = turned[place][0]
    while now != record:
        if (table, now) not in turned:
            return False
        now = turned[table, now][0]
    return True


def _last(
    place: tuple[str, str], turned: Mapping[tuple[str, str], tuple[str, int]]
) -> tuple[str, str]:
    while place in turned:
        place = (place[0], turned[place][0])
    return place
