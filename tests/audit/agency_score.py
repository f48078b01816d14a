"""Recall and precision of the checks for each kind of fault that the demo agency plants.

python -m tests.audit.agency_score [size]
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from kvitto.app.agency import AgencyTruth, generate


@dataclass(frozen=True, slots=True)
class Place:
    """Where the audit tells a kind of fault, and how the truth names the record.

    ``rule`` is how the rule begins that writes a line in ``_applied`` for each
    row; without it the finding's count and the ids that it keeps are read.
    """

    code: str
    table: str
    column: str | None
    item: str
    rule: str | None = None


KINDS: dict[str, tuple[Place, ...]] = {
    "double_submitted": (Place("double_submitted", "leads", "lead_id", "second", "forms:"),),
    "test_record": tuple(
        Place("test_record", f"{item}s", None, item, "tests:")
        for item in ("account", "contact", "lead", "deal")
    ),
    "missing_amount": (Place("missing_field", "deals", "amount", "deal", "deals.amount"),),
    "impossible_date": (Place("impossible_order", "deals", "closed_at", "deal"),),
    "negative_duration": (
        Place("impossible_order", "tickets", "first_response_at", "ticket"),
        Place("negative_number", "time_logs", "hours", "time_log"),
    ),
    "orphan": (Place("orphan", "deals", "account_id", "deal"),),
}
"""Kind of fault -> where the audit tells it."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind and client: how many were planted, how many rows the audit told, how many right.

    Where a finding keeps but five ids, those are compared, and of the others
    no more than were planted are taken to be right.
    """

    kind: str
    client: str
    planted: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        return self.right / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


def synced(
    folder: Path, size: float, only: tuple[str, ...] = (), rule: str = ""
) -> tuple[Path, AgencyTruth]:
    """A demo agency of that size, synced: its newest warehouse, and the truth.

    ``rule`` is added to the rules of the clients.
    """
    import subprocess

    truth = generate(folder / "agency", size=size, only=only)
    for client in truth.clients:
        with (folder / "agency" / "rules" / f"{client}.yml").open("a", encoding="utf-8") as stream:
            stream.write(rule)
    command = [sys.executable, "-m", "kvitto", "sync", "-w", str(folder / "agency")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return max((folder / "agency").rglob("v*.duckdb")), truth


@lru_cache(maxsize=2)
def scores(size: float = 0.1) -> tuple[Score, ...]:
    """One score for each kind and client at which it is planted."""
    folder = Path(tempfile.mkdtemp(prefix="kvitto-score-"))
    try:
        path, truth = synced(folder, size)
        with duckdb.connect(str(path), read_only=True) as connection:
            return tuple(_scores(connection, truth))
    finally:
        shutil.rmtree(folder)


def _scores(connection: duckdb.DuckDBPyConnection, truth: AgencyTruth) -> Iterator[Score]:
    for kind, places in KINDS.items():
        for client, of in truth.clients.items():
            items = [dict(item) for one in of.faults if one.kind == kind for item in one.items]
            told = [
                _score(connection, client, place, mine)
                for place in places
                if (mine := [item for item in items if place.item in item])
            ]
            if told:
                yield Score(kind, client, *(sum(numbers) for numbers in zip(*told, strict=True)))


def _score(
    connection: duckdb.DuckDBPyConnection, client: str, place: Place, items: list[dict[str, object]]
) -> tuple[int, int, int]:
    """Planted, found and right rows at one place of one client."""
    named = [_record(place, item) for item in items]
    planted = len(set(named))
    if place.rule is not None:
        rows = connection.execute(
            "SELECT DISTINCT record_id FROM _applied WHERE client_id = ? AND table_name = ?"
            " AND starts_with(rule, ?)",
            [client, place.table, place.rule],
        ).fetchall()
        found = {str(row[0]) for row in rows}
        return planted, len(found), sum(any(one.endswith(end) for end in named) for one in found)
    findings = connection.execute(
        "SELECT row_count, CAST(records AS JSON) FROM _findings WHERE client_id = ? AND code = ?"
        " AND table_name = ? AND column_name IS NOT DISTINCT FROM ?",
        [client, place.code, place.table, place.column],
    ).fetchall()
    count = sum(int(row[0]) for row in findings)
    kept = [str(one) for row in findings for one in json.loads(row[1])]
    wrong = sum(not any(name in f"{one}$" for name in named) for one in kept)
    return planted, count, min(planted, count - wrong)


def _record(place: Place, item: dict[str, object]) -> str:
    """How the id that the audit writes goes on after its source; "$" is its end."""
    if place.table == "time_logs":
        return f":{item['who']}/{item['on']}/"
    end = "" if place.rule else "$"
    return f":{item[place.item]}{end}"


def main(size: float) -> None:
    """The scores as a table of Markdown."""
    print("| kind | client | planted | found | recall | precision |\n|---|---|---|---|---|---|")
    for one in scores(size):
        print(
            f"| `{one.kind}` | {one.client} | {one.planted} | {one.found} |"
            f" {one.recall:.3f} | {one.precision:.3f} |"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1)
