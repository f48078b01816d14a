"""Typesets one PDF in a process of its own and ends.

Reads one JSON order from its input, writes the PDF to its output. It limits
its own memory, CPU time and files before it reads anything. Its root is this
folder, so that no path leads anywhere else.
"""

import base64
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 40


def limit() -> None:
    """What a runaway document may take: then the child dies, and only the child."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))


def main() -> int:
    """Reads the order, typesets, writes."""
    limit()
    import typst

    compile_files: Any = typst.compile  # takes several files by name; its types know only one
    order = json.load(sys.stdin.buffer)
    files = {name: base64.b64decode(data) for name, data in order["files"].items()}
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[order["fonts"]]
    )
    try:
        pdf: bytes = compile_files(
            files,
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            font_paths=fonts,
            root=str(Path(__file__).parent),
            timestamp=order["moment"],
        )
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
