"""Reads every file of the dirty corpora, each in a child that may be stopped.

``python -m tests.sources.corpus`` writes ``docs/reference/dirty-files.md``; the
test of the corpus makes the same page and compares.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "reference" / "dirty-files.md"
CORPORA = (
    "dirty_clevercsv",
    "dirty_csv_spectrum",
    "dirty_frictionless",
    "dirty_messytables",
    "dirty_openrefine",
    "dirty_xlsx_calamine",
    "dirty_xlsx_janitor",
    "dirty_xlsx_readxl",
)
NOT_DATA = ("README.md", "PROVENANCE.json", "package.json")
LONGEST_WALL = 60.0
MOST_PROCESSOR = 30
MOST_ADDRESSES = 3 << 30
MOST_RESIDENT = 400
CELLS_KEPT = 60_000
_ENGINE: dict[str, Any] = {"memory_limit": "200MB", "threads": 1}


@dataclass(frozen=True)
class Read:
    """One table of one file, as the connector gave it."""

    sheet: str | None
    header: list[str]
    kinds: list[str]
    rows: int
    rejected: int
    cells: list[list[str | None]]
    decided: dict[str, str]
    questions: list[str]


@dataclass(frozen=True)
class Outcome:
    """What became of one file: ``verdict`` is read, asked, refused or crashed."""

    corpus: str
    file: str
    verdict: str
    tables: list[Read] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    peak: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)


def files() -> list[tuple[str, Path]]:
    """Every file that holds data, by corpus."""
    return [
        (corpus, path)
        for corpus in CORPORA
        for path in sorted((DATA / corpus).rglob("*"))
        if path.is_file() and path.name not in NOT_DATA and "LICENSE" not in path.name
    ]


def read_all(wanted: Sequence[tuple[str, Path]]) -> list[Outcome]:
    """Read each file in one of two children."""
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(_read_some, (wanted[::2], wanted[1::2])))
    found = {(one.corpus, one.file): one for half in halves for one in half}
    names = [(corpus, path.relative_to(DATA / corpus).as_posix()) for corpus, path in wanted]
    return [found[name] for name in names]


def _read_some(wanted: Sequence[tuple[str, Path]]) -> list[Outcome]:
    """One that dies or hangs is replaced, and the file is marked."""
    outcomes = []
    child = _Child()
    for corpus, path in wanted:
        answer = child.ask(path)
        name = path.relative_to(DATA / corpus).as_posix()
        if answer is None:
            said = child.end()
            outcomes.append(Outcome(corpus, name, "crashed", reason=said))
            child = _Child()
            continue
        tables = [Read(**table) for table in answer.pop("tables")]
        outcomes.append(Outcome(corpus, name, tables=tables, **answer))
    child.end()
    return outcomes


class _Child:
    """A process that reads one file after the other, each within its limits."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sources.corpus", "child"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, path: Path) -> dict[str, Any] | None:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        try:
            asked.write(f"{path}\n")
            asked.flush()
        except BrokenPipeError:
            return None
        with selectors.DefaultSelector() as waiting:
            waiting.register(answers, selectors.EVENT_READ)
            if not waiting.select(LONGEST_WALL):
                self._process.kill()
                return None
        line = answers.readline()
        return json.loads(line) if line else None

    def end(self) -> str:
        """Stop it; gives what it said last and how it ended."""
        assert self._process.stdin is not None
        try:
            _, said = self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, said = self._process.communicate()
        last = said.strip().splitlines()[-1:] or [""]
        return f"ended with {self._process.returncode}: {last[0]}"


