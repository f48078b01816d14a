"""What a source's file may say of a database: addresses, tables, queries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import AddressRefused, BadDefinition, SecretMissing, SourceUnreachable
from kvitto.sources import check_source
from kvitto.sources.connectors.sql.address import target_of
from kvitto.sources.connectors.sql.query import why_not
from kvitto.workspace.definition import SourceDefinition


def check(root: Path, url: str, *tables: dict[str, Any], **more: Any) -> None:
    settings = {"url": url, "tables": list(tables) or [{"name": "deals"}]}
    told = {"kind": "sql", "client": "acme", "settings": settings, **more}
    (root / "sources").mkdir(exist_ok=True)
    (root / "sources/crm.yml").write_text(json.dumps(told))
    check_source("crm", SourceDefinition.model_validate(told), root)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://reader:hunter22@db.example/crm", "take the password out"),
        ("oracle://db.example/crm", "begins with postgresql://"),
        ("postgresql:///crm", "names host and database"),
        ("postgresql://db.example/crm?service=other", "'service' cannot be set"),
        ("sqlite://elsewhere/crm.db", "a file is written sqlite:///path"),
        ("postgresql://db.example:port/crm", "cannot be read"),
    ],
)
def test_an_address_that_does_not_hold_is_refused(url: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match=why) as raised:
        check(tmp_path, url)
    assert "hunter22" not in str(raised.value)


def test_an_address_is_taken_apart() -> None:
    target = target_of("postgresql+psycopg://rea%40der@db.example/my%20crm?sslmode=verify-full")
    assert (target.user, target.host, target.port) == ("rea@der", "db.example", 5432)
    assert (target.database, target.options["sslmode"]) == ("my crm", "verify-full")
    assert target_of("sqlite:///data/crm.db").path == "data/crm.db"
    assert target_of("sqlite:////srv/crm.db").path == "/srv/crm.db"


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, "either name or query"),
        ({"name": "a", "query": "SELECT 1", "as": "x"}, "either name or query"),
        ({"query": "SELECT 1"}, "under 'as'"),
        ({"name": "deals; drop"}, "cannot be its name"),
        ({"name": "deals", "keeping": "changes"}, "needs a cursor"),
        ({"name": "deals", "deleting": "flag"}, "needs deleted_field"),
        ({"name": "deals", "sort": "up"}, "sort"),
    ],
)
def test_a_table_that_does_not_hold_is_refused(
    table: dict[str, Any], why: str, tmp_path: Path
) -> None:
    with pytest.raises(BadDefinition, match=why):
        check(tmp_path, "postgresql://db.example/crm", table)


def test_two_tables_of_one_name_are_told_apart_by_as(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="two tables would be called 'deals'"):
        check(tmp_path, "postgresql://db.example/crm", {"name": "a.deals"}, {"name": "b.Deals"})


def test_a_private_address_is_not_called_unless_it_is_allowed(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "localhost", "10.1.2.3", "[::1]", "169.254.169.254"):
        with pytest.raises(AddressRefused):
            check(tmp_path, f"postgresql://reader@{host}/crm")
    with pytest.raises(AddressRefused):
        check(tmp_path, "postgresql://reader@169.254.169.254/crm", allow_private=True)
    with pytest.raises(AddressRefused, match="encrypted"):
        check(tmp_path, "postgresql://reader@db.example/crm?sslmode=disable")


def test_a_name_that_nobody_knows_is_told_apart_from_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="nobody knows that name"):
        check(tmp_path, "postgresql://reader@nowhere.invalid/crm")


def test_a_password_that_is_named_and_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        check(
            tmp_path,
            "postgresql://reader@127.0.0.1/crm",
            allow_private=True,
            secrets={"password": "env:KVITTO_NOT_SET"},
        )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "SELECT id, amount FROM sales.deals WHERE amount > 10 ORDER BY id;",
        "WITH won AS (SELECT * FROM deals WHERE stage = 'Won') SELECT count(*) AS n FROM won",
        "SELECT a FROM x UNION ALL SELECT b FROM y",
        "SELECT 'delete from deals; drop table deals' AS a -- update it",
        "SELECT date_trunc('month', created_at) AS m, sum(amount) AS a FROM deals GROUP BY 1",
    ],
)
def test_a_query_that_only_reads_may_be_asked(query: str) -> None:
    assert why_not(query, "postgres") is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT 1; SELECT 2",
        "DELETE FROM deals",
        "WITH gone AS (DELETE FROM deals RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM deals",
        "SELECT * FROM deals FOR UPDATE",
        "DROP TABLE deals",
        "COPY deals TO PROGRAM 'cat'",
        "SET ROLE postgres",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_terminate_backend(1)",
        "SELECT nextval('deals_id_seq')",
        "SELECT pg_advisory_lock(1)",
        "SELECT * FROM dblink('host=elsewhere', 'select 1') AS t(a int)",
        "EXPLAIN ANALYZE DELETE FROM deals",
        "VACUUM",
        "SELECT (",
    ],
)
def test_a_query_that_does_more_than_read_is_refused(query: str) -> None:
    assert why_not(query, "postgres")


def test_a_comment_that_mysql_carries_out_is_refused() -> None:
    assert why_not("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "mysql")
    assert why_not("SELECT load_file('/etc/passwd')", "mysql")
    assert why_not("SELECT * FROM read_csv('/etc/passwd')", "duckdb")
