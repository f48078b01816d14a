"""Every failure leads to a section that explains it."""

from __future__ import annotations

from pathlib import Path

from kvitto import errors

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def tree(root: type[errors.KvittoError]) -> list[type[errors.KvittoError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in tree(child))]


def test_every_code_has_a_section() -> None:
    sections = {
        line[3:] for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "## "
    }
    assert {kind.code for kind in tree(errors.KvittoError)} == sections


def test_no_two_kinds_of_failure_share_a_code() -> None:
    ours = (kind for kind in tree(errors.KvittoError) if kind.__module__ == errors.__name__)
    codes = [kind.code for kind in ours]
    assert sorted(set(codes)) == sorted(codes)


def test_a_message_says_what_was_asked_found_and_what_to_do() -> None:
    error = errors.UnknownName.of("the metric 'wonn'", "there is none", "Did you mean 'won'?")
    assert "wonn" in str(error)
    assert "there is none" in str(error)
    assert "Did you mean" in str(error)


def test_the_nearest_name_is_suggested() -> None:
    assert (
        errors.did_you_mean("close_rat", ["close_rate", "deals_won"])
        == "Did you mean 'close_rate'?"
    )
    assert "Known: a, b" in errors.did_you_mean("zzzzzz", ["b", "a"])
