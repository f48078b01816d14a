"""The first state: people, sessions, receipts, editions, deliveries, the log, leases.

Tables are written out here and not taken from the metadata: a migration says
what was true on its day, whatever the tables become later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kvitto.store.moment import Moment

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let nobody change the audit log."""
    _people()
    _reports()
    _deliveries()
    _log()


def downgrade() -> None:
    """Drop everything again."""
    for statement in _unlock():
        op.execute(statement)
    for table in (
        "leases",
        "audit_log",
        "deliveries",
        "edition_receipts",
        "editions",
        "receipts",
        "sessions",
        "people",
    ):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("clients", sa.JSON, nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Moment),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column(
            "person_id",
            sa.Integer,
            sa.ForeignKey("people.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )


def _reports() -> None:
    op.create_table(
        "receipts",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_table(
        "editions",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("report", sa.String(40), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("warehouse", sa.String(80), nullable=False),
        sa.Column("updated_by", sa.String(200), nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
    )
    op.create_index("ix_editions_client", "editions", ["client"])
    op.create_table(
        "edition_receipts",
        sa.Column("edition", sa.String(200), primary_key=True),
        sa.Column("code", sa.String(40), primary_key=True),
    )
    op.create_index("ix_edition_receipts_code", "edition_receipts", ["code"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("edition", sa.String(200), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(200)),
        sa.Column("lease_until", Moment),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
        sa.UniqueConstraint("edition", "recipient", "channel", name="uq_deliveries_edition"),
    )


def _log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("ix_audit_log_client", "audit_log", ["client"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("worker", sa.String(200), nullable=False),
        sa.Column("until", Moment, nullable=False),
    )
    for statement in _lock():
        op.execute(statement)


def _lock() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return tuple(
            f"CREATE TRIGGER audit_log_no_{verb} BEFORE {verb.upper()} ON audit_log "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            for verb in ("update", "delete")
        )
    return (
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'the audit log is append-only'; END$$",
        "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
    )


def _unlock() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return ("DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete")
    return (
        "DROP TRIGGER audit_log_no_change ON audit_log",
        "DROP FUNCTION audit_log_refuse()",
    )
