"""Digests depend on content alone, and codes can be read out."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.receipt import Receipt, canonical_json, digest_of, short_code

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_the_order_of_keys_does_not_matter(content: dict[str, object]) -> None:
    turned = dict(reversed(list(content.items())))
    assert canonical_json(turned) == canonical_json(content)
    assert digest_of(turned) == digest_of(content)


@given(JSON, JSON)
def test_different_content_has_different_digests(one: object, other: object) -> None:
    assert (digest_of(one) == digest_of(other)) == (canonical_json(one) == canonical_json(other))


def test_a_known_digest_never_moves() -> None:
    content = {"b": [1, None, "å"], "a": Decimal("1.50"), "on": date(2017, 12, 31)}
    assert canonical_json(content).decode() == ('{"a":"1.50","b":[1,null,"å"],"on":"2017-12-31"}')
    assert digest_of(content)[:16] == "e4e0f3f42ba380ed"


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical_json({"a": object()})


@given(HEX)
def test_a_code_has_letters_that_are_not_mistaken(digest: str) -> None:
    code = short_code(digest)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)
    assert short_code(digest) == code


@given(HEX, st.integers(4, 40))
def test_a_longer_code_begins_with_the_shorter_one(digest: str, length: int) -> None:
    longer = short_code(digest, length + 4).replace("-", "")
    assert longer.startswith(short_code(digest, length).replace("-", ""))


def test_a_receipt_survives_json() -> None:
    receipt = Receipt(
        code="K7F2-Q9XM",
        metric="deals_won",
        name="Deals won",
        definition="Deals whose outcome is won",
        definition_version=1,
        client="northgate",
        question={"metric": "deals_won", "by": ["region"]},
        period="2017-12",
        first_day="2017-12-01",
        last_day="2017-12-31",
        value="401",
        unit="count",
        n=401,
        status="final",
        sql="SELECT 1",
        warehouse="v0001-abcdef12",
        digest="0" * 64,
    )
    again = Receipt.model_validate(json.loads(canonical_json(receipt)))
    assert again == receipt
    assert digest_of(again) == digest_of(receipt)
