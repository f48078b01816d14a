"""Which rows of a table count at all."""

from __future__ import annotations

from sqlglot import exp

from kvitto.model.table import canonical_table


def valid_rows(table: str, alias: str, *, deleted_too: bool = False) -> list[exp.Expr]:
    """The conditions under which a row counts, of those columns that the table has."""
    definition = canonical_table(table)
    found: list[exp.Expr] = [exp.column("_excluded", table=alias).is_(exp.null())]
    flags = ("is_test",) if deleted_too else ("is_deleted", "is_test")
    found += [
        exp.not_(exp.column(name, table=alias).is_(exp.true()))
        for name in flags
        if definition.has(name)
    ]
    if definition.has("merged_into_id"):
        found.append(exp.column("merged_into_id", table=alias).is_(exp.null()))
    return found
