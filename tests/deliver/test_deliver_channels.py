"""Two real channels: a mailbox folder and a mail server on this machine."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from kvitto.deliver.channel import Outcome, Parcel, Setting, channels
from kvitto.deliver.channels.file import FileChannel
from kvitto.deliver.channels.smtp import SmtpChannel
from kvitto.deliver.delivery import deliver, resolve
from kvitto.errors import UnknownName, WrongState
from kvitto.store.delivery import DeliveryKey
from kvitto.workspace.definition import MailSettings, Recipient

PARCEL = Parcel("<1@x.example>", "a@x.example", "b@y.example", b"Subject: x\r\n\r\n.\r\nend\r\n")
EDITION = "northgate/R13/2017-12/1"


def test_channels_are_found_by_name_and_a_wrong_one_is_suggested(tmp_path: Path) -> None:
    found = channels().get("file")(Setting(tmp_path, MailSettings()))
    assert found.name == "file"
    with pytest.raises(UnknownName, match="Did you mean 'smtp'"):
        channels().get("smpt")


def test_each_recipient_gets_a_mail_of_their_own(by_smtp: Any, server: Any) -> None:
    assert by_smtp.deliver() == [("dana", "sent", ""), ("marcus", "sent", "")]
    assert [to for _, to, _ in server.mails] == [
        ["dana@northgate.example"],
        ["marcus@northgate.example"],
    ]
    assert all(b"marcus" not in content for _, to, content in server.mails if "dana" in to[0])


def test_a_second_run_sends_nothing(by_smtp: Any, by_file: Any, server: Any) -> None:
    for post in (by_smtp, by_file):
        post.deliver()
        assert [state for _, state, _ in post.deliver()] == ["sent", "sent"]
    assert len(server.mails) == 2
    assert len(list(by_file.channel.mailbox.glob("new/*.eml"))) == 2


def test_an_address_twice_in_the_list_gets_one_mail(by_smtp: Any, server: Any) -> None:
    dana = Recipient(name="Dana", email="Dana@Northgate.example")
    again = Recipient(name="D.", email="dana@northgate.example")
    by_smtp.deliver(dana, again)
    assert len(server.mails) == 1


def test_a_refused_recipient_is_recorded_and_the_others_go_on(by_smtp: Any, server: Any) -> None:
    server.replies["RCPT dana@northgate.example"] = ["550 no such mailbox"]
    assert by_smtp.deliver() == [("dana", "failed", "550 no such mailbox"), ("marcus", "sent", "")]
    assert len(server.mails) == 1
    assert by_smtp.deliver()[0][1] == "failed"


@pytest.mark.parametrize("step", ["RCPT dana@northgate.example", "DATA"])
def test_a_server_that_says_later_is_tried_again(by_smtp: Any, server: Any, step: str) -> None:
    server.replies[step] = ["451 busy", "452 still busy"]
    assert by_smtp.deliver()[0] == ("dana", "sent", "")
    assert by_smtp.waits == [1.0, 4.0]
    assert len(server.mails) == 2


def test_a_server_that_stays_busy_leaves_it_for_the_next_run(by_smtp: Any, server: Any) -> None:
    server.replies["RCPT dana@northgate.example"] = ["451 busy"] * 3
    assert by_smtp.deliver()[0] == ("dana", "pending", "451 busy")
    assert by_smtp.deliver()[0] == ("dana", "sent", "")


def test_a_refused_connection_leaves_it_for_the_next_run(by_smtp: Any, server: Any) -> None:
    right = by_smtp.channel
    by_smtp.channel = SmtpChannel(MailSettings(host="127.0.0.1", port=1), timeout=1)
    assert [state for _, state, _ in by_smtp.deliver()] == ["pending", "pending"]
    by_smtp.channel = right
    assert [state for _, state, _ in by_smtp.deliver()] == ["sent", "sent"]
    assert len(server.mails) == 2


def test_a_line_that_breaks_after_the_body_is_never_sent_again(by_smtp: Any, server: Any) -> None:
    server.replies["DATA"] = ["drop after keeping"]
    rows = by_smtp.deliver()
    assert rows[0][1] == "unknown"
    assert "the connection broke" in rows[0][2]
    assert rows[1][1] == "sent"
    by_smtp.now += timedelta(days=3)
    assert by_smtp.deliver()[0][1] == "unknown"
    assert len(server.mails) == 2


def test_a_person_decides_what_is_unknown(by_smtp: Any, server: Any) -> None:
    server.replies["DATA"] = ["drop after keeping"]
    by_smtp.deliver()
    key = DeliveryKey(EDITION, "dana@northgate.example", "smtp")
    row = resolve(by_smtp.run(), key, arrived=True, by="Elin", reason="she told me")
    assert (row.state, row.reason) == ("sent", "Elin says that it arrived: she told me")
    with pytest.raises(WrongState, match="not unknown"):
        resolve(by_smtp.run(), key, arrived=False, by="Elin")


def test_what_did_not_arrive_is_sent_by_the_next_run(by_smtp: Any, server: Any) -> None:
    server.replies["RCPT dana@northgate.example"] = ["550 no such mailbox"]
    by_smtp.deliver()
    key = DeliveryKey(EDITION, "dana@northgate.example", "smtp")
    assert resolve(by_smtp.run(), key, arrived=False, by="Elin").state == "pending"
    assert by_smtp.deliver()[0] == ("dana", "sent", "")


def test_an_unknown_delivery_cannot_be_decided(by_smtp: Any) -> None:
    with pytest.raises(UnknownName, match="the ledger has none"):
        resolve(by_smtp.run(), DeliveryKey("x", "y", "smtp"), arrived=True, by="Elin")


def test_lines_that_begin_with_a_dot_arrive_whole(by_smtp: Any, server: Any) -> None:
    by_smtp.deliver()
    mail = message_from_bytes(server.mails[0][2], policy=default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Up.", ".", "A line with a dot above."]


def test_a_bad_address_is_a_failed_row_and_not_a_crash(by_smtp: Any) -> None:
    bad = Recipient(name="Bad", email="bad@@example")
    rows = by_smtp.deliver(bad, Recipient(name="Dana", email="dana@northgate.example"))
    assert [state for _, state, _ in rows] == ["failed", "sent"]


def test_trouble_in_making_the_mail_leaves_it_pending(by_file: Any) -> None:
    def broken(recipient: Recipient) -> Any:
        from kvitto.errors import RenderFailed

        raise RenderFailed.of("write the PDF", "no memory", "Make room.")

    dana = Recipient(name="Dana", email="dana@northgate.example")
    rows = deliver(by_file.run(), EDITION, [dana], "a@x.example", broken)
    assert [(row.state, row.reason) for row in rows] == [("pending", "write the PDF: no memory")]
    assert by_file.deliver(dana) == [("dana", "sent", "")]


def test_a_mailbox_folder_that_cannot_be_written_leaves_it_pending(
    by_file: Any, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("a file, where a folder should be")
    assert {state for _, state, _ in by_file.deliver()} == {"pending"}


def test_the_mailbox_says_whether_a_message_is_there(tmp_path: Path) -> None:
    channel = FileChannel(tmp_path)
    assert not channel.has_arrived(PARCEL.id)
    assert channel.hand_over(PARCEL, lambda: True).outcome is Outcome.taken
    assert channel.hand_over(PARCEL, lambda: True).outcome is Outcome.taken
    assert channel.has_arrived(PARCEL.id)
    assert [path.read_bytes() for path in tmp_path.glob("*/*.eml")] == [PARCEL.content]


def test_a_message_that_was_read_still_counts_as_there(tmp_path: Path) -> None:
    channel = FileChannel(tmp_path)
    channel.hand_over(PARCEL, lambda: True)
    for path in tmp_path.glob("new/*.eml"):
        path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    assert channel.has_arrived(PARCEL.id)


@pytest.mark.parametrize("channel", ["file", "smtp"])
def test_a_claim_that_was_lost_stops_the_hand_over(
    channel: str, tmp_path: Path, server: Any
) -> None:
    setting = Setting(tmp_path / "mail", MailSettings(host="127.0.0.1", port=server.port))
    made = channels().get(channel)(setting)
    assert made.hand_over(PARCEL, lambda: False).outcome is Outcome.later
    made.close()
    assert server.mails == []
    assert list(tmp_path.glob("mail/*/*")) == []


def test_a_recipients_name_cannot_leave_the_mailbox(tmp_path: Path) -> None:
    parcel = Parcel("<1@x.example>", "a@x.example", "../../../etc/passwd", b"x")
    FileChannel(tmp_path / "mail").hand_over(parcel, lambda: True)
    assert [path.parent.name for path in tmp_path.rglob("*.eml")] == ["new"]


Certificate = tuple[Path, Path]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [*command.split(), *more, "-keyout", key, "-out", cert], check=True, capture_output=True
    )
    return key, cert


def _served(certificate: Certificate, tls: str, handler: Any, port: int) -> Controller:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])

    def check(*given: Any) -> AuthResult:
        login = given[4]
        assert isinstance(login, LoginPassword)
        return AuthResult(success=login.password == b"right", handled=False)

    options: dict[str, Any] = {"authenticator": check, "auth_require_tls": True}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
        return Controller(handler, hostname="127.0.0.1", port=port, **options)
    options["auth_require_tls"] = False
    return Controller(handler, hostname="127.0.0.1", port=port, ssl_context=context, **options)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_travels_encrypted_and_signed_in(
    tls: Any, certificate: Certificate, server: Any, free: Callable[[], int]
) -> None:
    controller = _served(certificate, tls, server, free())
    controller.start()
    try:
        settings = MailSettings(host="127.0.0.1", port=controller.port, user="u", tls=tls)
        trust = ssl.create_default_context(cafile=str(certificate[1]))
        right = SmtpChannel(settings, "right", 5, trust)
        assert right.hand_over(PARCEL, lambda: True).outcome is Outcome.taken
        right.close()
        wrong = SmtpChannel(settings, "wrong", 5, trust).hand_over(PARCEL, lambda: True)
        assert (wrong.outcome, wrong.again) == (Outcome.later, False)
        assert "refused the sign-in" in wrong.reason
        stranger = SmtpChannel(settings, "right", 5).hand_over(PARCEL, lambda: True)
        assert "certificate" in stranger.reason.lower()
    finally:
        controller.stop()
    assert len(server.mails) == 1


def test_without_tls_on_the_server_nothing_is_sent_in_the_clear(server: Any) -> None:
    settings = MailSettings(host="127.0.0.1", port=server.port, user="u", tls="starttls")
    handed = SmtpChannel(settings, "secret", 5).hand_over(PARCEL, lambda: True)
    assert (handed.outcome, handed.again) == (Outcome.later, False)
    assert server.mails == []
