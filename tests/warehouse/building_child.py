"""Builds and publishes the next version, and dies (or fails) where it is told to.

python building_child.py ROOT AMOUNT POINT
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from pkgutil import resolve_name

from kvitto.errors import WarehouseFailed
from kvitto.warehouse import Warehouse
from tests.warehouse.conftest import state

DEADLY = {
    "while the digest is made": "kvitto.warehouse.building.content_digest",
    "before the file is moved": "kvitto.warehouse.warehouse.sync_file",
    "before the record is written": "kvitto.warehouse.warehouse.Warehouse._record",
    "before the pointer is moved": "kvitto.warehouse.warehouse.Warehouse._point_to",
    "while the pointer is written": "kvitto.warehouse.disk.os.replace",
}
"""What is replaced by sudden death, by the point at which it comes."""


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(root: str, amount: str, point: str) -> None:
    warehouse = Warehouse(Path(root))
    if point in DEADLY:
        place, name = DEADLY[point].rsplit(".", 1)
        setattr(resolve_name(place), name, die)
    with warehouse.building(rebuild=["crm"]) as next_one:
        next_one.connection.execute(
            "INSERT INTO deals (client_id, deal_id, amount, _source)"
            " VALUES ('acme', '1', ?, 'crm')",
            [int(amount)],
        )
        if point == "while rows are written":
            die()
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
