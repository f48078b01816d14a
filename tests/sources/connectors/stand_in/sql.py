"""A real PostgreSQL with an agency's tables, behind a door that can be shut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.postgres import Cluster

READER = "reader"
TABLES = """
CREATE TYPE stage AS ENUM ('New', 'Proposal', 'Won', 'Lost');
CREATE TABLE deals (
  deal_id integer PRIMARY KEY, deal_name text, account_id uuid, amount numeric(12, 2),
  currency text, stage stage, won boolean, created_at timestamptz, close_date date,
  updated_at timestamptz, tags text[], extra jsonb, scan bytea);
CREATE INDEX ON deals (updated_at);
INSERT INTO deals SELECT i, 'Deal ' || i,
  ('00000000-0000-0000-0000-' || lpad((i % 7)::text, 12, '0'))::uuid, i * 100.05, 'SEK',
  CASE i % 4 WHEN 0 THEN 'New' WHEN 1 THEN 'Proposal' WHEN 2 THEN 'Won' ELSE 'Lost' END::stage,
  i % 4 = 2, timestamptz '2026-01-01 08:00+01' + i * interval '1 day',
  date '2026-02-01' + i, timestamptz '2026-03-01 12:00:00.000001+00' + i * interval '1 second',
  ARRAY['a', 'b,"c'], '{"n": 1.10}', '\\x00ff' FROM generate_series(1, 60) AS i;
CREATE TABLE accounts (account_id uuid PRIMARY KEY, account_name text, country text);
INSERT INTO accounts SELECT ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid,
  'Account ' || i, 'Sweden' FROM generate_series(0, 6) AS i;
"""


class Door:
    """Hands connections on to a server of this machine until it is shut."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._open: list[socket.socket] = []
        self._after: int | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """Break the connections off as soon as one of them has handed out so many bytes."""
        self._after = size

    def mend(self) -> None:
        """Break nothing off any more."""
        self._after = None

    def shut(self) -> None:
        """Let nobody in and everybody go."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._server))
                self._open += [near, far]
                for one, other, counts in ((near, far, False), (far, near, True)):
                    words = (one, other, counts)
                    threading.Thread(target=self._hand_on, args=words, daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        passed = 0
        with suppress(OSError):
            while data := one.recv(65536):
                passed += len(data)
                if counts and self._after is not None and passed > self._after:
                    self._cut()
                    return
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@dataclass
class Database:
    """One database of the cluster, with a user that may only read."""

    cluster: Cluster
    name: str
    door: Door
    password: str = "r-5e-c-r-e-t"
    tables: list[dict[str, Any]] = field(default_factory=list)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What a source's file says of it."""
        user = f"{READER}_{self.name}"
        return {
            "url": f"postgresql://{user}@127.0.0.1:{self.door.port}/{self.name}",
            "tables": self.tables,
        }

    @property
    def secrets(self) -> Mapping[str, str]:
        """The reader's password."""
        return {"password": self.password}

    def run(self, statements: str) -> str:
        """What the database's owner does."""
        return self.cluster.run(statements, self.name)

    def change(self) -> None:
        """A deal's amount is corrected."""
        self.run("UPDATE deals SET amount = amount + 1, updated_at = now() WHERE deal_id = 7")

    def delete(self) -> None:
        """A deal is taken away."""
        self.run("DELETE FROM deals WHERE deal_id = 9")

    def expire(self) -> None:
        """The reader gets another password."""
        self.run(f"ALTER ROLE {READER}_{self.name} PASSWORD 'another'")

    def throttle(self, times: int) -> None:
        """A database does not ask to wait."""


@contextmanager
def stand_in(cluster: Cluster, tables: list[dict[str, Any]], made: str = TABLES) -> Iterator[Any]:
    """A new database with ``made`` in it, of which ``tables`` are read."""
    name = cluster.new_database()
    door = Door(cluster.port)
    database = Database(cluster, name, door, tables=tables)
    user = f"{READER}_{name}"
    database.run(made)
    database.run(
        f"CREATE ROLE {user} LOGIN PASSWORD '{database.password}';"
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user};"
    )
    try:
        yield database
    finally:
        door.shut()
