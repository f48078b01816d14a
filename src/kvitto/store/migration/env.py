"""How Alembic runs our migrations: on the connection that it is given."""

from __future__ import annotations

from alembic import context

from kvitto.store.table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
