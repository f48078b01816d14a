"""How long one edition takes in all its forms, in one process, charts included."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
FORMS = ("html", "pdf", "xlsx", "json", "csv", "md")


def main() -> None:
    from kvitto.app.edition import editions, get
    from kvitto.app.house import local_person, open_house
    from kvitto.app.render import brand_of
    from kvitto.render import render_all

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "demo"
        subprocess.run(
            [sys.executable, "-m", "kvitto", "demo", str(target), "--quiet"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        house = open_house(target)
        who = local_person(house)
        print("## One edition in all forms\n")
        print(f"{', '.join(FORMS)} from one document, {RUNS} runs; goal: under 2 s.\n")
        print("| edition | first s | median s | bytes |")
        print("|---|---|---|---|")
        for row in editions(house, who):
            edition = get(house, who, row.id)
            brand = brand_of(house, edition)
            times, size = [], 0
            for _ in range(RUNS):
                started = time.perf_counter()
                size = sum(len(content) for content in render_all(edition, brand, FORMS).values())
                times.append(time.perf_counter() - started)
            print(f"| {row.id} | {times[0]:.2f} | {statistics.median(times):.2f} | {size:,} |")


if __name__ == "__main__":
    main()
