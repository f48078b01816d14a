"""Delivering a sealed edition, once to each recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvitto.app.house import House, secret
from kvitto.app.log import note
from kvitto.app.place import Opened, full_id, open_edition
from kvitto.app.progress import Progress, silent
from kvitto.app.render import brand_of, file_stem
from kvitto.app.who import Who, require_team
from kvitto.errors import WrongState
from kvitto.model.edition import Edition, State
from kvitto.store.row import DeliveryRow as DeliveryRow
from kvitto.store.row import DeliveryState as DeliveryState

if TYPE_CHECKING:
    from kvitto.deliver.delivery import Run
    from kvitto.deliver.message import Message
    from kvitto.workspace.definition import Recipient


def deliver(
    house: House,
    who: Who,
    edition_id: str,
    channel: str | None = None,
    *,
    progress: Progress = silent,
) -> tuple[DeliveryRow, ...]:
    """Send to every recipient of the series who has not got it yet.

    ``channel`` is "file" or "smtp"; where it is not given, smtp if the
    workspace names a mail server, else file. Raises :class:`WrongState` for an
    edition that is not sealed or has no recipients. What went wrong with one
    recipient is in their row (``failed``, ``unknown``, or ``pending`` to be
    tried again).
    """
    from kvitto.deliver.delivery import deliver as send

    opened = open_edition(house, who, edition_id)
    edition = opened.edition
    require_team(who, f"deliver {edition.id}", edition.client)
    _require_sealed(opened)
    recipients = recipients_of(house, edition)
    run = _run(house, channel or default_channel(house))
    done: list[DeliveryRow] = []

    def told(row: DeliveryRow) -> None:
        done.append(row)
        progress("Delivering", len(done), len(recipients))

    progress("Delivering", 0, len(recipients))
    make = _message_maker(house, edition)
    rows = send(run, edition.id, recipients, house.workspace.agency.mail.sender, make, told)
    details = {row.recipient: row.state.value for row in rows}
    note(house, who, "edition.deliver", edition.id, client=edition.client, details=details)
    return rows


def deliveries(house: House, who: Who, edition_id: str) -> tuple[DeliveryRow, ...]:
    """The ledger of one edition."""
    from kvitto.store.delivery import list_deliveries

    name = full_id(house, who, edition_id)
    require_team(who, "see the deliveries", name.split("/")[0])
    return list_deliveries(house.store, name)


def resolve(
    house: House,
    who: Who,
    edition_id: str,
    recipient: str,
    *,
    arrived: bool,
    channel: str | None = None,
    reason: str = "",
) -> DeliveryRow:
    """A person says whether a delivery arrived of which nobody could know.

    With ``arrived`` false it waits again and the next delivery sends it; a
    delivery that failed can be let wait again in the same way.
    """
    from kvitto.deliver.delivery import resolve as decide
    from kvitto.store.delivery import DeliveryKey

    name = full_id(house, who, edition_id)
    require_team(who, "decide a delivery", name.split("/")[0])
    run = _run(house, channel or default_channel(house))
    key = DeliveryKey(name, recipient.strip().casefold(), run.channel.name)
    row = decide(run, key, arrived=arrived, by=who.name, reason=reason)
    details = {"recipient": recipient, "arrived": arrived, "reason": reason}
    note(house, who, "delivery.resolve", name, client=name.split("/")[0], details=details)
    return row


def default_channel(house: House) -> str:
    """smtp where the workspace names a mail server, else the mailbox folder."""
    return "smtp" if "host" in house.workspace.agency.mail.model_fields_set else "file"


def addressees(house: House, edition: Edition) -> tuple[Recipient, ...]:
    """Whom the series names; for a report to clients, else the client's recipients.

    A report that is not meant for clients goes only to people named for it,
    which may be nobody.
    """
    client = house.client(edition.client)
    own = [series.recipients for series in client.reports if series.template == edition.report]
    everybody = client.recipients if edition.audience == "client" else ()
    return next((one for one in own if one), everybody)


def recipients_of(house: House, edition: Edition) -> tuple[Recipient, ...]:
    """The :func:`addressees`. Raises :class:`WrongState` where there is nobody."""
    found = addressees(house, edition)
    if not found:
        raise WrongState.of(
            f"deliver {edition.id}",
            "neither the report nor the client has recipients",
            f"Add them under 'recipients' in clients/{edition.client}.yml.",
        )
    return found


def _require_sealed(opened: Opened) -> None:
    if opened.state is not State.sealed:
        raise WrongState.of(
            f"deliver {opened.edition.id}",
            f"it is {opened.state.value}, not sealed",
            "Approve and seal it first: only what is sealed is sent.",
        )


def _run(house: House, channel: str) -> Run:
    from kvitto.deliver.channel import Setting, channels
    from kvitto.deliver.delivery import Run

    maker = channels().get(channel)
    mail = house.workspace.agency.mail
    named = channel != "file" and mail.password is not None
    password = secret(mail.password or "", house.root) if named else None
    setting = Setting(house.runtime / "mail", mail, password)
    return Run(house.store, maker(setting), house.clock)


class _MessageMaker:
    """One mail for all recipients, made when the first of them needs it."""

    def __init__(self, house: House, edition: Edition) -> None:
        self._house = house
        self._edition = edition
        self._made: Message | None = None

    def __call__(self, recipient: Recipient) -> Message:
        if self._made is None:
            self._made = _message(self._house, self._edition)
        return self._made


def _message_maker(house: House, edition: Edition) -> _MessageMaker:
    return _MessageMaker(house, edition)


def _message(house: House, edition: Edition) -> Message:
    from kvitto.deliver.message import Attachment, Message
    from kvitto.render.entrance import render, render_mail

    brand = brand_of(house, edition)
    mail = render_mail(edition, brand)
    pdf = Attachment(f"{file_stem(edition)}.pdf", "application/pdf", render(edition, brand, "pdf"))
    return Message(mail.subject, mail.html, mail.text, edition.language, tuple(mail.images), (pdf,))
