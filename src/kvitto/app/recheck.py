"""A random sample held against the truth: drawn, answered by name, and what came of it.

A sample is a file of the workspace, ``checks/<client>/<table>-<seed>.csv``: what
people found outlives every version of the data and lies beside their other
decisions. The file to work on is written wherever it is wanted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.sample_form import ending_of, read_form, rows_of, write_form
from kvitto.app.who import Who, require_named, require_team
from kvitto.errors import BadDefinition, Problem, UnknownName, WrongUse, did_you_mean

if TYPE_CHECKING:
    from kvitto.audit.register import Checked
    from kvitto.audit.register.sample import Drawn

FOLDER = "checks"
FEWEST = 30
"""With fewer answers than this nothing is said of the whole."""

_KEPT = ("table", "record_id", "field", "source", "is_correct", "checked_by", "checked_on", "note")
_YES = frozenset({"yes", "y", "true", "1", "ja", "j", "right", "rätt", "x"})
_NO = frozenset({"no", "n", "false", "0", "nej", "wrong", "fel"})


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a sample. ``correct`` is ``None`` until somebody looked."""

    table: str
    record: str
    column: str
    source: str
    correct: bool | None = None
    by: str = ""
    on: date | None = None
    note: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return self.record, self.column


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with its lines."""

    client: str
    name: str
    lines: tuple[Line, ...]

    @property
    def open(self) -> int:
        """How many values nobody looked at yet."""
        return sum(line.correct is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Rate:
    """Of ``checked`` values ``wrong`` were wrong; the interval is Wilson's, at 95 %.

    ``too_few`` answers say nothing of the whole: rate and interval are left out.
    """

    table: str
    field: str
    checked: int
    wrong: int
    rate: float | None
    low: float | None
    high: float | None
    too_few: bool

    def document(self) -> dict[str, object]:
        """As data."""
        return asdict(self)


def draw(
    house: House,
    who: Who,
    client: str,
    table: str,
    n: int,
    seed: int,
    out: Path,
    *,
    columns: Sequence[str] = (),
    by_source: bool = False,
) -> Sample:
    """Draw a sample and write the file to fill in at ``out`` (.csv or .xlsx).

    The same seed draws the same records of the same data. A sample that was drawn
    before is written once more, with what was answered since. Raises
    :class:`UnknownName` for a table or field, :class:`WrongUse` where there are no
    records or ``out`` has another ending.
    """
    from kvitto.audit.register.sample import draw_sample
    from kvitto.model.table import canonical_table

    require_team(who, "draw a sample", client)
    definition = canonical_table(table)
    for column in columns:
        definition.column(column)
    ending_of(out)
    name = f"{table}-{seed}"
    known = {one.name: one for one in samples(house, who, client)}
    with house.readers.reading() as reader:
        drawn = draw_sample(reader, client, definition, n, seed, columns, by_source)
    if not drawn:
        raise WrongUse.of(
            f"draw {table} of {client}", "there are no such records", "Sync first, or name another."
        )
    if name not in known:
        fresh = tuple(Line(one.table, one.record, one.column, one.source) for one in drawn)
        known[name] = Sample(client, name, fresh)
        _write(house, known[name])
        note(house, who, "data.draw", name, client=client, details={"records": n, "seed": seed})
    write_form(out, name, _asked(known[name], {(one.record, one.column): one for one in drawn}))
    return known[name]


def answer(house: House, who: Who, client: str, path: Path) -> Sample:
    """Read what was filled in, in the name of the person; empty answers stay open.

    Raises :class:`BadDefinition` with every line that fits no drawn value or has an
    answer that is neither yes nor no; nothing is kept then.
    """
    require_team(who, "answer a sample", client)
    require_named(who, "answer a sample")
    rows = list(read_form(path))
    known = {line.place: one for one in samples(house, who, client) for line in one.lines}
    places = {(row["record_id"], row["field"]) for _, row in rows}
    named = {known[place].name: known[place] for place in places if place in known}
    problems: list[Problem] = []
    given: dict[str, dict[tuple[str, str], Line]] = {}
    for number, row in rows:
        found = _answered(row, named, path, number)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            name, line = found
            signed = replace(line, by=who.name, on=house.today_of(client))
            given.setdefault(name, {})[line.place] = signed
    if len(named) > 1:
        given = _of_one_sample(given, rows, named)
    if problems:
        raise BadDefinition(*problems)
    if not given:
        raise WrongUse.of(f"read {path.name}", "nothing is answered", "Fill in is_correct.")
    kept = [_keep(house, who, named[name], lines) for name, lines in sorted(given.items())]
    return kept[0]


def answer_one(
    house: House, who: Who, client: str, sample: str, record: str, field: str, correct: bool
) -> Sample:
    """Answer one value. Raises :class:`UnknownName` where it was not drawn."""
    require_team(who, "answer a sample", client)
    require_named(who, "answer a sample")
    found = {one.name: one for one in samples(house, who, client)}
    if sample not in found:
        raise UnknownName.of(
            f"the sample '{sample}'", "there is none", did_you_mean(sample, list(found))
        )
    lines = {line.place: line for line in found[sample].lines}
    if (record, field) not in lines:
        raise UnknownName.of(f"{record}, {field}", "it was not drawn", "See the sample's file.")
    line = replace(lines[record, field], correct=correct, by=who.name, on=house.today_of(client))
    return _keep(house, who, found[sample], {line.place: line})


def samples(house: House, who: Who, client: str) -> tuple[Sample, ...]:
    """The samples of a client, by name. Raises :class:`BadDefinition` for a damaged file."""
    require_team(who, "see the samples", client)
    return _samples(house, client)


def answered(house: House, client: str) -> tuple[Checked, ...]:
    """All answers about a client's data, for the registers."""
    from kvitto.audit.register import Checked

    return tuple(
        Checked(one.name, line.table, line.record, line.column, line.on, line.correct, line.by)
        for one in _samples(house, client)
        for line in one.lines
        if line.correct is not None and line.on is not None
    )


