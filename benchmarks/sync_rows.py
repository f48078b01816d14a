"""Many rows: a file of ten millions in and conformed, an interface's million merged with changes

The file is that of ``csv_to_canonical`` (activities, ten columns): its peak of memory must be flat
from one million rows on. The interface gives a million records in pages of a thousand, then ten
thousand changed ones; what is measured is the reading with the merge, in a process of its own.

    python -m benchmarks.sync_rows [millions]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.csv_to_canonical import ACTIVITIES, _processor, _run

MILLIONS = 10
RECORDS = 1_000_000
CHANGED = 10_000
PAGE = 1_000
START = datetime(2020, 1, 1, tzinfo=UTC)
LIMIT_MB = 4_000


def files(millions: int) -> None:
    """One million rows, and many: processor seconds and the highest mark of memory."""
    import duckdb

    peaks = []
    for count in (1, millions):
        with tempfile.TemporaryDirectory() as above:
            folder = Path(above)
            (folder / "in").mkdir()
            target = folder / "in" / "activities.csv"
            duckdb.connect().execute(ACTIVITIES.format(rows=count * 1_000_000, target=target))
            processor, clock, peak = _run("whole", folder)
        peaks.append(peak)
        print(
            f"file, {count:2} M rows: {processor:7.1f} CPU-s {clock:7.1f} s"
            f"  peak {peak:5.0f} MB (limit {LIMIT_MB})",
            flush=True,
        )
    print(f"file: peak of {millions} M rows against 1 M: {peaks[1] / peaks[0]:.2f}", flush=True)


def record(number: int, version: int) -> dict[str, object]:
    """A record of the interface; each version is a second later than all before."""
    changed = START + timedelta(seconds=number + version * 2 * RECORDS)
    return {
        "id": f"D{number:08d}",
        "title": f"Deal number {number}",
        "value": str(number * 7 % 100_000 + version),
        "stage": f"stage-{number % 7}",
        "owner": f"owner-{number % 40}",
        "changed": changed.isoformat(),
    }


def interface(folder: Path) -> None:
    """Read a million records, then the changed ones; each run's figures on a line."""
    from kvitto.sources.connector import Reading
    from kvitto.sources.pull import Pulled, pull
    from kvitto.sources.stream import Account, Opening, Page, Stream, Wanted
    from kvitto.workspace.definition import LimitsDefinition, SourceDefinition

    deals = Stream(
        "deals",
        ("id",),
        dict.fromkeys(("id", "title", "value", "stage", "owner", "changed"), "text"),
        {"deals": {"deal_id": "id", "amount": "value"}},
        cursor="changed",
        ordered=True,
    )

    class Deals:
        """Records that are made as they are asked for."""

        def account(self) -> Account:
            return Account("deals")

        def streams(self) -> Sequence[Stream]:
            return (deals,)

        def pages(self, _stream: Stream, wanted: Wanted) -> Iterator[Page]:
            version, step = (0, 1) if wanted.since is None else (1, RECORDS // CHANGED)
            for first in range(0, RECORDS, PAGE * step):
                some = range(first, min(first + PAGE * step, RECORDS), step)
                yield [record(number, version) for number in some]

        def ids(self, _stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
            yield from ()

        def close(self) -> None:
            """Nothing is open."""

    told = SourceDefinition.model_validate({"kind": "deals", "client": "acme"})
    opening = Opening("crm", None, str, lambda _name, _value: None, LimitsDefinition())
    for run in ("first", "changes"):
        own = folder / run
        own.mkdir()
        brought: list[Pulled] = []
        began, used = time.perf_counter(), _processor()
        pull(Reading("crm", told, folder, own), opening, lambda _opening: Deals(), brought.extend)
        one = brought[0]
        found = [one.received, one.added, one.changed, _processor() - used]
        print(json.dumps([run, *found, time.perf_counter() - began, _peak()]), flush=True)


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def main() -> None:
    if sys.argv[1:2] == ["interface"]:
        interface(Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.sync_rows", "interface", folder],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    for line in done.stdout.splitlines():
        run, received, added, changed, processor, clock, peak = json.loads(line)
        print(
            f"interface, {run:8} {received:9,} received {added:9,} added {changed:7,} changed"
            f" {processor:6.1f} CPU-s {clock:6.1f} s  peak {peak:5.0f} MB",
            flush=True,
        )
    files(int(sys.argv[1]) if len(sys.argv) > 1 else MILLIONS)


if __name__ == "__main__":
    main()
