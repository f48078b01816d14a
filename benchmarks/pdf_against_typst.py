"""A PDF of an edition against bare typst with the same content, and all forms together.

Bare typst gets the finished Typst files, data and charts of the same edition
and does nothing but `typst.compile`, once in this process and once in a fresh
child, as anyone would call it; to it is added the time of drawing the charts
with vl-convert from finished specifications. Every round has another edition,
so that no cache answers. Ratios are medians of the rounds of one run.

    python benchmarks/pdf_against_typst.py [rounds]
"""

from __future__ import annotations

import base64
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kvitto.model.edition import Edition
from kvitto.render import render, render_all, render_mail, vega_spec
from kvitto.render.chart.draw import warm_up
from kvitto.render.chart.frame import is_empty
from kvitto.render.fact import moment_of
from kvitto.render.formats.pdf import files_of
from kvitto.render.material import Material
from kvitto.render.theme.font import FONTS
from tests.render.sample import BRAND, make_edition

LIMIT = 1.3
ALL_FORMS_SECONDS = 2.0
FORMS = ("html", "pdf", "xlsx", "json", "csv", "md")

BARE = """
import base64, json, sys, typst
order = json.load(sys.stdin)
files = {k: base64.b64decode(v) for k, v in order["files"].items()}
fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False,
    font_paths=[order["fonts"]])
sys.stdout.buffer.write(typst.compile(files, format="pdf", pdf_standards=["a-2a", "ua-1"],
    font_paths=fonts, root=order["root"], timestamp=order["moment"]))
"""


def main() -> int:
    """Measures, prints, and says whether the limits hold."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    warm_up()
    kept: dict[str, list[float]] = {}
    for index in range(rounds + 1):
        edition = make_edition("en").model_copy(update={"client_name": f"Client {index}"})
        files = files_of(Material(edition, BRAND))
        took = {
            "charts": _timed(_draw, edition),
            "ours": _timed(render, edition, BRAND, "pdf"),
            "here": _timed(_compile, edition, files),
            "child": _timed(_compile_in_child, edition, files),
            "every": _timed(render_all, edition, BRAND, FORMS),
            "mail": _timed(render_mail, edition, BRAND),
        }
        for name, seconds in took.items():
            kept.setdefault(name, []).append(seconds)
    first_round_warms_up = {name: times[1:] for name, times in kept.items()}
    return _report(first_round_warms_up)


def _report(took: dict[str, list[float]]) -> int:
    ours, here, child = took["ours"], took["here"], took["child"]
    charts, every, mail = took["charts"], took["every"], took["mail"]
    median = statistics.median
    in_process = median([o / (t + c) for o, t, c in zip(ours, here, charts, strict=True)])
    in_child = median([o / (t + c) for o, t, c in zip(ours, child, charts, strict=True)])
    print(f"charts (vl-convert)                {median(charts) * 1000:7.0f} ms")
    print(f"bare typst, same process           {median(here) * 1000:7.0f} ms")
    print(f"bare typst, fresh child            {median(child) * 1000:7.0f} ms")
    print(f"kvitto PDF, limited child + charts {median(ours) * 1000:7.0f} ms")
    print(f"ratio to typst in a child + charts {in_child:7.2f}")
    print(f"ratio to typst in process + charts {in_process:7.2f}  (limit {LIMIT})")
    print(f"all six forms                      {median(every) * 1000:7.0f} ms")
    print(f"mail                               {median(mail) * 1000:7.0f} ms")
    total = median([a + b for a, b in zip(every, mail, strict=True)])
    print(f"all forms and mail                 {total * 1000:7.0f} ms  (limit 2000)")
    return 0 if in_process <= LIMIT and total <= ALL_FORMS_SECONDS else 1


def _timed(work: Callable[..., object], *inputs: object) -> float:
    start = time.perf_counter()
    work(*inputs)
    return time.perf_counter() - start


def _draw(edition: Edition) -> list[str]:
    import vl_convert

    drawn = [block for block in Material(edition, BRAND).charts if not is_empty(block)]
    return [vl_convert.vegalite_to_svg(vega_spec(block, "en", BRAND)) for block in drawn]


def _compile(edition: Edition, files: dict[str, bytes]) -> bytes:
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    compile_files: Any = typst.compile
    made: bytes = compile_files(
        files,
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        font_paths=fonts,
        root=str(FONTS),
        timestamp=moment_of(edition),
    )
    return made


def _compile_in_child(edition: Edition, files: dict[str, bytes]) -> bytes:
    order = {
        "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
        "fonts": str(FONTS),
        "root": str(FONTS),
        "moment": moment_of(edition),
    }
    done = subprocess.run(
        [sys.executable, "-c", BARE],
        input=json.dumps(order).encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
