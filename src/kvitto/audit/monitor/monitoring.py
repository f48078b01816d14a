"""All monitors over all watched tables, while the next version is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kvitto.audit.monitor.arrival import Arrival
from kvitto.audit.monitor.batch import find_batches, find_repeats
from kvitto.audit.monitor.closed import closed_days
from kvitto.audit.monitor.drift import find_drift
from kvitto.audit.monitor.event import Event, Watch
from kvitto.audit.monitor.gap import find_gaps, find_zeros
from kvitto.audit.monitor.label import find_labels
from kvitto.audit.monitor.plan import WATCHED, rule_for
from kvitto.audit.monitor.profile import Place, Profile, read_profiles
from kvitto.audit.monitor.shape import find_shapes
from kvitto.audit.monitor.telling import tell
from kvitto.audit.monitor.volume import find_volumes
from kvitto.model.finding import Finding
from kvitto.workspace.definition import ClientDefinition, RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

JUDGED_DAYS = 400
"""So far back from the end of what is known something is told: more than a year of reports."""

Rules = Mapping[str, RulesDefinition] | Sequence[RulesDefinition]


def watch(
    connection: DuckDBPyConnection,
    clients: Mapping[str, ClientDefinition],
    rules: Rules,
    today: date,
    arrival: Arrival | None = None,
) -> list[Finding]:
    """What is strange in what arrived, with the days concerned.

    ``arrival`` says how far the sources reach; where nothing is said, a
    source's newest row decides.
    """
    arrival = arrival or Arrival()
    present = _present(connection)
    by_client: dict[str, list[Watch]] = {}
    events: list[Event] = []
    for name, watched in WATCHED.items():
        if name not in present:
            continue
        profiles = list(read_profiles(connection, watched, today, arrival.reached))
        watches = [
            one
            for profile in profiles
            if (one := _watch(profile, clients, rules, arrival.settles)) is not None
        ]
        events += find_batches(connection, watches)
        for one in watches:
            by_client.setdefault(one.profile.client, []).append(one)
    for watches in by_client.values():
        events += judge(watches)
    return [*map(tell, joined(events)), *find_drift(connection, arrival.fresh)]


def judge(watches: Sequence[Watch]) -> list[Event]:
    """What the daily profiles of one client show by themselves."""
    found: list[Event] = []
    for one in watches:
        others = [other for other in watches if other.profile.source != one.profile.source]
        found += _of_one(one, others)
    return found


def joined(events: Sequence[Event]) -> list[Event]:
    """Days and weeks that follow each other, with the same trouble, as one event."""
    kept: list[Event] = []
    for event in sorted(events, key=_order):
        last = kept[-1] if kept else None
        if last is not None and _same(last, event) and event.first <= last.last + timedelta(days=1):
            kept[-1] = Event(
                **{
                    **{name: getattr(last, name) for name in Event.__dataclass_fields__},
                    "last": max(last.last, event.last),
                    "rows": last.rows + event.rows,
                    "observed": last.observed + event.observed,
                    "expected": last.expected + event.expected,
                }
            )
        else:
            kept.append(event)
    return kept


def _of_one(one: Watch, others: Sequence[Watch]) -> Iterator[Event]:
    """The plainest word first: what overlaps with what is told already is not told again."""
    told: list[Event] = []
    for events in (
        find_gaps(one),
        find_labels(one),
        find_zeros(one),
        find_repeats(one),
        find_volumes(one, others),
        find_shapes(one),
    ):
        new = [event for event in events if not any(_hides(each, event) for each in told)]
        told += new
        yield from new


def _hides(told: Event, event: Event) -> bool:
    """Whether it is the same trouble: on the same days, and no trouble behind a mere change."""
    overlap = event.first <= told.last and told.first <= event.last
    return overlap and (event.business or not told.business)


def _watch(
    profile: Profile,
    clients: Mapping[str, ClientDefinition],
    rules: Rules,
    settles: Mapping[Place, int],
) -> Watch | None:
    """``None`` where a rule says that nobody watches it."""
    table = profile.watched.table
    rule = rule_for(rules, profile.client, profile.source, table)
    if rule.off:
        return None
    client = clients.get(profile.client)
    return Watch(
        profile,
        rule,
        closed_days(client, rule, profile.first, profile.last),
        profile.last - timedelta(days=JUDGED_DAYS),
        profile.last - timedelta(days=settles.get((profile.client, profile.source), 0)),
    )


def _present(connection: DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).fetchall()
    return {str(row[0]) for row in rows}


def _order(event: Event) -> tuple[object, ...]:
    return (*_key(event), event.first)


def _same(one: Event, other: Event) -> bool:
    return _key(one) == _key(other)


def _key(event: Event) -> tuple[str, ...]:
    return (
        event.client,
        event.source,
        event.table,
        event.code,
        event.column or "",
        event.label,
        event.other,
        str(event.business),
    )
