"""The mail: small, self-contained, in words too, and nothing in it runs."""

from __future__ import annotations

import re

import pytest

from kvitto.model.block import ActionsBlock, ActionShown, Sentence, TextBlock
from kvitto.model.edition import Edition, Section
from kvitto.render import render_mail
from kvitto.render.mail import CLIP, Mail
from tests.render.sample import BRAND, make_edition


@pytest.fixture(scope="module")
def mail(edition: Edition) -> Mail:
    return render_mail(edition, BRAND, link="https://reports.example/e?a=1&b=2")


def _huge() -> Edition:
    long = "<b>" + "W" * 200
    steps = tuple(
        ActionShown(title=long, who=long, side="client", due="2018-01-12", need=long * 5)
        for _ in range(200)
    )
    blocks = (
        TextBlock(id="t", sentences=tuple(Sentence(text=long) for _ in range(900))),
        ActionsBlock(id="a", title=long, us_label="We", client_label="You", items=steps),
    )
    section = Section(id="s", title="S", blocks=blocks)
    return make_edition("en").model_copy(
        update={"sections": (section,), "title": "Line\r\nBcc: x@evil.example " + "y" * 400}
    )


def test_the_mail_stays_below_what_mail_programs_clip(mail: Mail) -> None:
    assert len(mail.html.encode()) < CLIP
    assert len(render_mail(_huge(), BRAND).html.encode()) < CLIP


def test_a_subject_is_one_line_of_bearable_length() -> None:
    subject = render_mail(_huge(), BRAND).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) <= 180


def test_pictures_travel_in_the_mail_and_nothing_is_loaded(mail: Mail) -> None:
    used = re.findall(r'src="([^"]+)"', mail.html)
    assert used == [f"cid:{cid}" for cid, _ in mail.images]
    assert all(png.startswith(b"\x89PNG") for _, png in mail.images)
    outside = [a for a in re.findall(r"https?://[^\"'\s<>)]+", mail.html)
               if "w3.org" not in a and "reports.example" not in a]  # fmt: skip
    assert not outside
    assert "<script" not in mail.html


def test_the_link_is_whole_and_escaped(mail: Mail) -> None:
    assert 'href="https://reports.example/e?a=1&amp;b=2"' in mail.html
    assert "https://reports.example/e?a=1&b=2" in mail.text
    hostile = render_mail(make_edition("en"), BRAND, link="javascript:alert(1)")
    assert "javascript" not in hostile.html


def test_both_parts_say_the_same_figures_steps_and_missing_words(mail: Mail) -> None:
    plain = re.sub(r"<[^>]+>", "", mail.html)
    for words in ("US$1,131,573", "no data yet", "Dana Whitfield", "+18.2% against November"):
        assert words in plain
        assert words in mail.text


def test_markup_in_names_is_words() -> None:
    html = render_mail(_huge(), BRAND).html
    assert "<b>W" not in html
    assert "&lt;b&gt;W" in html


def test_the_swedish_mail_is_swedish(swedish: Edition) -> None:
    mail = render_mail(swedish, BRAND, link="https://reports.example/a")
    assert "Öppna hela rapporten" in mail.html
    assert "inga data ännu" in mail.text
    assert mail.subject == "Månadsrapport – Northgate Hardware, december 2017"


def test_an_edition_without_anything_still_makes_a_mail() -> None:
    bare = make_edition("en").model_copy(update={"sections": ()})
    assert "Monthly report" in render_mail(bare, BRAND).text
