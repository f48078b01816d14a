"""What a word means: read from meanings/, and every fault told together with its line."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kvitto.workspace import check_workspace, load_workspace
from kvitto.workspace.schema import schema_for, with_schema_line

Small = Callable[..., Path]

GOOD = """\
word: conversion
names: {en: Leads that count, sv: Leads som räknas}
definitions:
  - version: 1
    says: A form or a call.
    counts:
      - name: form
        table: leads
        date: created_at
        where: {source: [web, form], score: {at_least: 10}, source_detail: {like: "/thanks%"}}
        value: {amount: 40, currency: EUR}
        once: {by: contact_id, within: 30 minutes}
      - {name: call, table: activities, date: done_on, where: {type: call}, weight: 0.5}
  - version: 2
    valid_from: 2025-07-01
    clients: [northgate]
    says: Key events of the site.
    counts:
      - {table: web_key_events, date: occurred_on, quantity: events, value: value}
"""


def problems(small: Small, **meanings: str) -> list[str]:
    files = {f"meanings__{name}": text for name, text in meanings.items()}
    return [str(problem) for problem in check_workspace(small(**files))]


def one(counts: str, head: str = "word: conversion") -> str:
    """A file with a single kind of row, on line 6."""
    return f"{head}\ndefinitions:\n  - version: 1\n    says: Ours.\n    counts:\n      - {counts}\n"


def test_a_definition_is_read(small: Small) -> None:
    loaded = load_workspace(small(meanings__conversion=GOOD)).meanings["conversion"]
    form, call = loaded.definitions[0].counts
    assert form.where["source"].any_of == ("web", "form")
    assert form.where["score"].at_least == "10"
    assert form.once is not None
    assert (form.once.by, form.once.minutes) == (("contact_id",), 30)
    assert (call.weight, call.label) == (Decimal("0.5"), "call")
    assert loaded.definitions[1].clients == ("northgate",)
    assert not loaded.is_money


def test_a_fixed_value_is_in_the_currency_of_every_client_it_is_for(small: Small) -> None:
    text = one("{table: leads, date: created_on, value: {amount: 40, currency: SEK}}")
    found = problems(small, conversion=text)
    assert len(found) == 1
    assert found[0].startswith(
        "meanings/conversion.yml:6: the value 40 SEK: the client 'northgate'"
    )
    assert "reports in EUR" in found[0]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ("{table: leadz, date: created_on}", "Did you mean 'leads'?"),
        ("{table: leads, date: creatd_on}", "Did you mean 'created_on'?"),
        ("{table: leads, date: source}", "it is no date"),
        ("{table: leads, date: created_on, where: {sauce: web}}", "Did you mean 'source'?"),
        ("{table: leads, date: created_on, where: {status: nev}}", "Did you mean 'new'?"),
        ("{table: leads, date: created_on, where: {score: many}}", "'many' is not a number"),
        (
            "{table: leads, date: created_on, where: {source: {above: b}}}",
            "its values have no order",
        ),
        ("{table: leads, date: created_on, where: {source: {}}}", "it says nothing"),
        ("{table: leads, date: created_on, where: {source: {not: a}}}", "there is no such key"),
        ("{table: leads, date: created_on, where: {score: {like: a}}}", "its values are no texts"),
        ("{table: leads, date: created_on, quantity: source}", "it is not a number"),
        ("{table: leads, date: created_on, weight: 0}", "weight"),
        ("{table: leads, date: created_on, value: score}", "it is not money"),
        ("{table: deals, date: closed_on, value: amount}", "Use amount_base"),
        ("{table: leads, date: created_on, value: {amount: 4}}", "its currency is not given"),
        (
            "{table: leads, date: created_on, value: {amount: 4, column: a}}",
            "one of column and amount",
        ),
        (
            "{table: leads, date: created_on, once: {by: contact, within: 30 minutes}}",
            "Did you mean 'contact_id'?",
        ),
        (
            "{table: leads, date: created_on, once: {by: contact_id, within: a while}}",
            "'a while' is no length of time",
        ),
        (
            "{table: invoices, date: issued_on, once: {by: account_id, within: 2 hours}}",
            "issued_on knows the day",
        ),
        (
            "{table: ad_spend, date: spend_on, once: {by: platform, within: 1 day}}",
            "a row of ad_spend is a total",
        ),
    ],
)
def test_what_cannot_be_measured_is_told_with_its_line(
    small: Small, counts: str, said: str
) -> None:
    found = problems(small, conversion=one(counts))
    assert len(found) == 1, found
    assert found[0].startswith("meanings/conversion.yml:6: ")
    assert said in found[0]


def test_money_needs_an_amount_and_takes_no_weight(small: Small) -> None:
    head = "word: revenue"
    assert (
        "no value is given"
        in problems(small, revenue=one("{table: orders, date: ordered_on}", head))[0]
    )
    weighed = "{table: orders, date: ordered_on, value: amount_base, weight: 2}"
    assert "it is money" in problems(small, revenue=one(weighed, head))[0]


def test_definitions_that_hold_at_the_same_time_are_refused(small: Small) -> None:
    counts = "    says: Ours.\n    counts: [{table: leads, date: created_on}]\n"
    head = "word: conversion\ndefinitions:\n"
    two = f"{head}  - version: 1\n{counts}  - version: 2\n{counts}"
    assert "holds from the beginning too" in problems(small, conversion=two)[0]
    closed = (
        f"{head}  - version: 1\n    valid_to: 2025-07-31\n{counts}"
        f"  - version: 2\n    valid_from: 2025-07-01\n{counts}"
    )
    (found,) = problems(small, conversion=closed)
    assert found.startswith("meanings/conversion.yml:8: version 2 of 'conversion'")
    assert "holds until 2025-07-31, this one from 2025-07-01" in found


def test_two_files_may_not_define_one_word_for_one_client_at_once(small: Small) -> None:
    again = """\
