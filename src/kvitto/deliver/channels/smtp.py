"""The team's own mail server.

The point of no return is the moment the body starts to travel after DATA was
accepted. Before it everything can be tried again; after it only the server's
answer counts, and where none comes nobody can know.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from kvitto.deliver.channel import Handed, Leave, Outcome, Parcel, Setting
from kvitto.workspace.definition import MailSettings

TIMEOUT = 30.0
"""Seconds to wait for the server in any one step."""


@dataclass(slots=True)
class SmtpChannel:
    """One connection, used for all recipients of a run and opened when first needed."""

    settings: MailSettings
    password: str | None = None
    timeout: float = TIMEOUT
    context: ssl.SSLContext | None = None
    name: str = "smtp"
    _line: smtplib.SMTP | None = field(default=None, init=False)

    @classmethod
    def of(cls, setting: Setting) -> SmtpChannel:
        """The channel of a workspace's mail settings."""
        return cls(setting.mail, setting.password)

    def hand_over(self, parcel: Parcel, leave: Leave) -> Handed:
        """One mail to one address over the open connection."""
        try:
            line = self._connected()
            refusal = _announce(line, parcel)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            return _not_left(error)
        if refusal is not None:
            self._reset(line)
            return refusal
        return self._send_body(line, parcel, leave)

    def has_arrived(self, message_id: str) -> None:
        """A mail server cannot be asked."""

    def close(self) -> None:
        """Say goodbye; what the other side thinks of it does not matter."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except (OSError, smtplib.SMTPException):
                line.close()

    def _connected(self) -> smtplib.SMTP:
        if self._line is not None:
            try:
                if self._line.noop()[0] == 250:
                    return self._line
            except (OSError, smtplib.SMTPException):
                pass  # the server hung up between two recipients: dial again
            self._line.close()
        self._line = self._dial()
        return self._line

    def _dial(self) -> smtplib.SMTP:
        host, port, user = self.settings.host, self.settings.port, self.settings.user
        context = self.context or ssl.create_default_context()
        line: smtplib.SMTP
        if self.settings.tls == "tls":
            line = smtplib.SMTP_SSL(host, port, timeout=self.timeout, context=context)
        else:
            line = smtplib.SMTP(host, port, timeout=self.timeout)
        try:
            line.ehlo_or_helo_if_needed()
            if self.settings.tls == "starttls":
                line.starttls(context=context)
                line.ehlo()
            if user is not None:
                line.login(user, self.password or "")
        except BaseException:
            line.close()
            raise
        return line

    def _send_body(self, line: smtplib.SMTP, parcel: Parcel, leave: Leave) -> Handed:
        if not leave():
            self._drop()
            return Handed(Outcome.later, "another run took this delivery over")
        try:
            line.send(_body(parcel.content))
            code, words = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Handed(
                Outcome.unknown, f"the connection broke while the mail was handed over: {error}"
            )
        return _answered(code, words)

    def _reset(self, line: smtplib.SMTP) -> None:
        try:
            line.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _announce(line: smtplib.SMTP, parcel: Parcel) -> Handed | None:
    """MAIL, RCPT and DATA; what the server says against it, or ``None`` to go on."""
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
        lambda: line.mail(parcel.sender),
        lambda: line.rcpt(parcel.recipient),
        lambda: line.docmd("DATA"),
    )
    for step in steps:
        code, words = step()
        if code == 421:
            raise smtplib.SMTPServerDisconnected(_words(code, words))
        if code >= 400:
            return _answered(code, words)
    return None


def _body(content: bytes) -> bytes:
    """The content as it travels after DATA: a line that begins with a dot gets another."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    dotted = [b"." + line if line.startswith(b".") else line for line in lines]
    return b"\r\n".join(dotted) + b"\r\n.\r\n"


def _answered(code: int, words: bytes) -> Handed:
    """What a reply means: 2xx taken, 4xx come back, 5xx never."""
    if code < 400:
        return Handed(Outcome.taken)
    if code < 500:
        return Handed(Outcome.later, _words(code, words), again=True)
    return Handed(Outcome.refused, _words(code, words))


def _not_left(error: Exception) -> Handed:
    """Something broke before the body began to travel: nothing has left."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        words = _words(error.smtp_code, error.smtp_error)
        return Handed(Outcome.later, f"the mail server refused the sign-in: {words}")
    if isinstance(error, smtplib.SMTPResponseException):
        words = _words(error.smtp_code, error.smtp_error)
        return Handed(Outcome.later, f"the mail server said: {words}", error.smtp_code < 500)
    certificate = isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError)
    return Handed(Outcome.later, f"the mail server cannot be reached: {error}", not certificate)


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
