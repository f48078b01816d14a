"""Scope in every table that is read, by construction.

Every SELECT that leaves this room goes through :func:`fenced`, which walks the
tree and puts ``client_id IN (...)`` beside each table it finds, however deep.
"""

from __future__ import annotations

from sqlglot import exp

from kvitto.model.table import TENANT


def from_table(name: str) -> exp.Select:
    """``SELECT ... FROM name`` with nothing selected yet."""
    return exp.select().from_(exp.to_table(name))


def fenced(query: exp.Select, *clients: str) -> exp.Select:
    """The query with every table it reads kept to these clients.

    A table in FROM is fenced in WHERE, a joined one in its ON, so that an
    outer join stays an outer join. Raises :class:`ValueError` for a table
    that stands anywhere else.
    """
    for table in list(query.find_all(exp.Table)):
        name = table.alias_or_name
        listed = [exp.Literal.string(client) for client in sorted(clients)]
        fence = exp.In(this=exp.column(TENANT, table=name), expressions=listed)
        holder = table.parent
        select = holder.parent if holder is not None else None
        if isinstance(holder, exp.From) and isinstance(select, exp.Select):
            select.where(fence, copy=False)
        elif isinstance(holder, exp.Join):
            on = holder.args.get("on")
            holder.set("on", fence if on is None else exp.and_(on, fence))
        else:
            raise ValueError(f"{name} is read where no scope can be put: {query.sql('duckdb')}")
    return query
