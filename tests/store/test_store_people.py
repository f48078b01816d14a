"""People, sessions, receipts, editions and leases as rows."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from kvitto.errors import Busy, UnknownName, WrongUse
from kvitto.model.receipt import Receipt, digest_of, short_code
from kvitto.store import person
from kvitto.store.engine import Store
from kvitto.store.lease import hold, release, take
from kvitto.store.receipt import (
    editions_showing,
    find_receipt,
    keep_receipts,
    note_edition_receipts,
    tidy_code,
)
from kvitto.store.row import PersonRow
from kvitto.store.worker import is_gone, worker_name


def _elin(store: Store, noon: datetime) -> PersonRow:
    return person.add_person(
        store,
        name="Elin",
        email="Elin@Example.com",
        role="manager",
        clients=["northgate"],
        password_hash="x",
        at=noon,
    )


def _receipt(subject: str, code: str | None = None) -> Receipt:
    digest = digest_of(subject)
    return Receipt(
        code=code or short_code(digest),
        metric="deals_won",
        name="Deals won",
        definition="Deals that were won",
        definition_version=1,
        client="northgate",
        question={},
        period="2017-12",
        first_day="2017-12-01",
        last_day="2017-12-31",
        value="1",
        unit="count",
        n=1,
        status="final",
        sql="SELECT 1",
        warehouse="v0001-00000000",
        digest=digest,
    )


def test_an_address_is_found_however_it_is_spelt(store: Store, noon: datetime) -> None:
    row = _elin(store, noon)
    assert person.find_person(store, "ELIN@example.COM") == row
    assert row.clients == ("northgate",)
    assert row.created_at == noon


def test_an_address_is_taken_once(store: Store, noon: datetime) -> None:
    _elin(store, noon)
    with pytest.raises(WrongUse, match="taken"):
        _elin(store, noon)
    assert person.count_people(store) == 1


def test_a_session_ends_at_its_time(store: Store, noon: datetime) -> None:
    row = _elin(store, noon)
    until = noon + timedelta(hours=1)
    person.add_session(store, token_hash="a", person_id=row.id, at=noon, until=until)
    assert person.find_session(store, "a", until - timedelta(seconds=1)) is not None
    assert person.find_session(store, "a", until) is None


def test_changed_rights_end_the_sessions(store: Store, noon: datetime) -> None:
    row = _elin(store, noon)
    person.add_session(
        store, token_hash="a", person_id=row.id, at=noon, until=noon + timedelta(hours=1)
    )
    changed = person.change_person(store, row.email, role="client")
    assert changed is not None
    assert changed.role == "client"
    assert person.find_session(store, "a", noon) is None


def test_a_person_who_may_not_sign_in_has_no_session(store: Store, noon: datetime) -> None:
    row = _elin(store, noon)
    person.change_person(store, row.email, active=False)
    person.add_session(
        store, token_hash="a", person_id=row.id, at=noon, until=noon + timedelta(hours=1)
    )
    assert person.find_session(store, "a", noon) is None


def test_the_same_receipt_is_kept_once(store: Store, noon: datetime) -> None:
    receipt = _receipt("one")
    assert keep_receipts(store, [receipt], noon) == {}
    assert keep_receipts(store, [receipt, receipt], noon) == {}
    assert find_receipt(store, receipt.code) == receipt


def test_a_code_that_is_taken_becomes_longer(store: Store, noon: datetime) -> None:
    first, second = _receipt("one", "AAAA-AAAA"), _receipt("two", "AAAA-AAAA")
    keep_receipts(store, [first], noon)
    changed = keep_receipts(store, [second], noon)
    assert find_receipt(store, "AAAA-AAAA") == first
    assert find_receipt(store, changed["AAAA-AAAA"]).digest == second.digest
    assert keep_receipts(store, [second], noon) == changed


def test_two_new_receipts_with_one_code_are_told_apart(store: Store, noon: datetime) -> None:
    both = [_receipt("one", "AAAA-AAAA"), _receipt("two", "AAAA-AAAA")]
    changed = keep_receipts(store, both, noon)
    assert {find_receipt(store, code).digest for code in ("AAAA-AAAA", *changed.values())} == {
        receipt.digest for receipt in both
    }


@pytest.mark.parametrize("typed", ["k7f2-q9xm", "K7F2Q9XM", " k7f2 q9xm ", "K7F2–Q9XM"])
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert tidy_code(typed) == "K7F2-Q9XM"


def test_look_alike_letters_are_put_right() -> None:
    assert tidy_code("OOII-LL00") == "0011-1100"


def test_an_unknown_code_says_so(store: Store) -> None:
    with pytest.raises(UnknownName, match="no receipt"):
        find_receipt(store, "K7F2-Q9XM")


def test_a_receipt_knows_the_editions_that_print_it(store: Store) -> None:
    note_edition_receipts(store, "a/R13/2017-12/1", ["K7F2-Q9XM", "K7F2-Q9XM"])
    note_edition_receipts(store, "a/R13/2017-12/1", ["K7F2-Q9XM"])
    assert editions_showing(store, "k7f2q9xm") == ("a/R13/2017-12/1",)


def test_a_lock_is_held_by_one(store: Store, noon: datetime) -> None:
    with hold(store, "sync", worker_name(), lambda: noon, 60), pytest.raises(Busy, match="sync"):
        take(store, "sync", "elsewhere/1/1/other", noon, 60)
    take(store, "sync", "elsewhere/1/1/other", noon, 60)


def test_a_lock_ends_with_its_time(store: Store, noon: datetime) -> None:
    take(store, "sync", "elsewhere/1/1/a", noon, 60)
    take(store, "sync", "elsewhere/1/1/b", noon + timedelta(seconds=61), 60)
    release(store, "sync", "elsewhere/1/1/a")
    with pytest.raises(Busy):
        take(store, "sync", "elsewhere/1/1/c", noon + timedelta(seconds=62), 60)


def test_a_worker_that_ended_is_gone_and_this_one_is_not() -> None:
    code = "from kvitto.store.worker import worker_name; print(worker_name())"
    ended = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert is_gone(ended)
    assert not is_gone(worker_name())
    assert not is_gone("another-machine/1/1/x")
