"""A workspace to spoil: the shipped example, and a small one written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example"

SMALL = {
    "kvitto.yml": "agency: Bright Lane\ncurrency: SEK\n",
    "clients/northgate.yml": "# who\nname: Northgate\nmanager: Elin  # ours\n",
    "sources/crm.yml": "kind: file\nclient: northgate\npath: data/*.csv\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small workspace with these files changed or added."""

    def write(**changed: str) -> Path:
        files = SMALL | {name.replace("__", "/") + ".yml": text for name, text in changed.items()}
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write
