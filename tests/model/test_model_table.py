"""The canonical tables hold together as data."""

from __future__ import annotations

from importlib.resources import files

import pytest

from kvitto.errors import UnknownName
from kvitto.model.table import SQL_TYPES, TENANT, canonical_table, canonical_tables

TABLES = canonical_tables()


def test_every_table_begins_with_the_client_and_ends_with_its_origin() -> None:
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert names[0] == TENANT
        assert names[-5:] == ["_source", "_source_id", "_batch", "_excluded", "_was"]
        assert len(names) == len(set(names)), table.name


def test_every_key_is_made_of_columns_of_the_table() -> None:
    assert all(table.has(name) for table in TABLES.values() for name in table.key)


def test_every_type_has_an_sql_type_and_money_is_never_binary() -> None:
    kinds = {column.type for table in TABLES.values() for column in table.columns}
    assert kinds <= SQL_TYPES.keys()
    assert SQL_TYPES["money"].startswith("DECIMAL")


def test_every_reference_names_another_table_s_single_id() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.references is not None:
                assert column.type == "id", f"{table.name}.{column.name}"
                assert column.references in TABLES
            if column.name == table.key[0] and len(table.key) == 1:
                assert column.references is None or column.derived, table.name


def test_every_instant_has_a_local_date_beside_it() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.type == "ts" and column.name.endswith("_at"):
                assert table.column(f"{column.name[:-3]}_on").type == "date"


def test_only_enumerations_list_values_and_each_once() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert not column.values or column.type == "enum"
            assert len(column.values) == len(set(column.values))


def test_every_table_and_column_says_what_it_means() -> None:
    for table in TABLES.values():
        assert table.meaning, table.name
        for column in table.columns:
            assert 1 <= len(column.meaning.split()) <= 14, f"{table.name}.{column.name}"


@pytest.mark.parametrize("name", ["canonical.csv", "canonical_tables.csv"])
def test_the_files_have_plain_line_ends(name: str) -> None:
    content = (files("kvitto.model") / name).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")


def test_an_unknown_table_or_column_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'deals'"):
        canonical_table("deal")
    with pytest.raises(UnknownName, match="Did you mean 'amount'"):
        canonical_table("deals").column("ammount")
