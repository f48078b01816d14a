"""What every kind of database gives: its catalogue, and rows as columns of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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


class Closing(Protocol):
    """A connection."""

    def close(self) -> None:
        """Let it go."""
        ...


@contextmanager
def kept_open(connection: Closing) -> Iterator[None]:
    """Let the connection go where its beginning fails: nobody else could."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


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


def ticked(name: str) -> str:
    """The name as MySQL writes one; the others keep to the standard's way."""
    return "`" + name.replace("`", "``") + "`"


def within(
    value: str,
    since: datetime | None,
    until: datetime | None,
    written: Callable[[datetime], str],
) -> str:
    """The condition: ``value``, which is SQL, is not before ``since`` and before ``until``.

    Without ``until`` also where there is no value; without ``since`` everywhere.
    ``written`` gives a moment as SQL.
    """
    if since is None:
        return "true"
    if until is None:
        return f"({value} >= {written(since)} OR {value} IS NULL)"
    return f"{value} >= {written(since)} AND {value} < {written(until)}"


def typed_moment(column: Column, moment: datetime) -> str:
    """The moment as a literal of the column's own type, as PostgreSQL and DuckDB write it."""
    plain = moment.replace(tzinfo=None).isoformat(sep=" ")
    if column.kind == "day":
        return f"DATE '{plain[:10]}'"
    return f"TIMESTAMPTZ '{plain}+00'" if column.kind == "instant" else f"TIMESTAMP '{plain}'"


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
