"""One SELECT, and nothing else: what a source's file may ask of a database."""

from __future__ import annotations

from kvitto.sources.connectors.sql.address import Dialect

_WRITING = (
    *("Insert", "Update", "Delete", "Merge", "Create", "Drop", "Alter", "TruncateTable", "Copy"),
    *("Command", "Into", "Lock", "Set", "Use", "Grant", "Transaction", "Commit", "Rollback"),
    *("Attach", "Detach", "Pragma", "LoadData", "Kill", "Analyze"),
)
"""Expressions that write, lock or change the session."""

_FUNCTIONS = (
    *("pg_read_", "pg_ls_", "pg_stat_file", "pg_terminate_backend", "pg_cancel_backend"),
    *("pg_advisory", "pg_try_advisory", "pg_sleep", "pg_notify", "pg_reload", "pg_rotate"),
    *("lo_", "dblink", "set_config", "nextval", "setval", "query_to_xml", "load_file"),
    *("load_extension", "get_lock", "release_lock", "sleep", "benchmark", "read_csv"),
    *("read_parquet", "read_json", "read_text", "read_blob", "glob", "writefile", "readfile"),
)
"""Beginnings of functions that do more than compute from rows."""


def why_not(query: str, dialect: Dialect) -> str | None:
    """Why the text is not one SELECT that only reads; ``None`` where it is.

    The transaction is read-only as well; this tells a person before it is sent.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if "/*!" in query or "/*M!" in query:
        return "it holds a comment that the database would carry out"
    try:
        statements = [one for one in sqlglot.parse(query, read=dialect) if one is not None]
    except (SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else "it is too deep"
        return f"it cannot be read as SQL ({first[:160]})"
    if len(statements) != 1:
        return f"it holds {len(statements)} statements"
    (statement,) = statements
    if not isinstance(statement, exp.Query):
        return f"it is no SELECT but {statement.key.upper()}"
    kinds = tuple(getattr(exp, name) for name in _WRITING if hasattr(exp, name))
    found = next(iter(statement.find_all(*kinds)), None)
    if found is not None:
        return f"it holds {found.key.upper()}, which does more than read"
    for function in statement.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if name.lower().startswith(_FUNCTIONS):
            return f"it calls {name.lower()}, which does more than compute from rows"
    return None


def bare(query: str) -> str:
    """The query without the semicolon behind it, ready to stand in brackets."""
    return query.strip().rstrip(";").rstrip()
