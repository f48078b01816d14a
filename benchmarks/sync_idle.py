"""A sync with nothing new, for each kind of source

Every source reads its stand-in, which is another process. The first sync brings all there is, the
second one is measured in the same process, once more with a server that is farther away, and as
a command of its own (with the interpreter's start). Nothing may be published.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

GOAL = 2.0
FAR = 0.05
"""Seconds that each request is on its way to the server that is farther away."""
KINDS = (
    "file",
    "ga4",
    "google_ads",
    "google_sheets",
    "hubspot",
    "meta_ads",
    "odoo",
    "rest",
    "salesforce",
)
ROWS = 5_000


def place(root: Path, kind: str, server: Any) -> dict[str, str]:
    """A workspace with one source of that kind; gives the environment with its credentials."""
    for folder in ("clients", "sources", "data"):
        (root / folder).mkdir(parents=True)
    (root / "kvitto.yml").write_text("agency: Idle\n")
    (root / "clients" / "acme.yml").write_text("name: Acme\ncurrency: SEK\n")
    told: dict[str, Any] = {"kind": kind, "client": "acme"}
    secrets: Mapping[str, str] = {}
    if kind == "file":
        lines = [f"{number},{number * 10},won,2026-01-05" for number in range(ROWS)]
        (root / "data" / "deals.csv").write_text("\n".join(["id,amount,status,created", *lines]))
        told |= {"path": "data/*.csv", "tables": [{"file": "deals.csv", "fill": {"deals": FILL}}]}
    else:
        secrets = server.secrets
        told |= {
            "settings": json.loads(json.dumps(dict(server.settings))),
            "secrets": {name: f"env:IDLE_{name.upper()}" for name in secrets},
            "allow_private": True,
        }
    (root / "sources" / "vendor.yml").write_text(yaml.safe_dump(told))
    return {**os.environ, **{f"IDLE_{name.upper()}": text for name, text in secrets.items()}}


FILL = {"deal_id": "id", "amount": "amount", "stage_id": "status", "created_at": "created"}


def child(root: Path) -> None:
    """Sync, and sync again: seconds near and far, processor seconds, requests."""
    from kvitto.app.house import local_person, open_house
    from kvitto.app.sync import sync
    from kvitto.sources.http.adapter import GuardedAdapter

    sent, away = [0], [0.0]
    plain: Callable[..., Any] = GuardedAdapter.send

    def counted(*given: Any, **options: Any) -> Any:
        sent[0] += 1
        time.sleep(away[0])
        return plain(*given, **options)

    GuardedAdapter.send = counted  # type: ignore[method-assign]  # it is this process's own
    house = open_house(root)
    who = local_person(house)
    sync(house, who)
    sent[0] = 0
    began, used = time.perf_counter(), _processor()
    result = sync(house, who)
    wall, processor = time.perf_counter() - began, _processor() - used
    asked, away[0] = sent[0], FAR
    began = time.perf_counter()
    is_new = result.is_new or sync(house, who).is_new
    print(json.dumps([wall, time.perf_counter() - began, processor, asked, is_new]))


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def stand_in(kind: str) -> AbstractContextManager[Any]:
    """The running stand-in of that kind."""
    running: AbstractContextManager[Any] = import_module(
        f"tests.sources.connectors.stand_in.{kind}"
    ).stand_in()
    return running


def measure(kind: str, server: Any) -> tuple[float, float, float, int, bool, float]:
    """Seconds near and far, processor seconds, requests, whether it published; the command's."""
    with tempfile.TemporaryDirectory() as above:
        root = Path(above) / "place"
        environment = place(root, kind, server)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.sync_idle", str(root)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        wall, far, processor, sent, is_new = json.loads(done.stdout.splitlines()[-1])
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kvitto", "sync", "-q", "-w", str(root)],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return wall, far, processor, sent, is_new, time.perf_counter() - began


def main() -> None:
    if len(sys.argv) == 2 and sys.argv[1] not in KINDS:
        child(Path(sys.argv[1]))
        return
    print("## A sync with nothing new, for each kind of source\n")
    print("The second sync of a source whose stand-in (another process) holds nothing new, and the")
    print(f"same where each request is {FAR * 1000:g} ms longer on its way, and as a command, with")
    print(f"the interpreter's start. Goal: under {GOAL:g} s per source, near and far.\n")
    print("| source | wall s | wall s, far | CPU s | requests | published | command s |")
    print("|---|---|---|---|---|---|---|")
    for kind in sys.argv[1:] or KINDS:
        if kind == "file":
            found = measure(kind, None)
        else:
            with stand_in(kind) as server:
                found = measure(kind, server)
        wall, far, processor, sent, is_new, command = found
        said = "yes" if is_new else "no"
        print(
            f"| {kind} | {wall:.2f} | {far:.2f} | {processor:.2f} | {sent} | {said}"
            f" | {command:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
