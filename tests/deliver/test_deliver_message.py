"""The mail itself: one person, the same bytes, nothing smuggled in."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.deliver.message import Attachment, Message, id_of, to_bytes
from kvitto.errors import WrongUse
from kvitto.store.delivery import DeliveryKey

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)
SENDER = "Bright Lane <reports@brightlane.example>"
MESSAGE = Message(
    "Uppföljning – december",
    "<p>Hej <img src='cid:one'></p>",
    "Hej",
    "sv",
    (("one", b"png"),),
    (Attachment("r.pdf", "application/pdf", b"%PDF"),),
)


def _written(message: Message = MESSAGE, name: str = "Åsa Öberg", to: str = "a@b.example") -> bytes:
    return to_bytes(message, SENDER, name, to, "<id@brightlane.example>", NOON)


def test_the_mail_names_one_recipient_and_nobody_else() -> None:
    mail = message_from_bytes(_written(), policy=default)
    assert str(mail["To"]) == "Åsa Öberg <a@b.example>"
    assert mail["Cc"] is None
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == "<id@brightlane.example>"
    assert mail["Subject"] == "Uppföljning – december"


def test_the_mail_holds_text_html_picture_and_pdf() -> None:
    mail = message_from_bytes(_written(), policy=default)
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "application/pdf"]
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<one>"


def test_the_same_mail_is_the_same_bytes() -> None:
    assert _written() == _written()


def test_the_id_follows_from_edition_recipient_and_channel() -> None:
    ids = {
        id_of(DeliveryKey(edition, to, channel), SENDER)
        for edition in ("a/R13/2017-12/1", "a/R13/2017-12/2")
        for to in ("a@b.example", "c@b.example")
        for channel in ("file", "smtp")
    }
    assert len(ids) == 8
    assert all(found.endswith("@brightlane.example>") for found in ids)


@pytest.mark.parametrize("address", ["nobody", "a@b.example\nBcc: c@d.example", "å@b.example", ""])
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(WrongUse, match="recipient"):
        _written(to=address)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_or_subject_adds_a_header(name: str, subject: str) -> None:
    written = _written(Message(subject, "<p>x</p>", "x"), name=name)
    mail = message_from_bytes(written, policy=default)
    assert mail["Bcc"] is None
    assert len(mail.get_all("To", [])) == 1
    assert mail["To"].addresses[0].addr_spec == "a@b.example"
