"""What could be done about the findings, as pieces of YAML that a person puts in place.

Nothing here changes anything: the pieces are made from what the last sync found,
each is checked as the definition that it would become, and that is all.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kvitto.app.audit import findings
from kvitto.app.house import House
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kvitto.model.finding import Finding

MOST_MERGES = 50
SURE = 0.99
"""Only pairs that are at least so likely are proposed; the others are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to add to a file of the workspace: ``content`` below its top-level keys."""

    client: str
    file: str
    why: str
    content: Mapping[str, Any]

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "file": self.file,
            "why": self.why,
            "add": dict(self.content),
        }


def propose(house: House, who: Who, client: str | None = None) -> tuple[Piece, ...]:
    """The pieces for one client, or for all in scope."""
    require_team(who, "propose what to do", client)
    found = findings(house, who, client)
    clients = sorted(who.scope.clients) if client is None else [client]
    pieces = []
    for name in clients:
        mine = [one for one in found if one.client == name]
        pieces += [*_fields(house, name, mine), *_tests(house, name, mine)]
        pieces += [*_labels(house, name), *_merges(house, who, name)]
        pieces += [*_priorities(house, name, mine), *_systems(house, name)]
    return tuple(pieces)


def as_patch(pieces: Sequence[Piece], day: date) -> str:
    """The pieces as one YAML text: below each file what to add to it, and why."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # keys keep their order
    lines = [f"# Proposed on {day} by 'kvitto audit --fix'. Nothing was changed.",
             "# Add each part to the file that it names, then run: kvitto check",
             ""]  # fmt: skip
    for piece in pieces:
        stream = io.StringIO()
        yaml.dump({"file": piece.file, "add": _plain(piece.content)}, stream)
        text = stream.getvalue().rstrip()
        head, *rest = text.splitlines()
        lines += [
            f"# {piece.client}: {piece.why}",
            f"- {head}",
            *(f"  {line}" for line in rest),
            "",
        ]
    return "\n".join(lines)


def _fields(house: House, client: str, found: Sequence[Finding]) -> Iterator[Piece]:
    """A rule for each empty field of which no rule speaks: a person looks, as it is anyway."""
    ruled = {
        (rule.table, rule.column)
        for rules in house.workspace.rules.values()
        if not rules.clients or client in rules.clients
        for rule in rules.fields
    }
    rows: dict[tuple[str, str], int] = {}
    for one in found:
        place = (one.table, one.column or "")
        if one.code == "missing_field" and place not in ruled:
            rows[place] = rows.get(place, 0) + one.rows
    if rows:
        rules = [{"table": t, "column": c, "missing": "review"} for t, c in sorted(rows)]
        why = (
            f"{len(rows)} fields are empty in {sum(rows.values())} rows and no rule speaks of them"
        )
        yield _rules(client, why + "; review keeps the rows, default fills, exclude leaves out",
                     {"fields": rules})  # fmt: skip


def _tests(house: House, client: str, found: Sequence[Finding]) -> Iterator[Piece]:
    codes = ("test_record", "internal_record", "marked_test")
    rows = sum(one.rows for one in found if one.code in codes and one.resolution.value == "review")
    said = any(
        rules.tests is not None
        for rules in house.workspace.rules.values()
        if not rules.clients or client in rules.clients
    )
    if rows and not said:
        yield _rules(client, f"{rows} rows look like tests", {"tests": {"do": "exclude"}})


def _labels(house: House, client: str) -> Iterator[Piece]:
    """Labels that differ in case, accents or signs alone, mapped to the most frequent of them."""
    from kvitto.audit.register.quality import DECIDED
    from kvitto.workspace.concept import concept_of
    from kvitto.workspace.label import folded

    with house.readers.reading() as reader:
        rows = reader.query(
            "SELECT table_name, column_name, raw, sum(row_count) FROM _labels"
            " WHERE client_id = $client AND raw IS NOT NULL"
            " AND kind IN ('same', 'source', 'assumed') GROUP BY ALL ORDER BY ALL",
            {"client": client},
        )
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for table, column, raw, count in rows:
        concept = concept_of(table, column)
        if concept in DECIDED:
            named = groups.setdefault((concept, folded(raw)), {})
            named[raw] = named.get(raw, 0) + int(count)
    concepts: dict[str, Any] = {}
    for (concept, _), labels in sorted(groups.items()):
        if len(labels) > 1:
            first, *others = sorted(labels, key=lambda label: (-labels[label], label))
            listed = concepts.setdefault(concept, {"rules": []})["rules"]
            listed += [{"exact": other, "means": first} for other in others]
    if concepts:
        count = sum(len(one["rules"]) for one in concepts.values())
        yield _rules(
            client, f"{count} labels are spelt in more than one way", {"concepts": concepts}
        )


def _merges(house: House, who: Who, client: str) -> Iterator[Piece]:
    from kvitto.app.review import candidates

    found = [one for one in candidates(house, who, client, limit=MOST_MERGES) if one.score >= SURE]
    merges, taken = [], set[tuple[str, str]]()
    for one in found:
        keep, other = one.one_id, one.other_id
        if one.refers[1] > one.refers[0]:
            keep, other = other, keep
        ends = {(one.table, keep), (one.table, other)}
        if ends & taken:
            continue
        taken |= ends
        merges.append(
            {
                "table": one.table,
                "keep": keep,
                "merge": [other],
                "by": who.name,
                "on": house.today_of(client).isoformat(),
                "why": f"alike at {one.score:.3f}",
            }
        )
    if merges:
        why = f"{len(merges)} pairs are one at {SURE:.0%} or more; look at each before you add it"
        yield Piece(client, f"decisions/{client}.yml", why, {"merges": merges})


def _priorities(house: House, client: str, found: Sequence[Finding]) -> Iterator[Piece]:
    """For two sources that bring the same: the one with more rows first."""
    from kvitto.audit.register.sample import rows_by_source
    from kvitto.model.table import canonical_table

    seen: dict[str, set[str]] = {}
    for one in found:
        if one.code == "two_sources":
            seen.setdefault(one.table, set()).add(one.source)
    if not seen:
        return
    with house.readers.reading() as reader:
        listed = []
        for table in sorted(seen):
            sizes = rows_by_source(reader, client, canonical_table(table))
            known = [name for name in sizes if name in house.workspace.sources]
            sources = sorted(known, key=lambda name: (-sizes[name], name))
            if len(sources) > 1:
                listed.append({"table": table, "sources": sources})
    if listed:
        why = "two sources seem to bring the same; put the one that you trust first"
        yield _rules(client, why, {"priorities": listed})


def _systems(house: House, client: str) -> Iterator[Piece]:
    """A first inventory out of the sources, where there is none."""
    if client in house.workspace.systems:
        return
    sources = [
        name for name, source in sorted(house.workspace.sources.items()) if client in source.serves
    ]
    if sources:
        systems = [
            {"id": name, "name": name, "kind": "other", "sources": [name]} for name in sources
        ]
        why = "no inventory says which systems hold data, who owns them and who can open them"
        yield Piece(client, f"systems/{client}.yml", why, {"systems": systems})


def _rules(client: str, why: str, content: Mapping[str, Any]) -> Piece:
    from kvitto.workspace.definition import RulesDefinition

    RulesDefinition.model_validate({"clients": [client], **content})
    return Piece(client, f"rules/{client}.yml", why, content)


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {str(key): _plain(item) for key, item in content.items()}
    return [_plain(item) for item in content] if isinstance(content, list | tuple) else content
