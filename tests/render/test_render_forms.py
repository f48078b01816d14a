"""What holds for every form."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from kvitto.errors import RenderFailed, UnknownName
from kvitto.model.brand import Brand
from kvitto.model.edition import Edition
from kvitto.render import render, render_all
from kvitto.render.format import FORMATS
from tests.render.sample import BRAND, make_edition

ROOT = Path(__file__).parents[2]

PROGRAM = """
import hashlib, sys
sys.path[:0] = [{root!r}, {source!r}]
from kvitto.render import render_all, render_mail
from tests.render.sample import BRAND, make_edition
edition = make_edition("en")
for name, data in render_all(edition, BRAND, {forms!r}).items():
    print(name, hashlib.sha256(data).hexdigest())
mail = render_mail(edition, BRAND, link="https://reports.example/a")
print("mail", hashlib.sha256(repr(mail).encode()).hexdigest())
"""


def _hashes(seed: str) -> str:
    program = PROGRAM.format(root=str(ROOT), source=str(ROOT / "src"), forms=list(FORMATS.names()))
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": f"UTC{seed}"},
    )
    return done.stdout


def test_two_processes_make_the_same_bytes_in_every_form() -> None:
    assert _hashes("1") == _hashes("2")


def test_the_same_process_makes_the_same_bytes_again(
    edition: Edition, made: dict[str, bytes]
) -> None:
    for name in ("html", "xlsx", "csv", "md", "json", "pdf"):
        again = render(edition, BRAND, name)
        assert hashlib.sha256(again).digest() == hashlib.sha256(made[name]).digest(), name


@pytest.mark.parametrize("name", FORMATS.names())
def test_every_form_declares_itself_and_writes_something(name: str, made: dict[str, bytes]) -> None:
    form = FORMATS.get(name)
    assert form.name == name
    assert form.media_type.count("/") == 1
    assert all(limit.what and limit.becomes for limit in form.limits)
    assert len(made[name]) > 1000


def test_json_is_the_edition_and_carries_its_hash(edition: Edition, made: dict[str, bytes]) -> None:
    assert hashlib.sha256(made["json"]).hexdigest() == edition.content_hash()
    assert Edition.model_validate_json(made["json"]) == edition


def test_an_unknown_form_is_refused_with_the_nearest_one(edition: Edition) -> None:
    with pytest.raises(UnknownName, match="html"):
        render(edition, BRAND, "htm")


@pytest.mark.parametrize("colour", ["blue", "#12345", "red;}</style><script>", ""])
def test_a_brand_with_a_colour_that_is_none_is_refused(edition: Edition, colour: str) -> None:
    with pytest.raises(RenderFailed, match="accent"):
        render(edition, Brand(accent=colour), "html")


def test_no_form_knows_what_was_not_in_the_edition() -> None:
    bare = make_edition("en").model_copy(update={"sections": (), "receipts": {}, "vouches": ()})
    for name, data in render_all(bare, Brand(), FORMATS.names()).items():
        assert data, name


def test_every_figure_of_the_edition_is_in_every_form_that_lists_receipts(
    edition: Edition, made: dict[str, bytes]
) -> None:
    for name in ("html", "csv", "md", "json"):
        text = made[name].decode("utf-8-sig")
        assert not [code for code in edition.receipts if code not in text], name


LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">'
    b'<rect width="90" height="30"/></svg>'
)


def _with_logo(logo: str) -> Brand:
    return Brand(id="n", logo=logo, logo_kind="svg")


def test_a_logo_travels_inside_the_page_and_the_pdf(edition: Edition) -> None:
    bare = edition.model_copy(update={"sections": (), "receipts": {}, "vouches": ()})
    made = render_all(bare, _with_logo(base64.b64encode(LOGO).decode()), ["html", "pdf"])
    assert b'src="data:image/svg+xml;base64,' in made["html"]
    assert made["pdf"].startswith(b"%PDF")


@pytest.mark.parametrize("logo", ["", "not base64!", base64.b64encode(b"GIF89a").decode()])
def test_a_logo_that_is_none_is_refused_by_name(edition: Edition, logo: str) -> None:
    for form in ("html", "pdf"):
        with pytest.raises(RenderFailed, match="logo of the brand 'n'"):
            render(edition, _with_logo(logo), form)
