"""Labels: suggestions for 10,000 of them, and what rules cost while a source is conformed."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from random import Random

from kvitto.audit.label.suggestion import Asked, suggest
from kvitto.conform import conform, understand
from kvitto.sources import read_source
from kvitto.warehouse import Warehouse
from kvitto.workspace.definition import ClientDefinition, RulesDefinition, SourceDefinition
from kvitto.workspace.label import LabelBook, standing

LABELS = 10_000
ROWS = 500_000
_WORDS = ("google", "meta", "organic", "search", "mail", "fair", "partner", "web", "direct", "ads")


def suggestions() -> float:
    """Seconds for the suggestions to 10,000 undecided labels of one concept."""
    draw = Random(7)
    rows = {
        f"{draw.choice(_WORDS)} {draw.choice(_WORDS)} {draw.randrange(10**6)}": draw.randrange(
            1, 99
        )
        for _ in range(LABELS)
    }
    start = time.perf_counter()
    suggest(Asked("source", rows))
    return time.perf_counter() - start


def conforming(folder: Path, book: LabelBook) -> float:
    """Processor seconds for conforming 500,000 leads with these rules."""
    definition = SourceDefinition.model_validate(
        {
            "client": "acme",
            "path": "leads.csv",
            "as_of": "2024-06-30",
            "tables": [
                {
                    "file": "leads.csv",
                    "fill": {"leads": {"lead_id": "id", "source": "src", "created_at": "at"}},
                }
            ],
        }
    )
    staged = read_source("crm", definition, folder)
    with (
        tempfile.TemporaryDirectory() as made,
        Warehouse(Path(made)).building(rebuild=["crm"]) as building,
    ):
        start = time.process_time()
        conform(
            building.connection,
            "crm",
            definition,
            staged,
            understand(staged, definition),
            ClientDefinition(name="Acme", timezone="UTC"),
            "b1",
            labels=book,
            today=date(2024, 6, 30),
        )
        spent = time.process_time() - start
    staged.close()
    return spent


def main() -> None:
    """Print the figures of the section in RESULTS.md."""
    print(f"suggestions for {LABELS:,} labels: {suggestions():.1f} s")
    rules = {
        "rules": [{"folded": "label 1", "means": "One"}, {"pattern": "label 2.*", "means": "Two"}]
    }
    definition = RulesDefinition.model_validate({"concepts": {"source": rules}})
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lines = "".join(f"{n},Label {n % 40},2024-05-{n % 28 + 1:02}\n" for n in range(ROWS))
        (folder / "leads.csv").write_text(f"id,src,at\n{lines}", encoding="utf-8")
        without = conforming(folder, LabelBook())
        ruled = conforming(folder, standing([definition], "acme", date(2024, 6, 30)))
    print(f"conforming {ROWS:,} leads: {without:.2f} s, with rules {ruled:.2f} s of processor time")


if __name__ == "__main__":
    main()
