"""Signing in: one answer for every wrong try, a new token every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kvitto.app import person
from kvitto.app.house import House, local_person
from kvitto.app.log import read_log
from kvitto.app.who import Role, Who
from kvitto.errors import NotAllowed, UnknownName, WrongUse
from kvitto.model.scope import Scope

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)
RIGHT = "a long password"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(empty: House, clock: Clock) -> House:
    house = replace(empty, clock=clock)
    person.create_person(
        house,
        local_person(house, "Olga"),
        name="Elin",
        email="elin@brightlane.example",
        role=Role.manager,
        clients=["northgate"],
        password=RIGHT,
    )
    return house


def test_a_person_signs_in_with_role_and_scope(desk: House) -> None:
    found = person.sign_in(desk, " Elin@Brightlane.example ", RIGHT)
    assert found.who == Who("Elin", Role.manager, Scope.of("Elin", "northgate"))
    assert person.session_of(desk, found.token) == found


def test_every_wrong_try_gets_the_same_words(desk: House) -> None:
    person.change_person(desk, local_person(desk), "elin@brightlane.example", active=False)
    said = set()
    for email, password in (
        ("nobody@brightlane.example", RIGHT),
        ("elin@brightlane.example", "wrong"),
        ("elin@brightlane.example", RIGHT),
        ("'; DROP TABLE people; --", ""),
    ):
        with pytest.raises(NotAllowed) as error:
            person.sign_in(desk, email, password)
        said.add(str(error.value))
    assert len(said) == 1


def test_a_sign_in_ends_the_session_before_it(desk: House) -> None:
    first = person.sign_in(desk, "elin@brightlane.example", RIGHT)
    second = person.sign_in(desk, "elin@brightlane.example", RIGHT, old_token=first.token)
    assert first.token != second.token
    assert first.csrf != second.csrf
    assert person.session_of(desk, first.token) is None


def test_a_session_ends_at_its_time_and_at_sign_out(desk: House, clock: Clock) -> None:
    found = person.sign_in(desk, "elin@brightlane.example", RIGHT)
    person.sign_out(desk, found.token)
    assert person.session_of(desk, found.token) is None
    again = person.sign_in(desk, "elin@brightlane.example", RIGHT)
    clock.now += person.SESSION_LENGTH
    assert person.session_of(desk, again.token) is None


@pytest.mark.parametrize("token", [None, "", "x", "' OR 1=1 --"])
def test_a_token_that_is_none_is_nobody(desk: House, token: str | None) -> None:
    assert person.session_of(desk, token) is None


def test_many_wrong_passwords_make_even_the_right_one_wait(desk: House, clock: Clock) -> None:
    for _ in range(person.TRIES):
        with pytest.raises(NotAllowed):
            person.sign_in(desk, "elin@brightlane.example", "wrong")
    with pytest.raises(NotAllowed):
        person.sign_in(desk, "elin@brightlane.example", RIGHT)
    clock.now += person.PAUSE + timedelta(seconds=1)
    assert person.sign_in(desk, "elin@brightlane.example", RIGHT).who.name == "Elin"


def test_neither_password_nor_token_is_kept(desk: House) -> None:
    found = person.sign_in(desk, "elin@brightlane.example", RIGHT)
    kept = (desk.runtime / "state.db").read_bytes()
    kept += (desk.runtime / "state.db-wal").read_bytes()
    assert RIGHT.encode() not in kept
    assert found.token.encode() not in kept
    assert b"$argon2id$" in kept


def test_changed_rights_hold_at_once(desk: House) -> None:
    found = person.sign_in(desk, "elin@brightlane.example", RIGHT)
    owner = local_person(desk)
    person.change_person(desk, owner, "elin@brightlane.example", role=Role.client)
    assert person.session_of(desk, found.token) is None


def test_only_an_owner_adds_people(desk: House) -> None:
    manager = replace(local_person(desk), role=Role.manager)
    with pytest.raises(NotAllowed, match="is manager"):
        person.create_person(
            desk, manager, name="X", email="x@y.example", role=Role.owner, password=RIGHT
        )
    with pytest.raises(NotAllowed):
        person.people(desk, manager)


@pytest.mark.parametrize(
    ("email", "role", "clients", "password", "error", "words"),
    [
        ("no address", Role.owner, [], RIGHT, WrongUse, "address"),
        ("a@b.example", Role.owner, [], "short", WrongUse, "characters"),
        ("a@b.example", Role.client, [], RIGHT, WrongUse, "exactly one"),
        ("a@b.example", Role.manager, ["northgat"], RIGHT, UnknownName, "northgate"),
        ("ELIN@brightlane.example", Role.owner, [], RIGHT, WrongUse, "taken"),
    ],
)
def test_a_person_that_cannot_be_is_refused(
    desk: House,
    email: str,
    role: Role,
    clients: list[str],
    password: str,
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error, match=words):
        person.create_person(
            desk,
            local_person(desk),
            name="X",
            email=email,
            role=role,
            clients=clients,
            password=password,
        )


def test_what_was_changed_stands_in_the_log(desk: House) -> None:
    lines = read_log(desk, local_person(desk))
    assert [(line.who, line.action, line.subject) for line in lines] == [
        ("Olga", "person.add", "elin@brightlane.example")
    ]


def test_a_client_that_was_removed_leaves_the_scope(desk: House) -> None:
    person.change_person(desk, local_person(desk), "elin@brightlane.example", clients=["northgate"])
    (desk.root / "clients" / "northgate.yml").unlink()
    (desk.root / "sources" / "crm.yml").unlink()
    (desk.root / "rules" / "crm.yml").unlink()
    found = person.sign_in(desk.reopened(), "elin@brightlane.example", RIGHT)
    assert found.who.scope.clients == frozenset()
