"""How long ``kvitto --help`` and the package's import take, beside the bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15
COMMANDS = {
    "bare interpreter (`python -c pass`)": [sys.executable, "-c", "pass"],
    "`import kvitto`": [sys.executable, "-c", "import kvitto"],
    "`import kvitto.cli.main`": [sys.executable, "-c", "import kvitto.cli.main"],
    "`kvitto --help`": [sys.executable, "-m", "kvitto", "--help"],
}


def measure() -> dict[str, list[float]]:
    """Seconds of each run, the commands taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - started)
    return times


def main() -> None:
    times = measure()
    bare = min(times[next(iter(COMMANDS))])
    print("## Import time\n")
    print(f"{RUNS} runs of each in turn; goal for `--help`: under 0.3 s.\n")
    print("| what | min ms | median ms | over bare (min) |")
    print("|---|---|---|---|")
    for name, runs in times.items():
        low, middle = min(runs), statistics.median(runs)
        print(f"| {name} | {low * 1e3:.0f} | {middle * 1e3:.0f} | {(low - bare) * 1e3:.0f} ms |")


if __name__ == "__main__":
    main()
