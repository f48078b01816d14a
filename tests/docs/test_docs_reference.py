"""The reference is made from the code, and nothing public is left out of it."""

from __future__ import annotations

import pytest
from docs.generate import REFERENCE, pages

from kvitto.model.table import canonical_tables


@pytest.mark.parametrize(
    "name",
    ["commands.md", "metrics.md", "settings.md", "tables.md", "items.md", "sources.md"],
)
def test_the_reference_is_not_behind_the_code(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run: python docs/generate.py"


def test_every_table_and_column_says_what_it_means() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in canonical_tables().values()
        for column in table.columns
        if not column.meaning
    ]
    assert silent == []
    assert all(table.meaning for table in canonical_tables().values())
