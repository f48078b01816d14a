"""Versions stay open between questions, and no longer than needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kvitto.app.house import House
from kvitto.errors import UnknownName, WarehouseFailed


def test_the_version_that_was_asked_last_stays_open(shared: House) -> None:
    with shared.readers.reading() as first:
        pass
    with shared.readers.reading() as second:
        assert second is first
        assert second.query("SELECT count(*) FROM deals") == [(8800,)]


def test_a_version_in_use_stays_open_when_another_is_asked(correction: House) -> None:
    older, newer = (version.id for version in correction.warehouse.versions())
    with correction.readers.reading(older) as reader:
        with correction.readers.reading(newer):
            pass
        assert reader.query("SELECT 1") == [(1,)]
    with pytest.raises(WarehouseFailed, match="closed"):
        reader.query("SELECT 1")


def test_closing_lets_go_of_what_nobody_uses(house: House) -> None:
    with house.readers.reading() as reader:
        house.readers.close()
        assert reader.query("SELECT 1") == [(1,)]
    with pytest.raises(WarehouseFailed, match="closed"):
        reader.query("SELECT 1")


def test_a_version_that_is_not_there_is_refused(house: House) -> None:
    with pytest.raises(UnknownName, match="v9999"), house.readers.reading("v9999-00000000"):
        pass


def test_several_threads_may_open_one_version(shared: House) -> None:
    def count(_: int) -> object:
        with shared.warehouse.reader() as reader:
            return reader.query("SELECT count(*) FROM deals")[0][0]

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(count, range(16))) == {8800}
