"""What people decided about records: who, when, and whether figures follow already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.errors import WarehouseFailed

if TYPE_CHECKING:
    # Pages take the types of what use cases give from the room of the use cases.
    from kvitto.audit.candidate import Candidate as Candidate
    from kvitto.audit.candidate import Reason as Reason
    from kvitto.workspace.decision import ApartDecision, DecisionsDefinition, MergeDecision


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. Of a merge the first of ``ids`` is the record that stands.

    ``records`` is what a person looks at of each id; nothing where the client
    has no such record any more. ``waits`` says that the next sync carries it
    out. Taking ``handle`` back undoes it, and ``others`` more decisions with it.
    """

    client: str
    table: str
    kind: Literal["merged", "apart"]
    ids: tuple[str, ...]
    by: str
    on: date
    why: str
    records: Mapping[str, Mapping[str, str | None]]
    waits: bool
    handle: str
    others: int


def decided(house: House, who: Who, client: str) -> tuple[Decided, ...]:
    """All decisions about this client's records, the newest first."""
    require_team(who, "see what was decided about records", client)
    definition = house.workspace.decisions.get(client)
    if definition is None:
        return ()
    made: list[MergeDecision | ApartDecision] = [*definition.merges, *definition.apart]
    shown, done = _known(house, client, made)
    listed = [_told(client, definition, one, shown, done) for one in made]
    places = sorted(range(len(listed)), key=lambda at: (listed[at].on, at), reverse=True)
    return tuple(listed[at] for at in places)


def decided_pair(
    house: House, who: Who, client: str, table: str, pair: tuple[str, str]
) -> Decided | None:
    """The decision that speaks of both records; ``None`` where nobody has decided.

    Two records that were merged into the same third one are one as well.
    """
    require_team(who, "see what was decided about records", client)
    definition = house.workspace.decisions.get(client)
    if definition is None:
        return None
    for apart in reversed(definition.apart):
        if apart.table == table and set(pair) <= set(apart.ids):
            return _told(client, definition, apart, {}, frozenset())
    kept = definition.kept(table)
    ends = {kept[each][0] if each in kept else each for each in pair}
    last = next((kept[each][1] for each in reversed(pair) if each in kept), None)
    if len(ends) == 1 and last is not None:
        return _told(client, definition, last, {}, frozenset())
    return None


_Records = Mapping[tuple[str, str], Mapping[str, str | None]]


def _known(
    house: House, client: str, made: Sequence[MergeDecision | ApartDecision]
) -> tuple[_Records, frozenset[tuple[str, str]]]:
    """What is shown of each record named, and the merges that were carried out."""
    from kvitto.audit.candidate import read_records

    named: dict[str, set[str]] = {}
    for one in made:
        named.setdefault(one.table, set()).update(_ids(one))
    try:
        with house.readers.reading() as reader:
            shown = {
                (table, record): fields
                for table, ids in named.items()
                for record, fields in read_records(reader, client, table, ids).items()
            }
            rows = reader.query(
                "SELECT table_name, record_id FROM _applied"
                " WHERE client_id = $client AND action = 'merged' AND kept_id IS NOT NULL",
                {"client": client},
            )
    except WarehouseFailed:
        return {}, frozenset()
    return shown, frozenset((str(table), str(record)) for table, record in rows)


def _told(
    client: str,
    definition: DecisionsDefinition,
    one: MergeDecision | ApartDecision,
    shown: _Records,
    done: frozenset[tuple[str, str]],
) -> Decided:
    from kvitto.workspace.decision import MergeDecision

    ids = _ids(one)
    records = {record: shown.get((one.table, record), {}) for record in ids}
    is_merge = isinstance(one, MergeDecision)
    waits = is_merge and any((one.table, record) not in done for record in ids[1:])
    about = {record: _count(definition, one.table, record) for record in ids}
    handle = min(reversed(ids), key=lambda record: about[record])
    return Decided(
        client,
        one.table,
        "merged" if is_merge else "apart",
        ids,
        one.by,
        one.on,
        one.why,
        records,
        waits,
        handle,
        about[handle] - 1,
    )


def _ids(one: MergeDecision | ApartDecision) -> tuple[str, ...]:
    from kvitto.workspace.decision import MergeDecision

    return (one.keep, *one.merge) if isinstance(one, MergeDecision) else one.ids


def _count(definition: DecisionsDefinition, table: str, record: str) -> int:
    """How many decisions name the record."""
    made: list[MergeDecision | ApartDecision] = [*definition.merges, *definition.apart]
    return sum(1 for one in made if one.table == table and record in _ids(one))
