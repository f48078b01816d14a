"""The whole demo, first and second run, with its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(target: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory in MB of one ``kvitto demo``."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "kvitto", "demo", str(target)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"kvitto demo ended with {os.waitstatus_to_exitcode(status)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    print("## The demo\n")
    print(
        "`kvitto demo` without the setting up; goals: second run under 20 s, memory under 500 MB.\n"
    )
    print("| run | wall s | CPU s | peak MB |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first", "second"):
            wall, cpu, peak = run(Path(folder) / "demo")
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
