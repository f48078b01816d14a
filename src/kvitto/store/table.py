"""The tables of the state, as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from kvitto.store.moment import Moment

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names on every engine, so that a migration can change them."""

METADATA = MetaData(naming_convention=NAMING)

PEOPLE = Table(
    "people",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("clients", JSON, nullable=False),
    Column("password_hash", String(300), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("created_at", Moment, nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

RECEIPTS = Table(
    "receipts",
    METADATA,
    Column("code", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("client", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

EDITIONS = Table(
    "editions",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("client", String(64), nullable=False, index=True),
    Column("report", String(40), nullable=False),
    Column("period", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("language", String(10), nullable=False),
    Column("title", String(300), nullable=False),
    Column("state", String(20), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("warehouse", String(80), nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("updated_at", Moment, nullable=False),
)

EDITION_RECEIPTS = Table(
    "edition_receipts",
    METADATA,
    Column("edition", String(200), primary_key=True),
    Column("code", String(40), primary_key=True, index=True),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("edition", String(200), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("name", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(200)),
    Column("lease_until", Moment),
    Column("reason", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("sent_at", Moment),
    UniqueConstraint("edition", "recipient", "channel", name="uq_deliveries_edition"),
)

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("client", String(64), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_audit_log_client", "client"),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(300), primary_key=True),
    Column("worker", String(200), nullable=False),
    Column("until", Moment, nullable=False),
)
