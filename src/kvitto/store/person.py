"""People and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from kvitto.errors import WrongUse
from kvitto.store.engine import Store
from kvitto.store.row import PersonRow, SessionRow
from kvitto.store.table import PEOPLE, SESSIONS


def add_person(
    store: Store,
    *,
    name: str,
    email: str,
    role: str,
    clients: Sequence[str],
    password_hash: str,
    at: datetime,
) -> PersonRow:
    """A new person. Raises :class:`WrongUse` where the address is taken."""
    row = {
        "name": name,
        "email": email.casefold(),
        "role": role,
        "clients": sorted(clients),
        "password_hash": password_hash,
        "active": True,
        "failures": 0,
        "created_at": at,
    }
    try:
        with store.write() as connection:
            connection.execute(insert(PEOPLE).values(row))
    except IntegrityError as error:
        raise WrongUse.of(
            f"add the person {email}", "the address is taken", "Use another e-mail address."
        ) from error
    found = find_person(store, email)
    assert found is not None
    return found


def find_person(store: Store, email: str) -> PersonRow | None:
    """Who has this address; upper and lower case do not matter."""
    with store.read() as connection:
        query = select(PEOPLE).where(PEOPLE.c.email == email.casefold())
        row = connection.execute(query).one_or_none()
    return None if row is None else _person(row)


def list_people(store: Store) -> tuple[PersonRow, ...]:
    """Everybody, by name."""
    with store.read() as connection:
        rows = connection.execute(select(PEOPLE).order_by(PEOPLE.c.name, PEOPLE.c.id)).all()
    return tuple(_person(row) for row in rows)


def change_person(
    store: Store,
    email: str,
    *,
    role: str | None = None,
    clients: Sequence[str] | None = None,
    active: bool | None = None,
    password_hash: str | None = None,
) -> PersonRow | None:
    """Change what is given; all sessions end where rights or the password change."""
    given: dict[str, object] = {
        "role": role,
        "clients": None if clients is None else sorted(clients),
        "active": active,
        "password_hash": password_hash,
    }
    values = {key: value for key, value in given.items() if value is not None}
    person = find_person(store, email)
    if person is None:
        return None
    with store.write() as connection:
        if values:
            connection.execute(update(PEOPLE).where(PEOPLE.c.id == person.id).values(values))
        connection.execute(delete(SESSIONS).where(SESSIONS.c.person_id == person.id))
    return find_person(store, email)


def note_failure(store: Store, person_id: int, locked_until: datetime | None) -> None:
    """Count a wrong password; from ``locked_until`` on the person may try again."""
    with store.write() as connection:
        connection.execute(
            update(PEOPLE)
            .where(PEOPLE.c.id == person_id)
            .values(failures=PEOPLE.c.failures + 1, locked_until=locked_until)
        )


def note_success(store: Store, person_id: int, password_hash: str | None) -> None:
    """Forget the wrong passwords; keep a fresher hash where there is one."""
    values: dict[str, object] = {"failures": 0, "locked_until": None}
    if password_hash is not None:
        values["password_hash"] = password_hash
    with store.write() as connection:
        connection.execute(update(PEOPLE).where(PEOPLE.c.id == person_id).values(values))


def add_session(
    store: Store, *, token_hash: str, person_id: int, at: datetime, until: datetime
) -> None:
    """Begin a session; sessions that are over are swept away on the way."""
    with store.write() as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= at))
        connection.execute(
            insert(SESSIONS).values(
                token_hash=token_hash, person_id=person_id, created_at=at, expires_at=until
            )
        )


def find_session(
    store: Store, token_hash: str, at: datetime
) -> tuple[SessionRow, PersonRow] | None:
    """The session and its person; nothing where it is over or the person is not active."""
    query = (
        select(SESSIONS, PEOPLE)
        .join(PEOPLE, PEOPLE.c.id == SESSIONS.c.person_id)
        .where(
            SESSIONS.c.token_hash == token_hash,
            SESSIONS.c.expires_at > at,
            PEOPLE.c.active,
        )
    )
    with store.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    values = row._mapping
    session = SessionRow(
        values[SESSIONS.c.token_hash],
        values[SESSIONS.c.person_id],
        values[SESSIONS.c.created_at],
        values[SESSIONS.c.expires_at],
    )
    return session, _person(row)


def end_session(store: Store, token_hash: str) -> None:
    """Sign out."""
    with store.write() as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == token_hash))


def count_people(store: Store) -> int:
    """How many people there are."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(PEOPLE)).scalar_one())


def _person(row: Row[Any]) -> PersonRow:
    values = row._mapping
    column = PEOPLE.c
    return PersonRow(
        id=values[column.id],
        name=values[column.name],
        email=values[column.email],
        role=values[column.role],
        clients=tuple(values[column.clients]),
        password_hash=values[column.password_hash],
        active=values[column.active],
        failures=values[column.failures],
        locked_until=values[column.locked_until],
        created_at=values[column.created_at],
    )
