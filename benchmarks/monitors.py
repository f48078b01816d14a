"""How many alarms the monitors raise on the demo agency, month by month, and how long it takes.

    python benchmarks/monitors.py DIR

DIR is a synced workspace of the demo agency (``kvitto sync -w DIR``). Each month is judged with
what was known at its end. The planted troubles are those of its ``truth.json``.
"""

from __future__ import annotations

import calendar
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb

from kvitto.audit.monitor import Arrival, watch
from kvitto.audit.monitor.closed import closed_days
from kvitto.audit.monitor.event import Watch
from kvitto.audit.monitor.monitoring import joined, judge
from kvitto.audit.monitor.plan import WATCHED, rule_for
from kvitto.audit.monitor.profile import Profile, read_profiles
from kvitto.audit.monitor.telling import tell
from kvitto.workspace.definition import Workspace
from kvitto.workspace.folder import load_workspace

YEARS = (2023, 2024, 2025)
TODAY = date(2026, 1, 12)


def main(root: Path) -> None:
    """Print what is told now, then month by month what would have been told."""
    workspace = load_workspace(root)
    newest = max((root / ".kvitto").rglob("*.duckdb"), key=lambda path: path.stat().st_mtime)
    with duckdb.connect(newest, read_only=True) as connection:
        states = connection.execute(
            "SELECT client_id, name, complete_to, settles_days FROM _source_state"
        ).fetchall()
        arrival = Arrival(
            {(row[0], row[1]): row[2] for row in states},
            {(row[0], row[1]): row[3] for row in states},
        )
        began = time.process_time()
        found = watch(connection, workspace.clients, workspace.rules, TODAY, arrival=arrival)
        print(f"all monitors: {time.process_time() - began:.2f} CPU s")
        for one in found:
            print(f"  {one.severity.value} {one.code} {one.client} {one.source}: {one.message}")
        profiles = [
            profile
            for watched in WATCHED.values()
            for profile in read_profiles(connection, watched, TODAY, arrival.reached)
        ]
    count: Counter[str] = Counter()
    for year in YEARS:
        for month in range(1, 13):
            for line in _month(workspace, profiles, year, month):
                count[line[0]] += 1
                print(f"{year}-{month:02} {' '.join(line)}")
    months = 12 * len(YEARS)
    print(f"{months} months, {len(profiles)} tables of sources: {dict(count)}")


def _month(
    workspace: Workspace, profiles: list[Profile], year: int, month: int
) -> list[tuple[str, str]]:
    first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    by_client: dict[str, list[Watch]] = {}
    for profile in profiles:
        known = profile.cut(last)
        if known is None:
            continue
        rule = rule_for(workspace.rules, known.client, known.source, known.watched.table)
        client = workspace.clients.get(known.client)
        closed = closed_days(client, rule, known.first, known.last)
        by_client.setdefault(known.client, []).append(Watch(known, rule, closed, first, last))
    told = [tell(event) for watches in by_client.values() for event in joined(judge(watches))]
    return [(one.code, f"{one.client} {one.source}: {one.message}") for one in told]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