def rates(house: House, who: Who, client: str) -> tuple[Rate, ...]:
    """The error rate of each field that was checked, and of each table as a whole (no field)."""
    groups: dict[tuple[str, str], list[bool]] = {}
    for sample in samples(house, who, client):
        for line in sample.lines:
            if line.correct is not None:
                groups.setdefault((line.table, ""), []).append(line.correct)
                groups.setdefault((line.table, line.column), []).append(line.correct)
    return tuple(rate_of(table, column, found) for (table, column), found in sorted(groups.items()))


def rate_of(table: str, column: str, correct: Sequence[bool]) -> Rate:
    """The share that was wrong, with its interval."""
    from kvitto.insight.significance import wilson

    checked, wrong = len(correct), sum(not one for one in correct)
    if checked < FEWEST:
        return Rate(table, column, checked, wrong, None, None, None, True)
    low, high = wilson(wrong, checked)
    return Rate(table, column, checked, wrong, wrong / checked, low, high, False)


def _samples(house: House, client: str) -> tuple[Sample, ...]:
    folder = house.root / FOLDER / client
    if not folder.is_dir():
        return ()
    problems: list[Problem] = []
    found = []
    for path in sorted(folder.glob("*.csv")):
        lines: list[Line] = []
        shown = path.relative_to(house.root).as_posix()
        for number, row in rows_of(path.read_text(encoding="utf-8-sig")):
            line = _kept_line(row, shown, number)
            if isinstance(line, Problem):
                problems.append(line)
            else:
                lines.append(line)
        found.append(Sample(client, path.stem, tuple(lines)))
    if problems:
        raise BadDefinition(*problems)
    return tuple(found)


