"""Suggestions for labels: what they are made of, and that they stay the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit.label.pattern import shapes
from kvitto.audit.label.suggestion import Asked, suggest


def best(concept: str, rows: dict[str, int], **more: object) -> dict[str, str]:
    found = suggest(Asked(concept, rows, **more))  # type: ignore[arg-type]  # as named there
    return {label: ones[0].canonical for label, ones in found.items() if ones}


def test_spellings_words_and_typing_errors_lead_to_the_most_frequent_label() -> None:
    rows = {"Google Ads": 90, "google-ads": 5, "AdWords": 4, "Gogle Ads": 2, "Passaparola": 30}
    expected = dict.fromkeys(("google-ads", "AdWords", "Gogle Ads"), "Google Ads")
    assert best("source", rows) == expected


def test_known_words_that_mean_different_things_are_not_alike() -> None:
    assert best("channel", {"Paid Social": 9, "Paid Search": 3}) == {}


def test_countries_become_codes_even_where_the_name_is_more_frequent() -> None:
    found = best("country", {"Sverige": 90, "SE": 10, "Ruotsi": 1})
    assert found == {"Sverige": "SE", "Ruotsi": "SE"}


def test_declared_values_are_the_only_targets() -> None:
    assert best("source", {"FB": 9, "Meta": 8}, settled=["Facebook"]) == {
        "FB": "Facebook",
        "Meta": "Facebook",
    }


def test_what_occurs_with_the_same_campaign_is_suggested_with_its_reason() -> None:
    found = suggest(
        Asked("source", {"Alpha": 50, "Zeta": 5}, (), {("Zeta", "Alpha"): (0.9, "campaign")})
    )
    assert found["Zeta"][0].canonical == "Alpha"
    assert "90 % of it occurs with the same campaign" in found["Zeta"][0].why


def test_labels_that_differ_in_numbers_get_a_pattern() -> None:
    found = shapes([(f"Event {n} (web)", 2) for n in range(10)] + [("Other", 1)])
    assert [(one.pattern, one.labels, one.rows) for one in found] == [
        (r"Event [0-9]+ \(web\)", 10, 20)
    ]


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=12), st.integers(1, 99), max_size=12))
def test_no_label_is_suggested_to_become_itself_and_none_goes_round(rows: dict[str, int]) -> None:
    found = best("source", rows)
    for label in found:
        seen = {label}
        here = label
        while here in found:
            here = found[here]
            assert here not in seen
            seen.add(here)
