"""The condition of a rule -> SQL over the checked row, or why it cannot be one.

Only columns of the rule's own table may be named: no other table, and so no
other client's rows, can be read from a condition.
"""

from __future__ import annotations

from kvitto.audit.probe import ROW
from kvitto.errors import did_you_mean
from kvitto.model.table import CanonicalTable


def read_condition(text: str, table: CanonicalTable) -> tuple[str | None, str, str]:
    """The SQL, or ``None`` with what was found and what to do."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, SqlglotError

    advice = "Write a condition such as: outcome = 'won'"
    try:
        trees = sqlglot.parse(f"SELECT 1 FROM x WHERE ({text}\n)", dialect="duckdb")
    except ParseError as error:
        detail = str(error.errors[0].get("description")) if error.errors else str(error)
        return None, f"the condition cannot be read: {detail}", advice
    except SqlglotError as error:
        detail = str(error).splitlines()[0]
        return None, f"the condition cannot be read: {detail}", advice
    tree = trees[0] if len(trees) == 1 else None
    where = tree.args.get("where") if isinstance(tree, exp.Select) else None
    if tree is None or where is None or not isinstance(where.this, exp.Paren):
        return None, "the condition is more than one expression", advice
    extra = set(tree.args) - {"expressions", "from", "from_", "where", "kind"}
    if any(tree.args[name] for name in extra) or any(where.find_all(exp.Query, exp.Table)):
        return None, "the condition reads other tables", "Name only columns of the table."
    names = [column.name for column in table.columns]
    for column in where.find_all(exp.Column):
        if column.name not in names or column.table not in ("", table.name):
            shown = column.sql(dialect="duckdb")
            return None, f"{table.name} has no column {shown}", did_you_mean(column.name, names)
        column.set("table", exp.to_identifier(ROW))
    return where.this.sql(dialect="duckdb"), "", ""
