"""Sentences as people type them, right and wrong, in English and Swedish."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.model.block import Mark, ShownFigure
from kvitto.model.edition import Vouch
from kvitto.model.statement import Contribution, Direction, Statement
from kvitto.report.narrative import Fact, Vocabulary
from kvitto.report.narrative.check import Checker, checker_of, unresolved
from kvitto.report.narrative.fact import Known

PERIOD = "2017-12"


def figure(
    metric: str, label: str, number: float, unit: str, noun: str | None = None
) -> ShownFigure:
    return ShownFigure(
        metric=metric,
        label=label,
        display=str(number),
        number=number,
        unit=unit,
        currency="USD" if unit == "money" else None,
        noun=noun,
        receipt=f"{metric[:4].upper()}-0001",
        period=PERIOD,
    )


def change(
    metric: str,
    unit: str,
    before: float,
    after: float,
    comparison: str = "previous",
    **more: object,
) -> Statement:
    against = {"previous": "2017-11", "last_year": "2016-12"}[comparison]
    moved = after - before
    fields: dict[str, object] = {
        "id": f"{metric}/{comparison}",
        "kind": "change",
        "subject": metric,
        "comparison": comparison,
        "against": against,
        "direction": Direction.up if moved > 0 else Direction.down,
        "magnitude": moved,
        "relative": moved / before,
        "before": before,
        "after": after,
        "unit": unit,
        "currency": "USD" if unit == "money" else None,
        "good": moved > 0,
        "verdict": "noise",
        "evidence": ("NOWW-0001", "THEN-0001"),
    }
    return Statement.model_validate(fields | more)


STATEMENTS = (
    change("bookings_amount", "money", 800_000, 912_300, verdict="not_tested"),
    change("bookings_amount", "money", 1_000_000, 912_300, "last_year"),
    change("deals_won", "count", 380, 450),
    change("close_rate", "share", 0.412, 0.2727, verdict="significant", significant=True),
    change("sales_cycle_length_median", "duration", 70, 60, good=True, noun="days"),
    Statement(
        id="bookings_amount/previous/region",
        kind="contribution",
        subject="bookings_amount",
        comparison="previous",
        against="2017-11",
        direction=Direction.up,
        magnitude=112_300,
        before=800_000,
        after=912_300,
        dimension="region",
        unit="money",
        currency="USD",
        contributions=(
            Contribution(segment="Central", before=300_000, after=400_123, total=100_123),
            Contribution(segment="West", before=200_000, after=222_177, total=22_177),
            Contribution(segment="East", before=300_000, after=290_000, total=-10_000),
        ),
    ),
    Statement(
        id="bookings_amount/goal",
        kind="goal",
        subject="bookings_amount",
        comparison="goal",
        direction=Direction.down,
        magnitude=-87_700,
        before=1_000_000,
        after=912_300,
        reached=0.9123,
        standing="behind",
        goal_kind="target",
        unit="money",
        currency="USD",
    ),
    Statement(
        id="bookings_amount/coincidence/1",
        kind="coincidence",
        subject="bookings_amount",
        direction=Direction.unknown,
        event="New proposal template for the GTX 500 range",
        on="2017-12-04",
    ),
)
LABELS = {
    "en": ("Bookings", "Deals won", "Close rate", "Sales cycle"),
    "sv": ("Ordervärde", "Vunna affärer", "Avslutsgrad", "Säljcykel"),
}


def checker(language: str) -> Checker:
    bookings, won, rate, cycle = LABELS[language]
    figures: list[Known] = [
        figure("bookings_amount", bookings, 912_300, "money"),
        figure("deals_won", won, 450, "count", "deals"),
        figure("close_rate", rate, 0.2727, "share"),
        figure("sales_cycle_length_median", cycle, 60, "duration", "days"),
        Fact("bookings_amount", 655_000, "money", "trend", "USD", period="2017-10"),
    ]
    words = Vocabulary(
        metrics={"close_rate": ("win rate",)},
        names=("Northgate Hardware", "GTX 500", "MG Special", "R13"),
        period=PERIOD,
    )
    return checker_of(language, figures, STATEMENTS, words)


CHECKERS = {language: checker(language) for language in ("en", "sv")}


def open_in(language: str, text: str, *vouches: Vouch) -> list[str]:
    """What stays unresolved, as it stands in the text."""
    sentences = CHECKERS[language].check(text, vouches)
    return [
        sentence.text[mark.start : mark.end]
        for sentence in sentences
        for mark in sentence.marks
        if mark.state == "unresolved"
    ]


def marks_in(language: str, text: str) -> list[Mark]:
    return [mark for sentence in CHECKERS[language].check(text) for mark in sentence.marks]


RIGHT_EN = [
    "Bookings were $912,300 in December 2017, up from $800,000 in November.",
    "Bookings rose 14 % to $0.9m.",
    "Bookings rose by 14.0 percent.",
    "Bookings rose by more than 10 %.",
    "Bookings rose by nearly $113,000.",
    "About $910,000 in bookings.",
    "Bookings came to 912 300 dollars.",
    "Bookings: US$912,300.",
    "We closed 450 deals won in December, 70 more than in November 2017.",
    "Deals won grew (18 %).",
    "The win rate fell to 27.3%.",
    "Close rate fell by 13.9 percentage points. It fell from 41.2% to 27.3%.",
    "Bookings fell 8.8% compared with December 2016.",
    "Bookings rose 14% against November 2017 but fell 8.8% against December 2016.",
    "Bookings rose thanks to Central and West, despite East.",
    "Bookings in Central rose by 33.4 percent to US$400,123.",
    "In Central, bookings rose by a third.",
    "Of the change in bookings, Central gave +$100,123 and East −$10,000.",
    "We reached 91.2% of the goal for bookings.",
    "We are behind the goal of $1,000,000 for bookings.",
    "The sales cycle improved by 10 days.",
    "The sales cycle fell from 70 to 60 days.",
    "Close rate fell significantly.",
    "Deals won did not fall.",
    "Deals won and bookings were 450 and $912,300.",
    "Bookings were $655,000 in October 2017.",
    "The period coincides with the new work: New proposal template for the GTX 500 range.",
    "We will raise bookings and lower the sales cycle next year.",
    "On 19 January 2018 at 15:00 we go through the GTX 500 list in week 3.",
    "Northgate Hardware gets R13 in the 2nd week of Q1 2018, see https://a.example/x/12.",
    "1. Call the buyers within the next two weeks.",
    "In December, bookings rose by 14 %.",
    "Since November bookings rose by $112,300.",
    "Bookings ↑ 14 %.",
    "Bookings rose 14 % on November 2017.",
    "Bookings were 912,300 this month.",
    "In December 2017 bookings reached $912,300, against $800,000 in November 2017.",
    "Bookings came in at $912,300, compared with $1,000,000 a year ago.",
    "Plus 14 percent for bookings.",
]
WRONG_EN = [
    ("Bookings were $812,300.", ["$812,300"]),
    ("Bookings fell 14 %.", ["fell", "14 %"]),
    ("Bookings rose 14 percentage points.", ["14 percentage points"]),
    ("Bookings rose to $800,000.", ["$800,000"]),
    ("Bookings were US$912,300 in October 2017.", ["US$912,300"]),
    ("Bookings were €912,300.", ["€912,300"]),
    ("Bookings were 912,300 deals.", ["912,300"]),
    ("The win rate is 450.", ["450"]),
    ("The win rate is 27.4%.", ["27.4%"]),
    ("Deals won and bookings were $912,300 and 450.", ["$912,300", "450"]),
    ("Bookings rose because of the new website.", ["because of"]),
    ("Bookings rose because of Central's new manager.", ["because of"]),
    ("Bookings rose because of East.", ["because of"]),
    ("Bookings rose despite Central.", ["despite"]),
    ("The new website led to higher bookings.", ["led to"]),
    (
        "Bookings rose thanks to New proposal template for the GTX 500 range.",
        ["thanks to"],
    ),
    ("Central gave +$10,000 of the change in bookings.", ["+$10,000"]),
    ("Bookings in East rose.", ["rose"]),
    ("Close rate improved.", ["improved"]),
    ("Bookings rose significantly.", ["significantly"]),
    ("The change of deals won was significant.", ["significant"]),
    ("Bookings doubled.", ["doubled"]),
    ("Bookings remained unchanged.", ["unchanged"]),
    ("We beat the goal for bookings.", ["beat the goal"]),
    ("Bookings rose 14% compared with March 2015.", ["rose", "14%"]),
    ("Bookings rose compared with December 2016.", ["rose"]),
    ("Sales rose by 5 %.", ["rose", "5 %"]),
    ("Things got better.", ["better"]),
    ("We held three calls.", ["three"]),
    ("We interviewed twelve buyers.", ["twelve"]),
    ("Leads grew to 450.", ["grew", "450"]),
    ("A third of the deals were lost.", ["A third of"]),
    ("The launch coincides with higher demand.", ["coincides with"]),
    ("Bookings in March were $912,300.", ["$912,300"]),
    ("In October, bookings rose by 14 %.", ["rose", "14 %"]),
    ("Last year, bookings were $912,300.", ["$912,300"]),
    ("Last year bookings rose 14 %.", ["rose", "14 %"]),
    ("Bookings rose 14 % in November 2017.", ["14 %"]),
    ("We won more deals than before and a hundred leads.", ["more", "hundred"]),
    ("We won no deals.", ["no"]),
    ("Bookings ↓ 14 %.", ["↓", "14 %"]),
    ("Bookings changed by minus 14 percent.", ["minus 14 percent"]),
    ("Bookings were 912,300 sek.", ["912,300 sek"]),
    ("Bookings were 912,300 yen.", ["912,300"]),
    ("Bookings were $912,300 because Dana asked for it.", ["because"]),
    ("Bookings jumped fourfold.", ["fourfold"]),
    ("Deals won rose from 450 to 380.", ["450", "380"]),
    ("Deals won rose by 450.", ["450"]),
    ("Close rate was 13.9 %.", ["13.9 %"]),
    ("East rose 33.4 percent in bookings.", ["rose", "33.4 percent"]),
]


@pytest.mark.parametrize("text", RIGHT_EN)
def test_true_english_sentences_resolve(text: str) -> None:
    assert open_in("en", text) == []


@pytest.mark.parametrize(("text", "marked"), WRONG_EN)
def test_false_english_sentences_are_marked(text: str, marked: list[str]) -> None:
    assert open_in("en", text) == marked


@pytest.mark.parametrize(
    "text",
    [
        "Ordervärdet ökade med 14 procent till 912 300 dollar.",
        "Ordervärdet steg med 0,1 mn dollar.",
        "Ordervärdet var 912 300 $ i december 2017, upp från 800 000 $ i november.",
        "Ordervärdet ökade tack vare Central, trots East.",
        "Ordervärdet minskade med 8,8 % jämfört med december 2016.",
        "Avslutsgraden sjönk med 13,9 procentenheter jämfört med november.",
        "Avslutsgraden sjönk tydligt.",
        "Vi vann 450 affärer.",
        "I december ökade ordervärdet med 14 %.",
        "Ordervärdet blev 912 300 dollar, jämfört med 800 000 dollar i november.",
        "Vunna affärer ökade, det vill säga med 70.",
        "Vunna affärer minskade inte.",
        "Säljcykeln förbättrades med 10 dagar.",
        "Vi nådde 91,2 % av målet för ordervärdet.",
        "Vi ska öka ordervärdet under de kommande tre månaderna.",
        "Mötet är den 16 januari 2018 kl. 15.00, vecka 3.",
    ],
)
def test_true_swedish_sentences_resolve(text: str) -> None:
    assert open_in("sv", text) == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Ordervärdet minskade med 14 procent.", ["minskade", "14 procent"]),
        ("Ordervärdet ökade med 41 procent.", ["41 procent"]),
        ("Ordervärdet fördubblades.", ["fördubblades"]),
        ("Avslutsgraden förbättrades.", ["förbättrades"]),
        ("Ordervärdet ökade på grund av den nya mallen.", ["på grund av"]),
        ("Ordervärdet ökade p.g.a. East.", ["p.g.a"]),
        ("Vår nya mall ledde till fler vunna affärer.", ["ledde till"]),
        ("Vunna affärer ökade kraftigt.", ["kraftigt"]),
        ("Vi höll tre möten.", ["tre"]),
        ("I oktober ökade ordervärdet med 14 %.", ["ökade", "14 %"]),
        ("Förra året var ordervärdet 912 300 dollar.", ["912 300 dollar"]),
        ("Vi vann fler affärer än väntat, inga affärer förlorades.", ["fler", "inga"]),
        ("Vunna affärer ökade från 450 till 380.", ["450", "380"]),
        ("Vi missade inte målet för ordervärdet: 100 % av målet.", ["100 %"]),
        ("Vunna affärer var 912 300 kr.", ["912 300 kr"]),
    ],
)
def test_false_swedish_sentences_are_marked(text: str, marked: list[str]) -> None:
    found = open_in("sv", text)
    assert [each for each in marked if each not in found] == []


def test_a_mark_says_what_was_looked_for() -> None:
    (mark,) = [m for m in marks_in("en", "The win rate is 450.") if m.state == "unresolved"]
    assert "close_rate" in mark.why
    assert mark.what == "number"


def test_bound_marks_name_their_receipt() -> None:
    marks = marks_in("en", "Bookings were $912,300.")
    assert [(mark.state, mark.receipt) for mark in marks] == [("bound", "BOOK-0001")]


def test_a_vouch_covers_its_phrase_and_no_more() -> None:
    text = "We held three calls and wrote four scripts."
    stands = Vouch(text_id="t", phrase="three calls", by="Elin Sandberg", at="2018-01-02")
    assert open_in("en", text, stands) == ["four"]
    (sentence,) = CHECKERS["en"].check(text, [stands])
    vouched = [mark for mark in sentence.marks if mark.state == "vouched"]
    assert [(sentence.text[m.start : m.end], m.by) for m in vouched] == [("three", "Elin Sandberg")]


def test_an_empty_vouch_covers_nothing() -> None:
    stands = Vouch(text_id="t", phrase="  ", by="Elin Sandberg", at="2018-01-02")
    assert open_in("en", "We held three calls.", stands) == ["three"]


def test_pronouns_go_on_with_the_last_metric_and_comparison() -> None:
    text = "Bookings fell compared with December 2016. It fell by 8.8%."
    assert open_in("en", text) == []
    assert open_in("en", "Bookings fell compared with December 2016. It fell by 14%.") == ["14%"]


def test_a_period_with_a_name_is_no_number_and_a_year_in_a_claim_is() -> None:
    assert open_in("en", "We have worked together since 2015.") == []
    assert open_in("en", "Deals won rose to 2017.") == ["2017"]


def test_a_name_without_letters_does_not_hide_a_number() -> None:
    words = Vocabulary(names=("14", "2"), period=PERIOD)
    sentences = checker_of("en", [], [], words).check("We have 14 new customers.")
    assert [mark.state for mark in sentences[0].marks] == ["unresolved"]


def test_words_within_a_name_claim_nothing() -> None:
    words = Vocabulary(names=("Rise Up Media 24",), period=PERIOD)
    marks = checker_of("en", [], [], words).check("Rise Up Media 24 joins the call.")[0].marks
    assert [mark.state for mark in marks] == ["plain"]


def test_unresolved_lists_all_that_blocks() -> None:
    found = unresolved(CHECKERS["en"].check("Bookings doubled. We held three calls."))
    assert [mark.what for mark in found] == ["number", "number"]


SOUP = """Bookings rose fell by to from of 12 450 912,300 912.300 1 14.0 −14 +3 3rd x3 v3 ½ %
percent points k m kr SEK $ ( ) . , ; : – and but because Central goal ² 1) 2015 November Q4
week in about doubled third two {{ }} {{deals_won}} 2016-12 12:30 days"""
PIECES = st.sampled_from(SOUP.split())


@settings(max_examples=300)
@given(st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", "\u00a0"])), max_size=14))
def test_no_digit_is_read_past(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + space for piece, space in pieces)
    for sentence in CHECKERS["en"].check(text):
        for place, char in enumerate(sentence.text):
            if char.isdigit():
                assert any(mark.start <= place < mark.end for mark in sentence.marks), text