def _kept_line(row: Mapping[str, str], shown: str, number: int) -> Line | Problem:
    missing = [name for name in ("table", "record_id", "field") if not row.get(name)]
    if missing:
        found = f"it has no {' and no '.join(missing)}"
        return Problem("the line of a sample", found, "Mend or remove it.", shown, number)
    correct = _said(row.get("is_correct", ""))
    if isinstance(correct, str):
        found = f"'{correct}' is neither yes nor no"
        return Problem("is_correct", found, "Write yes, no, or nothing.", shown, number)
    day = row.get("checked_on", "")
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        found = f"'{day}' is no date"
        return Problem("checked_on", found, "Write it as 2017-12-31.", shown, number)
    if correct is not None and (on is None or not row.get("checked_by")):
        found = "nobody is named who looked, or no day"
        return Problem("the answer", found, "Write checked_by and checked_on.", shown, number)
    return Line(
        row["table"],
        row["record_id"],
        row["field"],
        row.get("source", ""),
        correct,
        row.get("checked_by", ""),
        on,
        row.get("note", ""),
    )


def _answered(
    row: Mapping[str, str], named: Mapping[str, Sample], path: Path, number: int
) -> tuple[str, Line] | Problem | None:
    place = (row["record_id"], row["field"])
    for name, sample in named.items():
        lines = {line.place: line for line in sample.lines}
        if place not in lines:
            continue
        correct = _said(row["is_correct"])
        if isinstance(correct, str):
            found = f"'{correct}' is neither yes nor no"
            return Problem("is_correct", found, "Write yes or no.", path.name, number)
        if correct is None:
            return None
        return name, replace(lines[place], correct=correct, note=row.get("note", ""))
    found = "it was not drawn in any sample of this client"
    todo = "Answer the file that 'kvitto recheck draw' wrote, for this client."
    return Problem(f"{place[0]}, {place[1]}", found, todo, path.name, number)


def _of_one_sample(
    given: Mapping[str, dict[tuple[str, str], Line]],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    named: Mapping[str, Sample],
) -> dict[str, dict[tuple[str, str], Line]]:
    """Of samples that share records, the one to which the whole file belongs."""
    places = {(row["record_id"], row["field"]) for _, row in rows}
    for name in sorted(named):
        drawn = {line.place: line for line in named[name].lines}
        if places <= set(drawn):
            answers = {place: line for lines in given.values() for place, line in lines.items()}
            return {name: answers}
    return dict(given)


def _said(text: str) -> bool | str | None:
    word = text.strip().casefold()
    if not word:
        return None
    return True if word in _YES else False if word in _NO else text


def _keep(house: House, who: Who, sample: Sample, given: Mapping[tuple[str, str], Line]) -> Sample:
    now = replace(sample, lines=tuple(given.get(line.place, line) for line in sample.lines))
    _write(house, now)
    details = {"answers": len(given), "wrong": sum(not one.correct for one in given.values())}
    note(house, who, "data.recheck", sample.name, client=sample.client, details=details)
    return now


def _write(house: House, sample: Sample) -> None:
    from kvitto.workspace.writing import replace_text

    folder = house.root / FOLDER / sample.client
    folder.mkdir(parents=True, exist_ok=True)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_KEPT)
    for line in sample.lines:
        said = "" if line.correct is None else "yes" if line.correct else "no"
        day = "" if line.on is None else line.on.isoformat()
        writer.writerow(
            (line.table, line.record, line.column, line.source, said, line.by, day, line.note)
        )
    replace_text(folder / f"{sample.name}.csv", stream.getvalue())


def _asked(
    sample: Sample, drawn: Mapping[tuple[str, str], Drawn]
) -> list[tuple[str, str, str, str, str, str]]:
    """The rows of the file to fill in; values that are gone since are empty."""
    rows = []
    for line in sample.lines:
        one = drawn.get(line.place)
        said = "" if line.correct is None else "yes" if line.correct else "no"
        value = "" if one is None or one.value is None else one.value
        rows.append((line.table, line.record, line.column, value, said, line.note))
    return rows
