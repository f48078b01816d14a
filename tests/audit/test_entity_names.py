"""Names, addresses and numbers are brought to a form in which equal things are equal."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit.entity import folding
from kvitto.audit.entity.preparation import make_company_names
from kvitto.audit.entity.vocabulary import legal_forms


def folded(*names: str) -> dict[str, tuple[str, str | None]]:
    """Name -> its key and the code of its legal form."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (name VARCHAR)")
        connection.executemany("INSERT INTO given VALUES (?)", [[name] for name in names])
        make_company_names(connection, "SELECT name FROM given")
        rows = connection.execute("SELECT name, key, form FROM company_name").fetchall()
    return {name: (key, form) for name, key, form in rows}


def said(expression: str, value: str | None) -> object:
    """What SQL over the column ``v`` makes of a value."""
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {expression} FROM (SELECT ? AS v)", [value]).fetchall()[
            0
        ][0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Möbler Örebro Öberg HB", "Möbler Örebro Öberg Handelsbolag"),
        ("Testa Panificio Torino S.p.A.", "Testa Panificio Torino SpA"),
        ("Bar Centrale S. r. l.", "BAR CENTRALE SRL"),
        ("A B Volvo", "Volvo AB (publ)"),
        ("Müller GmbH & Co. KG", "Mueller GmbH und Co KG"),
        ("Smith & Sons, L.L.C.", "Smith and Sons LLC"),
        ("Öberg & Åström Oy", "Åström ja Öberg Osakeyhtiö"),
        ("Silva & Irmãos Ltda", "Silva e Irmaos LTDA."),
        ("The Baker Bros Ltd", "Baker Brothers Limited"),
        ("ООО Ромашка", "Ромашка, ООО"),
    ],
)
def test_one_company_spelled_in_two_ways_has_one_key_and_form(one: str, other: str) -> None:
    found = folded(one, other)
    assert found[one] == found[other]


def test_the_words_that_tell_companies_apart_are_kept() -> None:
    found = folded("Volvo Cars AB", "Volvo Trucks AB", "Shop 12 Ltd", "Shop 13 Ltd")
    assert len({key for key, _ in found.values()}) == 4


def test_a_name_that_is_only_a_legal_form_stays_a_name() -> None:
    assert folded("AB", "Company")["AB"][0] == "ab"


def test_codes_addresses_and_numbers_are_no_names() -> None:
    assert folded("CUS-000017", "cus_0000000025", "3", "a@b.example", "  ") == {}


def test_a_name_of_ten_thousand_characters_is_cut() -> None:
    long = "Lång " * 2_000
    assert len(folded(long)[long][0]) <= folding.LONGEST


def test_names_in_other_scripts_keep_their_letters() -> None:
    found = folded("株式会社トヨタ 東京", "Ромашка", "شركة النور")
    assert all(key for key, _ in found.values())
    assert len(found) == 3


def test_every_legal_form_is_written_as_names_are_folded() -> None:
    for form, _, _ in legal_forms():
        text = folding.joined_initials(folding.spaced(folding.fold("v")))
        assert said(f"length({text})", form)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_folded_and_folding_twice_changes_nothing(text: str) -> None:
    once = said(folding.spaced(folding.fold("v")), text.replace("\x00", ""))
    assert isinstance(once, str)
    assert (
        said(folding.spaced(folding.fold("v")), once[: folding.LONGEST])
        == once[: folding.LONGEST].strip()
    )


@pytest.mark.parametrize(
    ("given", "box", "host"),
    [
        ("Anna.Berg+news@Example.COM", "anna.berg", "example.com"),
        ("a.n.n.a@googlemail.com", "anna", "gmail.com"),
        ("<anna@example.com>", "anna", "example.com"),
    ],
)
def test_an_address_without_case_and_tag(given: str, box: str, host: str) -> None:
    address = folding.mail("v")
    assert said(folding.mailbox(address), given) == box
    assert said(folding.mail_host(address), given) == host


def test_what_is_no_address_is_none() -> None:
    assert [said(folding.mail("v"), text) for text in ("anna", "a@b", "a b@c.d", "@x.y", None)] == [
        None
    ] * 5


def test_task_mailboxes_and_free_mail_are_known() -> None:
    assert [said(folding.is_role("v"), box) for box in ("no-reply", "info")] == [True, True]
    assert not said(folding.is_role("v"), "anna.berg")
    assert [said(folding.is_free("v"), host) for host in ("gmail.com", "volvo.se")] == [True, False]


def test_one_number_in_many_forms() -> None:
    forms = ("+46 70 788 77 60", "0046-70-7887760", "070-788 77 60", "(070) 7887760")
    assert {said(folding.phone("v"), form) for form in forms} == {"707887760"}
    assert [said(folding.phone("v"), bad) for bad in ("000000000", "123", "123456789")] == [
        None
    ] * 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Dr. Anna Maria Berg PhD", ["anna", "maria", "berg"]),
        ("Berg, Anna", ["anna", "berg"]),
        ("O'Hara", ["ohara"]),
        ("anna@example.com", None),
    ],
)
def test_the_words_of_a_persons_name(given: str, words: list[str] | None) -> None:
    assert said(folding.person_words("v"), given) == words


def test_the_host_of_a_web_address() -> None:
    forms = ("https://www.Volvo.se/cars?x", "volvo.se", "http://volvo.se:80")
    assert {said(folding.web_host("v"), form) for form in forms} == {"volvo.se"}
    assert said(folding.web_host("v"), "none") is None
