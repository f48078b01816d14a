"""Rows for every table that the catalogue reads, made from the tables' own descriptions."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kvitto.model.table import CanonicalColumn, canonical_table, canonical_tables

TABLES = (
    "users",
    "teams",
    "accounts",
    "contacts",
    "leads",
    "pipelines",
    "stages",
    "loss_reasons",
    "deals",
    "deal_stage_history",
    "deal_snapshots",
    "products",
    "proposals",
    "activities",
    "tasks",
    "time_logs",
    "content_items",
    "action_items",
    "ad_spend",
    "web_traffic",
)

Rows = dict[str, list[dict[str, Any]]]


def made_rows(seed: int = 1, count: int = 40, client: str = "north") -> Rows:
    """``count`` rows per table over the year 2017, the same ones for the same seed."""
    chance = random.Random(seed)
    found = {
        table: [_row(table, i, count, chance, client) for i in range(count)] for table in TABLES
    }
    for row in found["deals"]:
        row["closed_on"] = None if row["outcome"] == "open" else row["closed_on"]
    for row in found["deal_snapshots"]:
        row["snapshot_on"] = chance.choice((date(2017, 9, 30), date(2017, 12, 31)))
    for table in ("ad_spend", "web_traffic"):
        key = canonical_table(table).key
        found[table] = list(
            {tuple(row[name] for name in key): row for row in found[table]}.values()
        )
    unique = {(row["snapshot_on"], row["deal_id"]): row for row in found["deal_snapshots"]}
    found["deal_snapshots"] = list(unique.values())
    return found


def _row(table: str, i: int, count: int, chance: random.Random, client: str) -> dict[str, Any]:
    row: dict[str, Any] = {"client_id": client, "_source": "crm"}
    definition = canonical_table(table)
    for column in definition.columns:
        if column.derived and not column.name.endswith("_on"):
            continue
        if column.name == "client_id":
            continue
        if (column.name,) == definition.key:
            row[column.name] = f"crm:{table}:{i}"
        elif column.name == "seq":
            row[column.name] = i
        else:
            row[column.name] = _value(column, count, chance)
    for name in [name for name in row if name.endswith("_at")]:
        local = f"{name[:-3]}_on"
        row[local] = row[name].date() if row[name] is not None else None
    for name in ("is_deleted", "is_test", "is_automated", "is_backward"):
        if name in row:
            row[name] = None
    if "merged_into_id" in row:
        row["merged_into_id"] = None
    return row


def _value(column: CanonicalColumn, count: int, chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return None
    if column.values:
        return chance.choice(column.values)
    if column.references in canonical_tables():
        return f"crm:{column.references}:{chance.randrange(count)}"
    moment = datetime(2017, 1, 1) + timedelta(minutes=chance.randrange(365 * 24 * 60))
    made = {
        "money": Decimal(chance.randrange(-500, 500000)) / 100,
        "num": Decimal(chance.randrange(1, 4000)) / 100,
        "int": chance.randrange(1, 9),
        "frac": chance.random(),
        "bool": chance.random() < 0.5,
        "date": moment.date(),
        "ts": moment,
    }
    return made.get(column.type, chance.choice(("North", "South", "O'Brien", "Öst")))
