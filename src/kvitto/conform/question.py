"""What must be answered before a source can be conformed."""

from __future__ import annotations

from kvitto.conform.expression import DATE_TYPES, NUMBER_TYPES
from kvitto.conform.understanding import Understanding
from kvitto.errors import Problem
from kvitto.model.table import canonical_table
from kvitto.sources import Staged


def unanswered(staged: Staged, understanding: Understanding) -> tuple[Problem, ...]:
    """Open questions about files and used columns, each naming the entry that answers it.

    A column that fills nothing, or only text, asks nothing.
    """
    definition = f"sources/{staged.name}.yml"
    problems = list(understanding.questions)
    for file in understanding.files:
        for fill in file.fills:
            if fill.map.column is None:
                continue
            column = file.staged.column(fill.map.column)
            question = None if column is None else column.question
            if question is None:
                continue
            kind = canonical_table(fill.table).column(fill.column).type
            asks = kind in (DATE_TYPES if question.key == "date_order" else NUMBER_TYPES)
            if asks and getattr(fill.map, question.key) is None:
                problems.append(
                    question.problem(definition, file.staged.file, fill.table, fill.column)
                )
    return tuple(problems)
