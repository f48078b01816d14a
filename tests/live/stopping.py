"""``kvitto`` as a child that ends itself at a chosen point of its work.

``python stopping.py SIGNAL STAGE NUMBER WORDS...`` sends itself the signal at the
NUMBER-th call that is made in STAGE; ``python stopping.py count FILE - WORDS...``
counts the calls of each stage instead, ``let be - WORDS...`` does neither.

Calls are those of the product's own functions, and those that they make into
libraries: the same ones in each run, whatever else the machine does. Parts and
checkpoints are small, so that a few thousand records have many of them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

COMMIT_ROWS = 1_000

STAGES = {
    ("kvitto.sources.connector", "read_source"): "opening",
    ("kvitto.sources.pull.extract", "write_pages"): "reading",
    ("kvitto.sources.pull.extract", "_loaded"): "loading",
    ("kvitto.sources.landing.landing", "add_part"): "writing parts",
    ("kvitto.sources.landing.landing", "fold"): "merging",
    ("kvitto.sources.pull.stage", "stage_stream"): "staging",
    ("kvitto.warehouse.building", "carry"): "building",
    ("kvitto.conform.run", "conform"): "conforming",
    ("kvitto.audit.auditing", "audit"): "auditing",
    ("kvitto.warehouse.building", "publish"): "publishing",
    ("kvitto.app.sync", "_remember"): "remembering",
}
"""The function with which each stage begins; it lasts until another begins."""


class Points:
    """Counts the calls of each stage, and acts at one of them."""

    def __init__(self, stage: str, number: int, act: Any) -> None:
        self.counts: dict[str, int] = {"starting": 0}
        self._now = "starting"
        self._at = (stage, number)
        self._act = act

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        """What the interpreter calls at every call and return."""
        if event not in ("call", "c_call"):
            return
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("kvitto."):
            return
        if event == "call":
            self._now = STAGES.get((module, frame.f_code.co_name), self._now)
        number = self.counts.get(self._now, 0) + 1
        self.counts[self._now] = number
        if (self._now, number) == self._at:
            self._act()


def main() -> None:
    how, what, number, *words = sys.argv[1:]
    from kvitto.cli.main import main as kvitto
    from kvitto.sources.pull import extract, stream

    stream.COMMIT_ROWS = COMMIT_ROWS
    extract.FEW = COMMIT_ROWS // 2
    sys.argv = ["kvitto", *words]
    counting = how == "count"
    points = Points(
        what,
        int(number) if number.isdigit() else 0,
        lambda: os.kill(os.getpid(), getattr(signal, how)),
    )
    if how != "let":
        sys.setprofile(points)
    try:
        kvitto()
    finally:
        sys.setprofile(None)
        if counting:
            Path(what).write_text(json.dumps(points.counts), encoding="utf-8")


if __name__ == "__main__":
    main()