word: conversion
definitions:
  - version: 3
    valid_from: 2025-07-01
    clients: [northgate]
    says: Again.
    counts: [{table: leads, date: created_on}]
"""
    (found,) = problems(small, conversion=GOOD, other=again)
    assert found.startswith("meanings/other.yml:4: version 3 of 'conversion' of 'northgate'")
    assert "meanings/conversion.yml:14 holds from 2025-07-01 too" in found


def test_a_later_definition_has_a_higher_number(small: Small) -> None:
    counts = "    says: Ours.\n    counts: [{table: leads, date: created_on}]\n"
    text = (
        f"word: conversion\ndefinitions:\n  - version: 2\n{counts}"
        f"  - version: 1\n    valid_from: 2025-07-01\n{counts}"
    )
    assert "Raise the version" in problems(small, conversion=text)[0]


def test_everything_wrong_in_all_files_comes_together(small: Small) -> None:
    bad = one("{table: leads, date: created_on, where: {sauce: a, stats: b}}")
    bad = bad.replace(
        "    says:",
        "    clients: [nortgate]\n    valid_from: 2025-02-02\n    valid_to: 2025-01-01\n    says:",
    )
    unit = one(
        "{table: orders, date: ordered_on, value: amount_base}", "word: conversion\nunit: money"
    )
    found = problems(small, a=bad, b=unit)
    assert len(found) == 5, found
    said = "\n".join(found)
    assert "Did you mean 'northgate'?" in said
    assert "valid until 2025-01-01: it begins on 2025-02-02" in said
    assert "measures it in another unit" in said


def test_names_within_a_definition_are_told_apart(small: Small) -> None:
    counts = "{table: leads, date: created_on}\n      - {table: leads, date: mql_on}"
    assert "the name 'leads': it is given twice" in problems(small, conversion=one(counts))[0]


def test_a_definition_that_counts_nothing_is_refused(small: Small) -> None:
    text = "word: conversion\ndefinitions: [{version: 1, says: Ours., counts: []}]\n"
    assert "nothing counts" in problems(small, conversion=text)[0]


def test_editors_know_the_file() -> None:
    schema = schema_for("meaning")
    assert schema["required"] == ["word", "definitions"]
    conditions = schema["$defs"]["Counted"]["properties"]["where"]["additionalProperties"]
    assert len(conditions["anyOf"]) == 3
    assert ".schemas/meaning.json" in with_schema_line("word: a\n", "meanings")
