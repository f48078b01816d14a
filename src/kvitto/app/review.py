"""Deciding which records are one: the queue, merging, keeping apart, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_named, require_team
from kvitto.errors import UnknownName, WrongUse, did_you_mean

if TYPE_CHECKING:
    from kvitto.audit.candidate import Candidate as Candidate

FOLDER = "decisions"


def candidates(
    house: House,
    who: Who,
    client: str | None = None,
    *,
    table: str | None = None,
    state: str | None = "ask",
    limit: int = 200,
) -> tuple[Candidate, ...]:
    """The pairs that may be one, the likeliest first: of one client or of all in scope.

    What was decided since the last sync is left out of those that are to be asked.
    """
    from kvitto.audit.candidate import read_candidates

    require_team(who, "see the records to review", client)
    scope = who.scope if client is None else who.scope.narrow(client)
    with house.readers.reading(house.warehouse.current().id) as reader:
        found = read_candidates(reader, scope.clients, table=table, state=state, limit=limit)
    if state != "ask":
        return found
    return tuple(one for one in found if not _is_decided(house, one))


def merge(
    house: House,
    who: Who,
    client: str,
    table: str,
    keep: str,
    others: Sequence[str],
    why: str = "",
) -> None:
    """Write down that the others are ``keep``; figures follow with the next sync.

    Raises :class:`UnknownName` where an id is no record of this client, so that
    records of two clients never become one, and :class:`BadDefinition` where it
    contradicts what was decided before.
    """
    _require_records(house, who, client, table, (keep, *others))
    if keep in others:
        raise WrongUse.of(
            f"merge {table} {keep}", "it is named twice", "Name the one that stands first, once."
        )
    decision: dict[str, object] = {"table": table, "keep": keep, "merge": list(others)}
    _write(house, who, client, "merges", decision, why)


def keep_apart(
    house: House, who: Who, client: str, table: str, ids: Sequence[str], why: str = ""
) -> None:
    """Write down that these records are different things. Raises as :func:`merge` does."""
    _require_records(house, who, client, table, ids)
    if len(set(ids)) < 2:
        raise WrongUse.of(f"keep {table} apart", "only one is named", "Name at least two ids.")
    _write(house, who, client, "apart", {"table": table, "ids": list(ids)}, why)


def take_back(house: House, who: Who, client: str, table: str, record: str) -> int:
    """Take out every decision about this record; gives back how many there were.

    With the next sync the records stand for themselves again.
    """
    from kvitto.workspace.writing import remove_value

    who.scope.require(client)
    require_team(who, "take a decision back", client)
    require_named(who, "take a decision back")
    definition = house.workspace.decisions.get(client)
    path = _path(house, client)
    places: list[tuple[str, int]] = []
    if definition is not None:
        places += [
            ("merges", index)
            for index, one in enumerate(definition.merges)
            if one.table == table and record in (one.keep, *one.merge)
        ]
        places += [
            ("apart", index)
            for index, two in enumerate(definition.apart)
            if two.table == table and record in two.ids
        ]
    for kind, index in reversed(places):
        remove_value(path, (kind, index))
    if places:
        details = {"table": table, "record": record}
        note(house, who, "data.take_back", record, client=client, details=details)
    return len(places)


def _is_decided(house: House, one: Candidate) -> bool:
    definition = house.workspace.decisions.get(one.client)
    if definition is None:
        return False
    kept = definition.kept(one.table)
    ends = [kept[each][0] if each in kept else each for each in (one.one_id, one.other_id)]
    apart = any(
        two.table == one.table and {one.one_id, one.other_id} <= set(two.ids)
        for two in definition.apart
    )
    return apart or ends[0] == ends[1]


def _require_records(house: House, who: Who, client: str, table: str, ids: Sequence[str]) -> None:
    from kvitto.audit.candidate import known_ids
    from kvitto.model.table import canonical_table
    from kvitto.workspace.decision import MERGEABLE

    who.scope.require(client)
    require_team(who, "decide about records", client)
    require_named(who, "decide about records")
    if table not in MERGEABLE:
        raise UnknownName.of(
            f"the table '{table}'",
            "its records cannot be merged",
            did_you_mean(table, list(MERGEABLE)),
        )
    with house.readers.reading(house.warehouse.current().id) as reader:
        known = known_ids(reader, client, canonical_table(table), ids)
    missing = [record for record in ids if record not in known]
    if missing:
        raise UnknownName.of(
            f"the {table} {', '.join(missing)}",
            f"{client} has no such record",
            "Take the ids from: kvitto review",
        )


def _path(house: House, client: str) -> Path:
    return house.root / FOLDER / f"{client}.yml"


def _write(
    house: House, who: Who, client: str, kind: str, decision: dict[str, object], why: str
) -> None:
    """Add it to the client's file, which must hold afterwards."""
    from kvitto.errors import BadDefinition
    from kvitto.workspace.folder import check_workspace
    from kvitto.workspace.schema import with_schema_line
    from kvitto.workspace.writing import append_value, replace_text

    path = _path(house, client)
    before = path.read_text(encoding="utf-8") if path.exists() else None
    signed = {**decision, "by": who.name, "on": house.today_of(client)}
    if why:
        signed["why"] = why
    if before is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"# What people decided about records of {client}.\n{kind}: []\n"
        replace_text(path, with_schema_line(text, FOLDER))
    try:
        append_value(path, (kind,), signed)
        problems = check_workspace(house.root)
        if problems:
            raise BadDefinition(*problems)
    except BaseException:
        if before is None:
            path.unlink()
        else:
            replace_text(path, before)
        raise
    details = {**decision, "why": why}
    note(house, who, f"data.{kind}", str(decision["table"]), client=client, details=details)
