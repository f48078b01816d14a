"""People: adding them, signing in and out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kvitto.app.house import House, require_known
from kvitto.app.log import note
from kvitto.app.who import Role, Who, require_owner
from kvitto.errors import NotAllowed, UnknownName, WrongUse, did_you_mean
from kvitto.model.scope import Scope
from kvitto.store.row import PersonRow

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SESSION_LENGTH = timedelta(hours=12)
PASSWORD_LENGTH = 10
TRIES = 8
PAUSE = timedelta(minutes=5)
"""After this many wrong passwords in a row the person waits this long."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session. ``token`` goes into the browser's cookie and is kept nowhere else;
    ``csrf`` belongs into every form."""

    token: str
    csrf: str
    who: Who
    email: str
    expires_at: datetime


def create_person(
    house: House,
    who: Who,
    *,
    name: str,
    email: str,
    role: Role,
    clients: Sequence[str] = (),
    password: str,
) -> PersonRow:
    """Add somebody who may sign in; only an owner may.

    Raises :class:`WrongUse` for a bad or taken address, a short password, a
    client sign-in that names no client; :class:`UnknownName` for a client
    that does not exist.
    """
    from kvitto.store.person import add_person

    require_owner(who, "add a person")
    address = checked_address(email)
    for client in clients:
        require_known(client, house.workspace.clients, "client")
    if role is Role.client and len(clients) != 1:
        raise WrongUse.of(
            f"add {email} as a client", f"{len(clients)} clients are named", "Name exactly one."
        )
    row = add_person(
        house.store,
        name=name.strip() or address,
        email=address,
        role=role.value,
        clients=clients,
        password_hash=_hashed(password),
        at=house.now(),
    )
    note(house, who, "person.add", address, details={"role": role.value, "clients": list(clients)})
    return row


def change_person(
    house: House,
    who: Who,
    email: str,
    *,
    role: Role | None = None,
    clients: Sequence[str] | None = None,
    active: bool | None = None,
    password: str | None = None,
) -> PersonRow:
    """Change rights, password or whether somebody may sign in; their sessions end."""
    from kvitto.store import person as rows

    require_owner(who, "change a person")
    for client in clients or ():
        require_known(client, house.workspace.clients, "client")
    row = rows.change_person(
        house.store,
        email,
        role=None if role is None else role.value,
        clients=clients,
        active=active,
        password_hash=None if password is None else _hashed(password),
    )
    if row is None:
        known = [person.email for person in rows.list_people(house.store)]
        raise UnknownName.of(f"the person {email}", "there is none", did_you_mean(email, known))
    changed = {"role": role, "clients": clients, "active": active}
    details = {key: value for key, value in changed.items() if value is not None}
    details["password"] = password is not None
    note(house, who, "person.change", row.email, details=details)
    return row


def people(house: House, who: Who) -> tuple[PersonRow, ...]:
    """Everybody who may sign in; only an owner sees the list."""
    from kvitto.store.person import list_people

    require_owner(who, "list the people")
    return list_people(house.store)


def sign_in(house: House, email: str, password: str, *, old_token: str | None = None) -> SignedIn:
    """Begin a session with a new token; ``old_token`` ends.

    Raises :class:`NotAllowed` with the same words for an unknown address, a
    wrong password and a person who may not sign in; the time it takes is the
    same too.
    """
    from kvitto.store.person import add_session, end_session, find_person

    now = house.now()
    person = find_person(house.store, email.strip())
    if person is None or not _accepts(house, person, password, now):
        if person is None:
            _verify(_nobody(), password)
        raise NotAllowed.of(
            "sign in",
            "the address and the password do not go together",
            "Check both. After several tries you have to wait five minutes.",
        )
    if old_token:
        end_session(house.store, _token_hash(old_token))
    token = secrets.token_urlsafe(32)
    until = now + SESSION_LENGTH
    add_session(
        house.store, token_hash=_token_hash(token), person_id=person.id, at=now, until=until
    )
    who = who_of(house, person)
    note(house, who, "person.sign_in", person.email)
    return SignedIn(token, _csrf(token), who, person.email, until)


def session_of(house: House, token: str | None) -> SignedIn | None:
    """The session of that token, with the person's rights as they are now."""
    from kvitto.store.person import find_session

    if not token:
        return None
    found = find_session(house.store, _token_hash(token), house.now())
    if found is None:
        return None
    session, person = found
    return SignedIn(token, _csrf(token), who_of(house, person), person.email, session.expires_at)


def sign_out(house: House, token: str) -> None:
    """End the session."""
    from kvitto.store.person import end_session

    end_session(house.store, _token_hash(token))


def who_of(house: House, person: PersonRow) -> Who:
    """The person with role and scope; clients that no longer exist are left out."""
    role = Role(person.role)
    known = house.workspace.clients
    clients = tuple(known) if role is Role.owner else person.clients
    return Who(person.name, role, Scope.of(person.name, *(c for c in clients if c in known)))


def checked_address(email: str) -> str:
    """The address in its plain form. Raises :class:`WrongUse`."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(
            email.strip(), check_deliverability=False, test_environment=True
        ).normalized.casefold()
    except EmailNotValidError as error:
        raise WrongUse.of(
            f"the address {email!r}", str(error), "Write it as name@company.com."
        ) from error


def _accepts(house: House, person: PersonRow, password: str, now: datetime) -> bool:
    from kvitto.store.person import note_failure, note_success

    right = _verify(person.password_hash, password)
    waiting = person.locked_until is not None and person.locked_until > now
    if waiting or not person.active:
        return False
    if not right:
        full = (person.failures + 1) % TRIES == 0
        note_failure(house.store, person.id, now + PAUSE if full else None)
        return False
    fresh = _hasher().hash(password) if _hasher().check_needs_rehash(person.password_hash) else None
    note_success(house.store, person.id, fresh)
    return True


def _hashed(password: str) -> str:
    if len(password) < PASSWORD_LENGTH:
        raise WrongUse.of(
            "set a password",
            f"it has {len(password)} characters",
            f"Use at least {PASSWORD_LENGTH}; a few words in a row are easy to keep in mind.",
        )
    return _hasher().hash(password)


def _verify(password_hash: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    """argon2id with 19 MiB and two passes: the least that OWASP names, kind to small hosts."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to compare with where there is no person, so that it takes as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _csrf(token: str) -> str:
    """Bound to the session and not a way back to its token."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()
