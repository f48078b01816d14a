"""Small warehouses for the tests: the demo's CRM files, and rows made by hand.

Built with plain SQL and nothing of the rooms between, so that what is tested
here is the asking alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from kvitto.metrics.answer import Measured, Readable
from kvitto.metrics.ask import ask
from kvitto.metrics.catalogue import Catalogue, load_catalogue
from kvitto.metrics.context import ClientContext
from kvitto.model.period import Calendar, Period, parse_period
from kvitto.model.question import ComparisonKind, Filter, Question
from kvitto.model.scope import Scope
from kvitto.model.table import canonical_table
from kvitto.model.value import Value
from kvitto.warehouse.schema import create_statements
from kvitto.warehouse.version import SourceState, Version
from kvitto.warehouse.warehouse import Warehouse

CRM = Path(str(files("kvitto.app"))) / "example" / "data" / "crm"
CLIENT = "northgate"
TODAY = date(2018, 1, 2)

MAVEN = f"""
CREATE TEMP TABLE raw AS SELECT * FROM read_csv('{CRM}/sales_pipeline.csv', all_varchar = true);
CREATE TEMP TABLE people AS SELECT * FROM read_csv('{CRM}/sales_teams.csv', all_varchar = true);
INSERT INTO users BY NAME
  SELECT DISTINCT 'northgate' AS client_id, 'crm:users:' || sales_agent AS user_id,
    sales_agent AS name, 'crm:users:' || manager AS manager_id,
    'crm:teams:' || regional_office AS team_id, 'crm' AS _source FROM people;
INSERT INTO users BY NAME
  SELECT DISTINCT 'northgate' AS client_id, 'crm:users:' || manager AS user_id,
    manager AS name, 'crm' AS _source FROM people;
INSERT INTO teams BY NAME
  SELECT DISTINCT 'northgate' AS client_id, 'crm:teams:' || regional_office AS team_id,
    regional_office AS name, 'crm' AS _source FROM people;
INSERT INTO products BY NAME
  SELECT 'northgate' AS client_id, 'crm:products:' || product AS product_id, product AS name,
    series AS family, 'crm' AS _source FROM read_csv('{CRM}/products.csv', all_varchar = true);
INSERT INTO accounts BY NAME
  SELECT 'northgate' AS client_id, 'crm:accounts:' || account AS account_id, account AS name,
    sector AS industry, office_location AS region, 'crm' AS _source
  FROM read_csv('{CRM}/accounts.csv', all_varchar = true);
INSERT INTO stages BY NAME
  SELECT * FROM (VALUES
    ('northgate', 'crm:stages:Prospecting', 'Prospecting', 1, 'open', 'crm'),
    ('northgate', 'crm:stages:Engaging', 'Engaging', 2, 'open', 'crm'),
    ('northgate', 'crm:stages:Won', 'Won', 3, 'won', 'crm'),
    ('northgate', 'crm:stages:Lost', 'Lost', 4, 'lost', 'crm'))
    AS t(client_id, stage_id, name, position, outcome, _source);
INSERT INTO deals BY NAME
  SELECT 'northgate' AS client_id, 'crm:deals:' || opportunity_id AS deal_id,
    'crm:accounts:' || account AS account_id, 'crm:users:' || raw.sales_agent AS owner_id,
    CASE product WHEN 'GTXPro' THEN 'GTX Pro' ELSE product END AS product,
    people.regional_office AS region, 'crm:stages:' || deal_stage AS stage_id,
    CASE deal_stage WHEN 'Won' THEN 'won' WHEN 'Lost' THEN 'lost' ELSE 'open' END AS outcome,
    CAST(engage_date AS DATE) AS created_on, CAST(close_date AS DATE) AS closed_on,
    CAST(close_value AS DECIMAL(20, 4)) AS amount, 'USD' AS currency_code,
    CAST(close_value AS DECIMAL(20, 4)) AS amount_base, 'crm' AS _source
  FROM raw LEFT JOIN people ON people.sales_agent = raw.sales_agent;
INSERT INTO deal_stage_history BY NAME
  SELECT client_id, deal_id, 1 AS seq,
    CASE WHEN outcome = 'open' THEN stage_id ELSE 'crm:stages:Engaging' END AS stage_id,
    COALESCE(created_on, DATE '2017-12-31') AS entered_on, closed_on AS left_on, _source FROM deals;
