"""What is wrong in a declaration is told with the key where it stands."""

from __future__ import annotations

import re
import textwrap
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kvitto.sources.connectors import rest
from kvitto.sources.connectors.rest.record import filled, find, flattened, path_of
from kvitto.sources.connectors.rest.settings import RestSettings, StreamDefinition
from kvitto.workspace.definition import SourceDefinition


def settings(stream: dict[str, Any], **more: Any) -> dict[str, Any]:
    deals = {"path": "deals", "fields": {"id": "text", "at": "instant"}, **stream}
    return {"base": "https://api.example.com", "streams": {"deals": deals}, **more}


@pytest.mark.parametrize(
    ("given_stream", "words"),
    [
        ({"key": ["nr"]}, "key: 'nr' is not one of the fields"),
        ({"keeping": "changes"}, "cursor: is needed where keeping: is changes"),
        ({"cursor": "changed"}, "cursor: 'changed' is not one of the fields"),
        ({"deleting": "flag"}, "deleted_field: is needed"),
        ({"params": {"a": "{sinse}"}}, "nothing fills {sinse}. Did you mean 'since'?"),
        ({"path": "deals/{parent.id}"}, "parent: is needed"),
        ({"parent": {"stream": "deal"}}, "there is no stream 'deal'. Did you mean 'deals'?"),
        ({"parent": {"stream": "deals"}}, "goes round in a circle"),
        ({"fill": {"deal": {}}}, "there is no table 'deal'. Did you mean 'deals'?"),
        ({"fill": {"deals": {"amuont": "id"}}}, "has no column 'amuont'. Did you mean 'amount'?"),
        ({"fill": {"deals": {"amount": "value"}}}, "fill: deals: amount: 'value' is not one of"),
    ],
)
def test_what_does_not_hold_together_is_told_in_words(
    given_stream: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        RestSettings.model_validate(settings(given_stream))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("values", "place"),
    [
        (settings({"pathh": "x"}), ("streams", "deals", "pathh")),
        (settings({}, auth={"kind": "magic"}), ("auth",)),
        (settings({}, paging={"kind": "page", "first": 7}), ("paging", "page", "first")),
        (settings({}, streams={}), ("streams",)),
        (settings({"keeping": "sometimes"}), ("streams", "deals", "keeping")),
        ({"streams": settings({})["streams"]}, ("base",)),
        (settings({}, streams={"my deals": {"path": "x", "fields": {}}}), ("streams", "my deals")),
    ],
)
def test_what_is_not_known_is_told_with_its_key(
    values: dict[str, Any], place: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as raised:
        RestSettings.model_validate(values)
    assert any(error["loc"][: len(place)] == place for error in raised.value.errors())


def test_the_examples_that_people_copy_are_declarations_that_hold() -> None:
    text = Path(rest.__file__).with_name("README.md").read_text("utf-8")
    blocks = re.findall(r"(?m)^    # sources/.*\n(?:(?:    .*)?\n)+", text)
    given = [yaml.safe_load(textwrap.dedent(block)) for block in blocks]
    sources = [SourceDefinition.model_validate(one) for one in given]
    names = [set(RestSettings.model_validate(one.settings).streams) for one in sources]
    assert names == [{"stages", "deals"}, {"tickets", "answers"}]


def stream(**fields: Any) -> StreamDefinition:
    return StreamDefinition.model_validate({"path": "x", "key": [], "fields": fields})


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [
        ({"kind": "instant", "written": "seconds"}, 1772360430, "2026-03-01T10:20:30Z"),
        ({"kind": "instant", "written": "milliseconds"}, "1772360430500", "2026-03-01T10:20:30.5"),
        ({"kind": "instant", "written": "utc"}, "2026-03-01 10:20:30", "2026-03-01T10:20:30Z"),
        ({"kind": "instant", "written": "utc"}, "2026-03-01T10:20:30+02:00", "+02:00"),
        ({"kind": "instant", "written": "seconds"}, "soon", "soon"),
        ({"kind": "instant", "written": "seconds"}, "9" * 40, "9" * 40),
        ({"kind": "instant", "written": "utc"}, "", ""),
        ({"kind": "flag", "true_for": ["deleted"]}, "deleted", "True"),
        ({"kind": "flag", "true_for": ["deleted"]}, "open", "False"),
        ("money", Decimal("0.10"), "0.10"),
        ("text", None, "None"),
    ],
)
def test_times_and_flags_are_written_as_everywhere_else(
    field: Any, value: object, meant: str
) -> None:
    assert meant in str(flattened(stream(a=field), {"a": value}, None, ())["a"])


def test_paths_go_through_objects_and_lists() -> None:
    record = {"emails": [{"value": "a@b.se"}], "org.id": 3, "org": {"id": 7}}
    assert find(record, "emails.0.value") == "a@b.se"
    assert find(record, "org.id") == 3
    assert find(record, "emails.1.value", "none") == "none"
    assert find(record, "") == record


def test_a_value_in_a_path_cannot_leave_its_place() -> None:
    assert path_of("deals/{parent.id}/flow", {"parent.id": "../../admin?x=1"}) == (
        "deals/..%2F..%2Fadmin%3Fx%3D1/flow"
    )


def test_braces_of_other_languages_are_left_alone() -> None:
    body = {"query": "{ deals(since: {since}) {id} }"}
    assert filled(body, {"since": "2026"}) == {"query": "{ deals(since: 2026) {id} }"}
    assert filled(body, {}) == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), json_values, max_size=5))
def test_no_field_of_a_record_is_lost_on_the_way(record: dict[str, Any]) -> None:
    flat = flattened(stream(known={"path": "a.b"}), record, None, ())
    assert flat["known"] == find(record, "a.b")
    assert {name for name in record if name not in ("a", "a.b", "known")} <= set(flat)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_an_instant_survives_being_written_in_seconds(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    field = {"kind": "instant", "written": "seconds"}
    flat = flattened(stream(a=field), {"a": int(moment.timestamp())}, None, ())
    assert datetime.fromisoformat(str(flat["a"])) == moment