def _serve(asked: IO[str], answers: IO[str]) -> None:
    import duckdb

    # Held open so that the shared database of the checks is made once.
    with TemporaryDirectory() as folder, duckdb.connect(":memory:shared", config=_ENGINE):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
        for line in asked:
            used = resource.getrusage(resource.RUSAGE_SELF)
            most = int(used.ru_utime + used.ru_stime) + MOST_PROCESSOR
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
            Path("/proc/self/clear_refs").write_text("5")
            before, begin = _peak(), time.process_time()
            answer = _answer(Path(line.rstrip("\n")), Path(folder))
            answer["peak"] = max(0, _peak() - before)
            answer["seconds"] = time.process_time() - begin
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _answer(path: Path, root: Path) -> dict[str, Any]:
    from kvitto.errors import KvittoError
    from kvitto.sources import read_source
    from kvitto.workspace.definition import SourceDefinition

    definition = SourceDefinition.model_validate({"client": "acme", "path": str(path)})
    try:
        staged = read_source("crm", definition, root)
    except KvittoError as error:
        return {"verdict": "refused", "tables": [], "reason": _plain(error.problems)}
    except Exception as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return {"verdict": "crashed", "tables": [], "reason": said}
    answer = {
        "verdict": "asked" if staged.questions else "read",
        "tables": [vars(_read(table)) for table in staged.tables],
        "findings": [
            {
                "code": one.code,
                "rows": one.rows,
                "message": one.message,
                "todo": one.todo,
                "resolution": one.resolution.value,
                "records": list(one.records),
            }
            for one in staged.all_findings()
        ],
        "reason": "; ".join(question.found for question in staged.questions),
    }
    staged.close()
    return answer


def _plain(problems: Sequence[Any]) -> str:
    return "; ".join(problem.found for problem in problems)


def _read(table: Any) -> Read:
    import duckdb

    connection = duckdb.connect(":memory:shared", config=_ENGINE)
    connection.execute("SET TimeZone = 'UTC'")
    cells = connection.execute(f"SELECT * FROM {table.relation_sql}").fetchmany(
        max(1, CELLS_KEPT // max(1, len(table.columns)))
    )
    (given,) = connection.execute(f"SELECT count(*) FROM {table.relation_sql}").fetchone() or (0,)
    connection.close()
    if given != table.rows:
        raise AssertionError(f"says {table.rows} rows and gives {given}")
    return Read(
        table.sheet,
        [column.header for column in table.columns],
        [column.format.kind for column in table.columns],
        table.rows,
        table.rejected,
        [list(row) for row in cells],
        {decision.what: decision.value for decision in table.decisions},
        [question.column for question in table.questions],
    )


def _peak() -> int:
    """The highest resident memory of this process since it was last reset, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def page(outcomes: Sequence[Outcome]) -> str:
    """``docs/reference/dirty-files.md``: what becomes of every file, and why."""
    verdicts = Counter((one.corpus, one.verdict) for one in outcomes)
    lines = [
        "# Dirty files",
        "",
        "What the file connector makes of eight public collections of broken and unusual files. The"
        " page is written by the test that reads them (`python -m tests.sources.corpus`); the test"
        f" also holds each file to {MOST_RESIDENT} MB of memory and {MOST_PROCESSOR} s.",
        "",
        "*read*: rows came out of it, and what was wrong is a finding. *asked*: rows came out of"
        " it, and a column can be read in two ways. *refused*: with the reason; the last good"
        " warehouse stays. *Left out* counts rows that stand in a finding instead.",
        "",
        "| collection | files | read | asked | refused |",
        "|---|---|---|---|---|",
    ]
    for corpus in CORPORA:
        counts = [verdicts[corpus, verdict] for verdict in ("read", "asked", "refused")]
        shown = " | ".join(str(count) for count in (sum(counts), *counts))
        lines.append(f"| {corpus.removeprefix('dirty_')} | {shown} |")
    for corpus in CORPORA:
        lines += ["", f"## {corpus.removeprefix('dirty_')}", ""]
        lines += ["| file | verdict | columns | rows | left out | what was found |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_line(one) for one in outcomes if one.corpus == corpus]
    return "\n".join(lines) + "\n"


def _line(one: Outcome) -> str:
    columns = sum(len(table.header) for table in one.tables)
    said = [one.reason] if one.reason else []
    said += [f"{finding['code']} {finding['rows'] or ''}".strip() for finding in one.findings]
    numbers = (
        f"{columns} | {one.rows} | {one.rejected}" if one.verdict != "refused" else "- | - | -"
    )
    return f"| {_cell(one.file)} | {one.verdict} | {numbers} | {_cell('; '.join(said)[:240])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        _serve(sys.stdin, sys.stdout)
    else:
        PAGE.write_text(page(read_all(files())), encoding="utf-8")
