"""A table with totals, blank rows and its header again reads back to the same records."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.conftest import Inbox, rows

HEADER = ("Customer", "Stage", "Deals", "Amount")
Record = tuple[str, str, int, Decimal]

names = st.sampled_from(["Acme", "Bolag", "Total Energies", "Café Ö", "Nord & Co", "Zeta"])
records: st.SearchStrategy[Record] = st.tuples(
    names,
    st.sampled_from(["Won", "Lost", "Open"]),
    st.integers(1, 99),
    st.integers(101, 99_999).map(lambda cents: Decimal(cents) / 100),
)
groups = st.lists(st.lists(records, min_size=2, max_size=5), min_size=2, max_size=5)
extras = st.lists(st.sampled_from(["subtotal", "blank", "header"]), max_size=3, unique=True)
words = st.sampled_from(["Total", "Summa", "Grand total:", "Gesamtergebnis"])


def total(label: str, table: Sequence[Record]) -> tuple[object, ...]:
    deals = sum(record[2] for record in table)
    amount = sum((record[3] for record in table), Decimal(0))
    return (label, None, deals, amount)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(groups, st.data(), words)
def test_what_stands_between_records_changes_none_of_them(
    given_groups: list[list[Record]], data: st.DataObject, word: str
) -> None:
    lines: list[tuple[object, ...]] = [HEADER]
    for place, group in enumerate(given_groups):
        lines += group
        asked = data.draw(extras)
        if "subtotal" in asked:
            lines.append(total(f"Subtotal {place}", group))
        if place + 1 < len(given_groups):
            lines += [()] if "blank" in asked else []
            lines += [HEADER] if "header" in asked else []
    every = [record for group in given_groups for record in group]
    lines.append(total(word, every))
    wanted = [(name, stage, str(deals), str(float(cost))) for name, stage, deals, cost in every]
    with TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder))
        table = inbox.table(written(lines), "a.xlsx")
        plain = [(a, b, c, str(float(d))) for a, b, c, d in rows(table)]
        inbox.staged.close()
    assert plain == wanted
    filled = sum(1 for line in lines if line)
    assert filled == 1 + table.rows + table.rejected
    assert table.rejected == sum(
        finding.rows for finding in table.findings if finding.resolution.value == "exclude"
    )


def written(lines: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Data")
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            if cell is not None:
                sheet.write(number, place, float(cell) if isinstance(cell, Decimal) else cell)
    book.close()
    return out.getvalue()
