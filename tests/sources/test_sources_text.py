"""Text files of every make, read as what they are."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.errors import BadSource
from kvitto.sources.connectors.file.cell import FAILED
from kvitto.sources.connectors.file.content import LONGEST_LINE
from kvitto.sources.format import NOTHING
from tests.sources.conftest import Inbox, kinds, rows

SWEDISH = "id;företag;belopp\n1;Åkeri Öst AB;1 234,50\n2;Café Ärlig;-\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]
)
def test_every_encoding_reads_alike(inbox: Inbox, encoding: str) -> None:
    table = inbox.table(SWEDISH.encode(encoding))
    assert [column.header for column in table.columns] == ["id", "företag", "belopp"]
    assert rows(table) == [("1", "Åkeri Öst AB", "1 234,50"), ("2", "Café Ärlig", None)]
    assert table.columns[2].format.decimal == ","


def test_a_guessed_encoding_says_so_and_can_be_overruled(inbox: Inbox) -> None:
    table = inbox.table("id;name\n1;Żółć\n".encode("cp1250"))
    assert table.decisions[0].how == "guessed"
    told: dict[str, Any] = {"tables": [{"file": "deals.csv", "encoding": "cp1250"}]}
    table = inbox.table("id;name\n1;Żółć\n".encode("cp1250"), **told)
    assert (table.decisions[0].how, rows(table)) == ("told", [("1", "Żółć")])


def test_a_wrong_encoding_is_a_finding(inbox: Inbox) -> None:
    told: dict[str, Any] = {"tables": [{"file": "deals.csv", "encoding": "utf-8"}]}
    table = inbox.table(b"id;name\n1;\xc5ke\n2;Bo\n", **told)
    assert [finding.code for finding in table.findings] == ["wrong_encoding"]
    assert table.rows == 2


def test_an_unknown_encoding_is_refused(inbox: Inbox) -> None:
    told: dict[str, Any] = {"tables": [{"file": "deals.csv", "encoding": "klingon"}]}
    with pytest.raises(BadSource, match="klingon"):
        inbox.table("id\n1\n", **told)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(inbox: Inbox, delimiter: str) -> None:
    table = inbox.table(delimiter.join(["id", "note"]) + f'\n1{delimiter}"a{delimiter}b"\n')
    assert rows(table) == [("1", f"a{delimiter}b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_reads_alike(inbox: Inbox, end: str) -> None:
    assert rows(inbox.table(end.join(["id,name", "1,A", '2,"B, C"', ""]))) == [
        ("1", "A"),
        ("2", "B, C"),
    ]


def test_mixed_line_ends_and_breaks_inside_cells(inbox: Inbox) -> None:
    table = inbox.table(b'id,note\r\n1,"two\nlines"\r\n2,"more\r\nlines"\n3,x\r\n')
    assert rows(table) == [("1", "two\nlines"), ("2", "more\nlines"), ("3", "x")]


def test_codes_keep_their_zeros(inbox: Inbox) -> None:
    table = inbox.table("id,zip\n007,01234\n008,55555\n")
    assert rows(table) == [("007", "01234"), ("008", "55555")]
    assert kinds(table) == {"id": "text", "zip": "text"}


def test_ragged_rows_are_findings_with_their_lines(inbox: Inbox) -> None:
    table = inbox.table('id,a,b\n1,2,3\n4,5\n6,7,8,9\n10,"x"y,3\n11,12,13\n')
    assert (table.rows, table.rejected) == (2, 3)
    lines = {finding.records for finding in table.findings}
    assert lines == {("3",), ("4",), ("5",)}
    assert {finding.code for finding in table.findings} == {"rejected_row"}
    assert [row[0] for row in rows(table)] == ["1", "11"]


def test_most_rows_may_be_broken_and_the_header_still_holds(inbox: Inbox) -> None:
    table = inbox.table("id,a\n1,x\n2,y,z\n3,y,z\n4,y,z\n")
    assert [column.name for column in table.columns] == ["id", "a"]
    assert (table.rows, table.rejected) == (1, 3)


def test_a_delimiter_at_the_end_of_every_row_breaks_nothing(inbox: Inbox) -> None:
    table = inbox.table("id;a\n" + "1;x;\n" * 9)
    assert (table.rows, table.rejected) == (9, 0)


def test_a_quote_that_never_closes_loses_no_row_in_silence(inbox: Inbox) -> None:
    table = inbox.table('id,a\n1,x\n2,"open\n3,y\n4,z\n')
    assert table.rejected >= 1
    assert "line 3" in table.findings[0].message


def test_duplicate_and_empty_headers_get_names(inbox: Inbox) -> None:
    table = inbox.table("id,name,Name,\n1,a,b,c\n")
    assert [column.name for column in table.columns] == ["id", "name", "Name_2", "column_4"]
    assert [finding.code for finding in table.findings] == ["duplicate_header"]
    assert rows(table) == [("1", "a", "b", "c")]


def test_a_title_before_the_header_is_left_out(inbox: Inbox) -> None:
    table = inbox.table("Deals of June\n\nid,name,amount\n1,a,5\n2,b,6\n")
    assert [finding.code for finding in table.findings] == ["lines_before_header"]
    assert rows(table) == [("1", "a", "5"), ("2", "b", "6")]


def test_blank_rows_are_no_rows(inbox: Inbox) -> None:
    table = inbox.table("id,name\n1,a\n,\n\n2,b\n,\n")
    assert (table.rows, len(rows(table))) == (2, 2)


def test_a_row_of_totals_is_left_out_with_a_finding(inbox: Inbox) -> None:
    table = inbox.table("deal,owner,amount\nA,x,10\nB,y,20\nTotalt:,,30\n")
    assert (table.rows, table.rejected) == (2, 1)
    assert [finding.code for finding in table.findings] == ["totals_row"]
    assert [row[0] for row in rows(table)] == ["A", "B"]


def test_a_customer_called_total_is_a_customer(inbox: Inbox) -> None:
    table = inbox.table("account,owner,amount\nAcme,x,10\nTotal,y,20\n")
    assert (table.rows, table.findings) == (2, ())


def test_a_header_alone_is_a_finding(inbox: Inbox) -> None:
    table = inbox.table("id,name\n")
    assert (table.rows, [finding.code for finding in table.findings]) == (0, ["no_rows"])


def test_a_line_that_is_too_long_is_left_out(inbox: Inbox) -> None:
    long = b"x" * (LONGEST_LINE * 3)
    table = inbox.table(b"id,note\n1,a\n2," + long + b"\n3,c\n")
    assert (table.rows, table.rejected) == (2, 1)
    finding = table.findings[0]
    assert (finding.code, finding.records, finding.rows) == ("line_too_long", ("3",), 1)
    assert rows(table) == [("1", "a"), ("3", "c")]


def test_an_endless_line_does_not_fill_the_memory(inbox: Inbox) -> None:
    with (inbox.folder / "deals.csv").open("wb") as out:
        out.write(b"id,note\n1,a\n2,")
        for _ in range(120):
            out.write(b"x" * 1_000_000)
        out.write(b"\n3,c\n")
    code = (
        "from pathlib import Path; from kvitto.sources import read_source;"
        "from kvitto.workspace.definition import SourceDefinition;"
        "staged = read_source('crm', SourceDefinition(client='acme', path='in'), Path('.'));"
        "assert staged.tables[0].rows == 2, staged;"
        "lines = Path('/proc/self/status').read_text().splitlines();"
        "print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith('VmHWM')))"
    )
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=inbox.root,
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 240


def test_a_file_of_one_endless_line_is_refused(inbox: Inbox) -> None:
    with pytest.raises(BadSource):
        inbox.table(b"x," * LONGEST_LINE)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\n"), max_size=6
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12))
def test_what_a_csv_writer_writes_is_read_back(inbox: Inbox, cells: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("key", "a", "b")])
    for number, pair in enumerate(cells):
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow([f"k{number}", *pair])
    table = inbox.table(out.getvalue())
    assert table.rows + table.rejected == len(cells)
    kept = {row[0]: row[1:] for row in rows(table)}
    for number, pair in enumerate(cells):
        if f"k{number}" in kept:
            assert kept[f"k{number}"] == tuple(
                None if c in (*NOTHING, *FAILED) else c for c in pair
            )
