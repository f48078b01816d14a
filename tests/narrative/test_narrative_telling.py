"""Statements in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kvitto.errors import UnknownName
from kvitto.model.locale import Formatter
from kvitto.model.statement import Contribution, Direction, Statement
from kvitto.model.value import MissingKind
from kvitto.report.narrative import Names, missing_words, say, voice_problems
from kvitto.report.narrative.catalogue import language_of, languages

NAMES = {
    "en": Names({"m": "Bookings", "r": "Close rate"}),
    "sv": Names({"m": "Ordervärde", "r": "Avslutsgrad"}),
}


def statement(**fields: object) -> Statement:
    known: dict[str, object] = {
        "id": "m/previous",
        "kind": "change",
        "subject": "m",
        "comparison": "previous",
        "against": "2017-11",
        "direction": Direction.up,
        "unit": "money",
        "currency": "SEK",
    }
    return Statement.model_validate(known | fields)


def told(said: Statement, language: str) -> str:
    text = say(said, NAMES[language], Formatter.of(language), language)
    return text.replace("\u00a0", " ")


RISE = statement(magnitude=112_300, relative=0.140375, before=800_000, after=912_300)


def test_a_rise_has_its_size_its_percent_and_both_figures() -> None:
    assert told(RISE, "en") == (
        "Bookings rose by SEK 112,300 (+14.0%) compared with November 2017,"
        " from SEK 800,000 to SEK 912,300."
    )
    assert told(RISE, "sv") == (
        "Ordervärdet ökade med 112 300 kr (+14,0 %) jämfört med november 2017,"
        " från 800 000 kr till 912 300 kr."
    )


def test_a_share_changes_in_points_with_the_decimal_that_shares_have() -> None:
    fall = {"subject": "r", "unit": "share", "currency": None, "direction": "down"}
    one = statement(**fall, magnitude=-0.01, relative=-0.02, before=0.5, after=0.49)
    two = statement(**fall, magnitude=-0.125, relative=-0.25, before=0.5, after=0.375)
    assert "fell by 1.0 percentage points compared" in told(one, "en")
    assert "minskade med 1,0 procentenheter jämfört" in told(one, "sv")
    assert "fell by 12.5 percentage points compared" in told(two, "en")
    assert "minskade med 12,5 procentenheter jämfört" in told(two, "sv")


def test_a_change_is_written_to_the_unit_of_the_figures_beside_it() -> None:
    fall = {"direction": "down", "magnitude": -55.97, "relative": -0.0005}
    small = statement(**fall, before=103_690.1, after=103_634.13)
    assert "by SEK 56 (" in told(small, "en")


def test_a_change_too_small_to_show_is_no_change() -> None:
    flat = statement(magnitude=0.001, relative=1e-9, before=800_000, after=800_000.001)
    assert told(flat, "en") == (
        "Bookings remained unchanged at SEK 800,000 compared with November 2017."
    )
    assert "låg kvar på 800 000 kr" in told(flat, "sv")


@pytest.mark.parametrize(
    ("verdict", "material", "english", "swedish"),
    [
        ("noise", True, "within normal variation", "inom den normala variationen"),
        ("significant", True, "outside normal variation", "utanför den normala variationen"),
        ("significant", False, "measurable but small", "mätbar men liten"),
        ("too_few", True, "too little data", "Underlaget är för litet"),
    ],
)
def test_the_verdict_is_said(verdict: str, material: bool, english: str, swedish: str) -> None:
    said = RISE.model_copy(update={"verdict": verdict, "material": material})
    assert english in told(said, "en")
    assert swedish in told(said, "sv")


def test_what_was_not_tested_claims_nothing_about_chance() -> None:
    untested = RISE.model_copy(update={"verdict": "not_tested"})
    assert told(untested, "en") == told(RISE, "en")


def part(segment: str, total: float, **more: object) -> Contribution:
    fields = {"segment": segment, "before": 1.0, "after": 1.0 + total, "total": total}
    return Contribution.model_validate(fields | more)


def test_contributions_are_listed_and_add_up_as_written() -> None:
    parts = (part("Central", 12_300.4), part("East", -4_100.4), part("", 800.4, rest=True))
    said = statement(kind="contribution", dimension="region", magnitude=9000.4, contributions=parts)
    text = told(said, "en")
    assert (
        "is +SEK 9,000, of which Central +SEK 12,300, East −SEK 4,100 and the rest +SEK 800."
        in text
    )
    assert "varav Central +12 300 kr, East −4 100 kr och övriga +800 kr." in told(said, "sv")


def test_mix_leads_where_the_rates_moved_the_other_way() -> None:
    parts = (part("in", -0.03, mix=-0.032, rate=0.002), part("out", -0.04, mix=-0.048, rate=0.008))
    said = statement(
        kind="contribution",
        subject="r",
        unit="share",
        dimension="source",
        magnitude=-0.07,
        mix=-0.08,
        rate=0.01,
        contributions=parts,
    )
    assert "The mix decides here" in told(said, "en")
    assert "Här avgör fördelningen" in told(said, "sv")
    same = said.model_copy(update={"mix": -0.04, "rate": -0.03})
    assert "The mix decides here" not in told(same, "en")


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("kind", list(MissingKind))
def test_every_missing_kind_has_words_and_a_sentence(kind: MissingKind, language: str) -> None:
    assert missing_words(kind, language)
    lost = statement(kind="data", missing=kind.value, note="value", direction="unknown")
    before = statement(kind="data", missing=kind.value, note="before", direction="unknown")
    assert told(lost, language).startswith(NAMES[language].metrics["m"])
    assert "ovember 2017" in told(before, language)


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("kind", ["target", "cap"])
@pytest.mark.parametrize("standing", ["ahead", "on_track", "behind", "unknown"])
@pytest.mark.parametrize("expected", [None, 500.0])
def test_every_standing_to_a_goal_is_said_as_we(
    language: str, kind: str, standing: str, expected: float | None
) -> None:
    said = statement(
        id="m/goal",
        kind="goal",
        goal_kind=kind,
        standing=standing,
        before=1000.0,
        after=900.0,
        magnitude=-100.0,
        reached=0.9,
        expected=expected,
        missing="no_data" if standing == "unknown" else None,
    )
    text = told(said, language)
    assert text.startswith({"en": "We ", "sv": "Vi "}[language])
    assert "{" not in text
    assert voice_problems(text, language) == ()


def test_an_event_coincides_and_is_no_cause() -> None:
    said = statement(kind="coincidence", event="New template.", on="2017-12-04")
    assert told(said, "en") == (
        "The period for bookings coincides with: New template (4 December 2017)."
    )
    assert "sammanfaller med: New template (4 december 2017)." in told(said, "sv")


def test_the_earlier_period_may_be_named_by_the_caller() -> None:
    names = Names({"m": "CRM deals"}, against={"previous": "1–15 November 2017"})
    text = say(RISE, names, Formatter.of("en"), "en")
    assert "compared with 1–15 November 2017" in text
    assert names.inner("m", language_of("en")) == "CRM deals"


def test_a_language_without_a_file_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="'xx'"):
        say(RISE, NAMES["en"], Formatter.of("en"), "xx")


def _keys(content: object, above: str = "") -> set[str]:
    if not isinstance(content, Mapping):
        return {above}
    return set().union(*(_keys(value, f"{above}.{key}") for key, value in content.items()))


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_sentences(language: str) -> None:
    for group in ("messages", "missing", "missing_sentence", "dimensions", "voice"):
        english = _keys(language_of("en").table(group))
        plural = {"one", "few", "many", "two", "zero"}
        own = _keys(language_of(language).table(group))
        assert {key for key in own ^ english if key.rsplit(".", 1)[-1] not in plural} == set()
    checked = set(language_of("en").table("check"))
    assert set(language_of(language).table("check")) == checked


@pytest.mark.parametrize("language", languages())
def test_sentences_use_the_same_values_in_every_language(language: str) -> None:
    import re

    def holes(code: str) -> dict[str, set[str]]:
        texts: dict[str, set[str]] = {}

        def walk(content: object, above: str) -> None:
            if isinstance(content, Mapping):
                for key, value in content.items():
                    walk(value, f"{above}.{key}")
            else:
                texts[above] = set(re.findall(r"\{(\w+)\}", str(content)))

        walk(language_of(code).table("messages"), "")
        return texts

    assert holes(language) == holes("en")


@pytest.mark.parametrize(
    ("text", "language", "codes"),
    [
        ("I think my plan is good.", "en", ["first_person", "first_person"]),
        ("You failed to send the list.", "en", ["blame"]),
        ("We did it together, i.e. both of us.", "en", []),
        ("I’ve seen it.", "en", ["first_person"]),
        ("Jag tycker att min plan är bra.", "sv", ["first_person", "first_person"]),
        ("Ni glömde listan.", "sv", ["blame"]),
        ("Vi gjorde det i december.", "sv", []),
    ],
)
def test_the_voice_is_ours(text: str, language: str, codes: list[str]) -> None:
    found = voice_problems(text, language)
    assert [each.code for each in found] == codes
    assert all(text[each.start : each.end] == each.phrase and each.todo for each in found)
