"""A reader reads one version and can do nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kvitto.errors import WarehouseFailed
from kvitto.warehouse import Warehouse
from tests.warehouse.conftest import Publish

FORBIDDEN = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "COPY deals TO 'out.csv'",
    "ATTACH 'other.duckdb' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "DELETE FROM deals",
    "CREATE TABLE mine (x INT)",
)


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_reader_refuses(warehouse: Warehouse, publish: Publish, sql: str) -> None:
    publish(1)
    with warehouse.reader() as reader, pytest.raises(WarehouseFailed):
        reader.query(sql)


def test_parameters_and_columns_have_names(warehouse: Warehouse, publish: Publish) -> None:
    publish(1, 2)
    with warehouse.reader() as reader:
        sql = "SELECT deal_id, amount FROM deals WHERE amount > $least"
        assert len(reader.query(sql, {"least": 1})) == 1
        assert reader.columns(sql, {"least": 1}) == ("deal_id", "amount")


def test_an_answer_is_written_as_parquet(
    warehouse: Warehouse, publish: Publish, tmp_path: Path
) -> None:
    publish(1, 2)
    target = tmp_path / "it's.parquet"
    with warehouse.reader() as reader:
        reader.copy_parquet("SELECT amount FROM deals WHERE amount > $x", target, {"x": 1})
    assert duckdb.read_parquet(str(target)).fetchall() == [(2,)]


def test_only_the_named_file_is_written(
    warehouse: Warehouse, publish: Publish, tmp_path: Path
) -> None:
    publish(1)
    with warehouse.reader() as reader, pytest.raises(WarehouseFailed):
        reader.copy_parquet("SELECT * FROM read_text('/etc/passwd')", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_a_closed_reader_says_so(warehouse: Warehouse, publish: Publish) -> None:
    publish(1)
    reader = warehouse.reader()
    reader.close()
    reader.close()
    with pytest.raises(WarehouseFailed, match="closed"):
        reader.query("SELECT 1")
