"""Builds and publishes the next version, and dies (or fails) where it is told to.

    python building_child.py ROOT AMOUNT POINT
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from kvitto.errors import WarehouseFailed
from kvitto.warehouse import Warehouse, building, disk
from kvitto.warehouse import warehouse as module
from tests.warehouse.conftest import state


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(root: str, amount: str, point: str) -> None:
    warehouse = Warehouse(Path(root))
    if point == "before the file is moved":
        module.sync_file = die
    if point == "before the record is written":
        module.Warehouse._record = die  # type: ignore[method-assign]
    if point == "before the pointer is moved":
        module.Warehouse._point_to = die  # type: ignore[method-assign]
    if point == "while the pointer is written":
        disk.os.fsync = die
    with warehouse.building(rebuild=["crm"]) as next_one:
        next_one.connection.execute(
            "INSERT INTO deals (client_id, deal_id, amount, _source) VALUES ('acme', '1', ?, 'crm')",
            [int(amount)],
        )
        if point == "while rows are written":
            die()
        if point == "while the digest is made":
            building.content_digest = die
        if point == "full disk":
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            next_one.connection.execute(
                "INSERT INTO deals (deal_id, _source) SELECT repeat(md5(CAST(i AS VARCHAR)), 3),"
                " 'crm' FROM range(200000) AS t(i)"
            )
        next_one.publish([state("crm", "later")])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except WarehouseFailed as error:
        print(error)
        sys.exit(error.exit_code)
