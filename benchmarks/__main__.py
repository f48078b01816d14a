"""Runs every benchmark in a process of its own and writes ``benchmarks/RESULTS.md``.

``python -m benchmarks`` runs all, ``python -m benchmarks import_time`` only the
named ones. Each benchmark prints one section of Markdown.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
NAMES = (
    "import_time",
    "ask_against_sql",
    "csv_to_canonical",
    "read_formats",
    "read_api",
    "read_sql",
    "sync_idle",
    "sync_rows",
    "pdf_against_typst",
    "edition_forms",
    "page_time",
    "demo_run",
    "audit_scan",
    "entity",
    "labels",
    "monitors",
)


def main(names: list[str]) -> int:
    sections = read_sections()
    for name in names or NAMES:
        print(f"-- {name}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=HERE.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{name} failed with {done.returncode}", file=sys.stderr)
            return 1
        print(done.stdout, flush=True)
        sections[name] = section(name, done.stdout.strip())
        write_sections(sections)
    return 0


def section(name: str, printed: str) -> str:
    """What was printed, as a section; plain text is put below the benchmark's first line."""
    if printed.startswith("## "):
        return printed
    says = (import_module(f"benchmarks.{name}").__doc__ or name).strip().split("\n\n")
    title, rest = says[0].rstrip("."), " ".join(" ".join(says[1:2]).split())
    return f"## {title}\n\n{rest}\n\n```\n{printed}\n```".replace("\n\n\n\n", "\n\n")


def read_sections() -> dict[str, str]:
    """The sections of the last run, by benchmark."""
    if not RESULTS.exists():
        return {}
    parts = re.split(r"<!-- (\w+) -->\n", RESULTS.read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def write_sections(sections: dict[str, str]) -> None:
    """The whole page, in the order of :data:`NAMES`."""
    body = "".join(f"<!-- {name} -->\n{sections[name]}\n\n" for name in NAMES if name in sections)
    head = (
        "# Measured\n\n"
        f"Last run {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}). The machine is "
        "shared, so ratios taken in one run and CPU seconds say more than wall time. "
        "Command: `make bench`, or `python -m benchmarks NAME` for one section.\n\n"
    )
    RESULTS.write_text(head + body.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
