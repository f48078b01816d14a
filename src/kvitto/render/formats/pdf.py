"""PDF: tagged (PDF/UA-1, PDF/A-2a), typeset in a child process with limits.

The child gets our own Typst files, the data as JSON and the charts as SVG; no
text of anybody ever becomes Typst source.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from kvitto.errors import RenderFailed
from kvitto.render.fact import moment_of
from kvitto.render.format import Format, Limit
from kvitto.render.material import Material
from kvitto.render.theme.font import FONTS

PAPER = Path(__file__).parent.parent / "paper"
"""Folder of the Typst files and of the child process's program."""

SECONDS = 60
"""How long the child may take by the clock; its own limit is on CPU time."""


def write(material: Material) -> bytes:
    """The PDF. Raises :class:`RenderFailed` with what the typesetter said."""
    return typeset(files_of(material), moment_of(material.edition), material.edition.id)


def files_of(material: Material) -> dict[str, bytes]:
    """Everything that the typesetter reads, by name."""
    from kvitto.render.paper.sheet import sheet_of

    sheet = sheet_of(material)
    data = json.dumps(sheet.data, ensure_ascii=False, sort_keys=True).encode()
    return {**_sources(), "data.json": data, **sheet.files}


def typeset(files: dict[str, bytes], moment: int, name: str) -> bytes:
    """One child process: files in through its input, the PDF out through its output."""
    order = {
        "files": {key: base64.b64encode(data).decode() for key, data in files.items()},
        "fonts": str(FONTS),
        "moment": moment,
    }
    program = [sys.executable, "-I", str(PAPER / "child.py")]
    try:
        done = subprocess.run(
            program, input=json.dumps(order).encode(), capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(name, f"it took longer than {SECONDS} seconds") from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        said = done.stderr.decode(errors="replace").strip()[-600:]
        raise _failed(name, said or f"the typesetter stopped with code {done.returncode}")
    return done.stdout


def _failed(name: str, found: str) -> RenderFailed:
    return RenderFailed.of(
        f"write the edition '{name}' as PDF",
        found,
        "The HTML form holds the same report; mend what is named here and render again.",
    )


@lru_cache(maxsize=1)
def _sources() -> dict[str, bytes]:
    return {name: (PAPER / name).read_bytes() for name in ("main.typ", "block.typ")}


FORMAT = Format(
    name="pdf",
    extension="pdf",
    media_type="application/pdf",
    write=write,
    limits=(
        Limit("a character that no shipped font has", "\u25a1, with a remark at the end"),
        Limit("a skin tone or a joined emoji", "the plain emoji"),
    ),
    draws=True,
    apart=True,
)
