"""What every kind of database gives: its catalogue, and rows as columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kvitto.errors import Problem, SourceRefused, SourceUnreachable
from kvitto.sources.connectors.sql.address import Dialect, Target
from kvitto.sources.connectors.sql.column import Column, Relation

if TYPE_CHECKING:
    from pyarrow import RecordBatch

APPLICATION = "kvitto"


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach a database: ``password`` may be empty, ``root`` is the workspace."""

    target: Target
    password: str
    root: Path
    allow_private: bool
    schema: str | None
    rows_per_page: int
    timeout_seconds: int
    connect_seconds: int


class Database(Protocol):
    """An open, read-only transaction in which every table is seen at the same moment.

    Its methods raise the errors of :mod:`kvitto.errors` that are about sources.
    """

    dialect: Dialect

    def names(self) -> Sequence[str]:
        """The tables and views that there are, as a person may name them."""
        ...

    def table(self, name: str) -> Relation | None:
        """The table or view of that name; ``None`` where there is none."""
        ...

    def query(self, name: str, sql: str) -> Relation:
        """The rows of a SELECT as a relation."""
        ...

    def batches(self, sql: str, width: int) -> Iterator[RecordBatch]:
        """The rows that ``sql`` gives, in batches of ``width`` text columns."""
        ...

    def number(self, sql: str) -> int:
        """The one number that ``sql`` gives."""
        ...

    def changed_sql(self, column: Column, since: datetime | None, until: datetime | None) -> str:
        """The condition: changed in that time. Without ``until`` also rows without a time."""
        ...

    def days_sql(self, column: Column, first: date, last: date) -> str:
        """The condition: of those days, both included."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


def refused(login: Login, said: str) -> SourceRefused:
    """The database does not let us in."""
    return SourceRefused(
        Problem(
            f"the database {login.target.label}",
            f"it does not let us in: {clean(login, said)}",
            "Correct the user in url: or the secret 'password'; the user needs the right to"
            " connect and to read.",
        )
    )


def unreachable(login: Login, said: str) -> SourceUnreachable:
    """No answer, or none any more."""
    return SourceUnreachable(
        Problem(
            f"the database {login.target.label}",
            f"no answer: {clean(login, said)}",
            "Look whether it runs and can be reached from here; the next sync goes on from what"
            " is kept.",
        )
    )


def clean(login: Login, said: str) -> str:
    """The database's words on one line, without the password."""
    text = " ".join(said.split())[:300]
    return text.replace(login.password, "...") if len(login.password) > 2 else text


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str, mark: str = '"') -> str:
    """The name as an SQL identifier."""
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def spoken(name: str, mark: str = '"') -> tuple[str, ...]:
    """The parts of a name with points, each as it is meant without its quotation marks."""
    parts, held, inside = [], "", False
    for sign in name:
        if sign == mark:
            inside = not inside
        elif sign == "." and not inside:
            parts.append(held)
            held = ""
        else:
            held += sign
    return (*parts, held)
