"""Whether nothing means zero, or that the data does not reach.

Only asked where nothing was found: a period before the first row of the table
is no zero, and neither is one of a date that no row carries.
"""

from __future__ import annotations

from sqlglot import exp

from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Frame, Reading
from kvitto.metrics.gap import why_empty
from kvitto.metrics.plan import Read
from kvitto.metrics.wording import measure_in_words, rows_of
from kvitto.model.metric import Part
from kvitto.model.table import canonical_table


def why_nothing(read: Read, facts: Facts) -> str | None:
    """Why nothing was found, where it is not a true zero; else ``None``."""
    part = read.measure.part
    if not facts.has_rows(part.table):
        return f"the source is connected and has brought no {rows_of(part.table)}"
    if part.as_of or part.at is None:
        return None
    lacking = why_empty(read, facts)
    if lacking is not None:
        return lacking
    dates = [name for name in (part.at, "created_on") if canonical_table(part.table).has(name)]
    first = facts.first_day(part.table, tuple(dict.fromkeys(dates)))
    if first is not None and read.span.after <= first:
        return f"the data of {rows_of(part.table)} begins on {first}"
    dated, undated = facts.once(("dated", part), lambda: _dated(part, facts))
    if undated and not dated:
        return f"none of the {undated} {rows_of(part.table)} has {measure_in_words(part.at)}"
    return None


def _dated(part: Part, facts: Facts) -> tuple[int, int]:
    frame = Frame(Reading.of(part), facts.client)
    if part.where is not None:
        frame.keep(frame.read(part.where))
    day = frame.use(frame.reading.date())
    counted = exp.Count(this=day.copy())
    query = frame.build([counted, exp.Count(this=exp.Star())], ())
    dated, rows = facts.reader.query(query.sql("duckdb"))[0]
    return int(dated), int(rows) - int(dated)