INSERT INTO deal_stage_history BY NAME
  SELECT client_id, deal_id, 2 AS seq, stage_id, closed_on AS entered_on, _source
  FROM deals WHERE closed_on IS NOT NULL;
INSERT INTO deal_snapshots BY NAME
  SELECT client_id, DATE '2017-12-31' AS snapshot_on, deal_id, stage_id, amount_base,
    owner_id, outcome, _source FROM deals;
"""


def maven(root: Path, *changes: str) -> Warehouse:
    """A warehouse with the demo's CRM as it stood on the last day of 2017."""
    warehouse = Warehouse(root)
    publish(warehouse, MAVEN, *changes)
    return warehouse


def publish(
    warehouse: Warehouse,
    *sql: str,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    sources: Sequence[SourceState] | None = None,
) -> Version:
    """Publish a version made by these statements and rows."""
    chosen = (state(),) if sources is None else tuple(sources)
    with warehouse.building(rebuild=[one.name for one in chosen]) as building:
        for text in sql:
            building.connection.execute(text)
        for table, listed in (rows or {}).items():
            insert(building.connection, table, listed)
        return building.publish(chosen)


def insert(connection: Any, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows into a table; a column that a row does not name stays empty."""
    if not rows:
        return
    filled = [{"client_id": "north", "_source": "crm", **row} for row in rows]
    names = dict.fromkeys(name for row in filled for name in row)
    kinds = {column.name: column.sql_type for column in canonical_table(table).columns}
    columns = ", ".join(f"{name}: '{kinds[name]}'" for name in names)
    with NamedTemporaryFile("w", suffix=".json") as file:
        file.write("\n".join(json.dumps(row, default=str) for row in filled))
        file.flush()
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM read_json('{file.name}',"
            f" format = 'newline_delimited', columns = {{{columns}}})"
        )


def state(
    name: str = "crm",
    client: str = CLIENT,
    complete_to: date | None = date(2017, 12, 31),
    settles_days: int = 0,
) -> SourceState:
    return SourceState(name, "file", client, "2018-01-01T06:00:00Z", complete_to, 1, settles_days)


def context(client: str = CLIENT, today: date = TODAY, **more: Any) -> ClientContext:
    return ClientContext(client, client.title(), "USD", Calendar("UTC"), today, **more)


def period(text: str) -> Period:
    return parse_period(text, Calendar("UTC"), TODAY)


def measure(
    reader: Readable,
    *metrics: str,
    in_: str = "2017-Q4",
    by: Sequence[str] = (),
    where: Sequence[Filter] = (),
    compare: ComparisonKind | None = None,
    about: ClientContext | None = None,
    catalogue: Catalogue | None = None,
) -> Measured:
    """Ask, in the name of a person who may see that client."""
    about = about or context()
    question = Question(
        Scope.of("Elin", about.client),
        about.client,
        metrics,
        period(in_),
        tuple(by),
        tuple(where),
        compare,
    )
    return ask(reader, catalogue or load_catalogue(), question, about)


def number(measured: Measured, metric: str, **dimensions: str | None) -> float:
    """The number of one cell, which must have one."""
    figure = measured.answer.one(metric, **dimensions).figure
    assert isinstance(figure, Value), figure
    return float(figure.number)


class Memory:
    """A version in memory, for tests that make many of them; answers as a reader does."""

    _made = 0

    def __init__(self, *sources: SourceState) -> None:
        import duckdb

        self.connection = duckdb.connect()
        for statement in create_statements():
            self.connection.execute(statement)
        self._sources = sources or (state(client="north"),)
        self.fresh()

    def fresh(self, rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> Memory:
        """The same tables with other rows, as another version."""
        Memory._made += 1
        counted = {}
        for table, listed in (rows or {}).items():
            self.connection.execute(f"DELETE FROM {table}")
            insert(self.connection, table, listed)
            counted[table] = len(listed)
        number = f"{Memory._made:04d}"
        self.version = Version(f"v{number}-memory", "", number, self._sources, counted)
        return self

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connection.cursor().execute(sql, parameters).fetchall()
        return found

    def copy_parquet(self, sql: str, target: Path) -> Path:
        self.connection.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet)")
        return target
