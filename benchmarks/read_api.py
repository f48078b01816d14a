"""Reading an interface, against a bare loop that does nothing but fetch and write

20,000 records, 100 a page, from a server (another process) that gives about 1,900 records a
second, as measured interfaces do. The bare loop asks page after page with ``requests`` and writes
JSON lines. Ours checks, watches, types, writes Parquet, checkpoints and merges by key, ready to be
conformed. Taken in turn; the medians are compared.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDS = 20_000
PAGE = 100
PER_SECOND = 1_900
ROUNDS = 3
GOAL = 1.5
FIELDS = {
    "id": "text",
    "title": "text",
    "value": "money",
    "stage": "text",
    "owner": "text",
    "added": "instant",
    "changed": "instant",
}


def page(start: int) -> bytes:
    """One page, as the server sends it."""
    items = [
        {
            "id": f"D{number:08d}",
            "title": f"Deal number {number}",
            "value": number / 4,
            "stage": f"stage-{number % 7}",
            "owner": f"owner-{number % 40}",
            "added": "2026-01-02T08:00:00Z",
            "changed": f"2026-01-02T{8 + number // 3600:02d}:{number // 60 % 60:02d}:"
            f"{number % 60:02d}Z",
        }
        for number in range(start, min(start + PAGE, RECORDS))
    ]
    following = start + PAGE if start + PAGE < RECORDS else None
    return json.dumps({"items": items, "next": following}).encode()


def serve() -> None:
    """Serve until the parent is gone; the address is printed first."""
    pages = {start: page(start) for start in range(0, RECORDS, PAGE)}
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one piece, else each page waits for an echo

        def do_GET(self) -> None:
            with turn:
                time.sleep(PAGE / PER_SECOND)
            asked = parse_qs(urlsplit(self.path).query)
            body = pages[int(asked.get("after", ["0"])[0])]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


def bare(url: str, folder: Path) -> int:
    """A loop, as one would write it: ask, write lines, ask again."""
    import requests

    rows = 0
    after: int | None = 0
    with requests.Session() as session, (folder / "deals.jsonl").open("w") as lines:
        while after is not None:
            answer = session.get(f"{url}/deals", params={"after": after}).json()
            for item in answer["items"]:
                lines.write(json.dumps(item) + "\n")
            rows += len(answer["items"])
            after = answer["next"]
    return rows


def ours(url: str, folder: Path) -> int:
    """A first reading through ``pull``."""
    from kvitto.sources.connector import Reading
    from kvitto.sources.http import Http, never_ending
    from kvitto.sources.pull import Pulled, pull
    from kvitto.sources.stream import Account, Opening, Page, Stream, Wanted
    from kvitto.workspace.definition import LimitsDefinition, SourceDefinition

    deals = Stream(
        "deals",
        ("id",),
        FIELDS,  # type: ignore[arg-type]  # the kinds are as they should be
        {"deals": {"deal_id": "id", "amount": "value"}},
        cursor="changed",
        ordered=True,
    )

    class Deals:
        """The connection."""

        def __init__(self, opening: Opening) -> None:
            self._http = Http(opening, url)

        def account(self) -> Account:
            return Account("deals")

        def streams(self) -> Sequence[Stream]:
            return (deals,)

        def pages(self, _stream: Stream, _wanted: Wanted) -> Iterator[Page]:
            def found() -> Iterator[tuple[object, Page]]:
                after: object = 0
                while after is not None:
                    answer = self._http.get("/deals", {"after": after})
                    after = answer["next"]
                    yield after, answer["items"]

            yield from never_ending(found())

        def ids(self, _stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
            yield from ()

        def close(self) -> None:
            self._http.close()

    told = SourceDefinition.model_validate({"kind": "deals", "client": "acme"})
    own = folder / "run"
    own.mkdir()
    opening = Opening(
        "crm", None, str, lambda _name, _value: None, LimitsDefinition(), allow_private=True
    )
    brought: list[Pulled] = []
    pull(Reading("crm", told, folder, own), opening, Deals, brought.extend)
    return brought[0].added


def _child(name: str, url: str, folder: Path) -> None:
    began = time.perf_counter()
    rows = {"bare": bare, "ours": ours}[name](url, folder)
    assert rows == RECORDS
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime
    print(json.dumps([time.perf_counter() - began, processor, used.ru_maxrss / 1024]))


def _run(name: str, url: str) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, name, url, folder],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    if sys.argv[1:] == ["serve"]:
        serve()
        return
    if len(sys.argv) == 4:
        _child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
        return
    server: Any = subprocess.Popen(
        [sys.executable, __file__, "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = server.stdout.readline().strip()
    runs: dict[str, list[list[float]]] = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for name in runs:
            runs[name].append(_run(name, url))
    server.communicate("")
    told = {"bare": "bare loop, JSON lines", "ours": "kvitto, merged by key"}
    middle = {
        name: [statistics.median(one[place] for one in of) for place in range(3)]
        for name, of in runs.items()
    }
    for name, (wall, processor, peak) in middle.items():
        print(f"{told[name]:24} {wall:6.2f} s wall  {processor:5.2f} s CPU  {peak:4.0f} MB")
    ratio = middle["ours"][0] / middle["bare"][0]
    print(f"{'ratio of wall times':24} {ratio:6.2f}         (goal: at most {GOAL})")
    left = middle["ours"][0] - RECORDS / PER_SECOND
    print(f"{'beyond what it allows':24} {left:6.2f} s")


if __name__ == "__main__":
    main()
