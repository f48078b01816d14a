"""One mail to one person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from kvitto.errors import WrongUse
from kvitto.store.delivery import DeliveryKey


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the mail; ``kind`` is its media type."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient gets. ``images`` are shown by content id inside the HTML."""

    subject: str
    html: str
    text: str
    language: str = "en"
    images: tuple[tuple[str, bytes], ...] = ()
    attachments: tuple[Attachment, ...] = ()


def id_of(key: DeliveryKey, sender: str) -> str:
    """The same delivery has the same id, whoever tries it and however often."""
    digest = hashlib.sha256(f"{key.edition}\n{key.recipient}\n{key.channel}".encode()).hexdigest()
    domain = parseaddr(sender)[1].rpartition("@")[2] or "kvitto.invalid"
    return f"<{digest[:32]}@{domain}>"


def to_bytes(
    message: Message, sender: str, name: str, email: str, message_id: str, at: datetime
) -> bytes:
    """The mail as it travels: to this recipient alone, no Cc, no Bcc.

    The same input gives the same bytes. Raises :class:`WrongUse` for an
    address or a subject that cannot stand in a header.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message_id
    mail["Date"] = format_datetime(at)
    mail["From"] = _address("the sender", *parseaddr(sender))
    mail["To"] = _address("the recipient", name, email)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Auto-Submitted"] = "auto-generated"  # keeps absence notes from answering
    mail["Content-Language"] = message.language
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    *_, html = mail.iter_parts()
    assert isinstance(html, MIMEPart)
    for cid, content in message.images:
        html.add_related(
            content,
            "image",
            "png",
            cid=f"<{cid}>",
            filename=f"{cid.partition('@')[0]}.png",
            disposition="inline",
        )
    for attachment in message.attachments:
        main, _, sub = attachment.kind.partition("/")
        mail.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=attachment.name
        )
    _fix_boundaries(mail, message_id)
    return mail.as_bytes()


def _address(what: str, name: str, email: str) -> Address:
    if not email.isascii():
        raise WrongUse.of(
            f"{what} {email!r}",
            "it holds letters that mail servers do not all carry",
            "Use the address's plain form.",
        )
    try:
        return Address(display_name=" ".join(name.split()), addr_spec=email)
    except (ValueError, IndexError, TypeError) as error:
        raise WrongUse.of(
            f"{what} {email!r}", "it is not an address", "Write it as name@company.com."
        ) from error
    except Exception as error:  # the parser has errors of its own that are not ValueError
        raise WrongUse.of(
            f"{what} {email!r}", str(error) or "it is not an address", "Mend the address."
        ) from error


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Boundaries are random by default; ours follow from the message id."""
    for index, part in enumerate(mail.walk()):
        if part.is_multipart():
            digest = hashlib.sha256(f"{message_id}/{index}".encode()).hexdigest()[:24]
            part.set_boundary(f"=_{digest}")
