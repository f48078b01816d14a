"""Finding an edition's document: drafts and sealed editions are files below ``.kvitto``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvitto.app.house import House
from kvitto.app.who import Who
from kvitto.errors import NotInScope, UnknownName
from kvitto.model.edition import Edition, Seal, State
from kvitto.store.row import EditionRow


@dataclass(frozen=True, slots=True)
class Opened:
    """An edition's document with its state; ``seal`` only where it is sealed."""

    edition: Edition
    state: State
    seal: Seal | None = None


def drafts_root(house: House) -> Path:
    """Where drafts and approved editions lie."""
    return house.runtime / "drafts"


def editions_root(house: House) -> Path:
    """Where sealed editions lie."""
    return house.runtime / "editions"


def full_id(house: House, who: Who, edition_id: str) -> str:
    """The id with its number; without one the newest edition of that report and period.

    Raises :class:`UnknownName` with the same words whether the edition does
    not exist or may not be seen.
    """
    from kvitto.report.draft import drafts
    from kvitto.report.series import sealed_editions

    parts = edition_id.strip("/").split("/")
    if parts[0] not in who.scope:
        raise _unknown(edition_id)
    if len(parts) == 3:
        root = [*sealed_editions(editions_root(house), parts[0], parts[1])]
        if who.is_team:
            root += drafts(drafts_root(house), parts[0], parts[1])
        found = [name for name in root if name.split("/")[2] == parts[2]]
        if not found:
            raise _unknown(edition_id)
        return max(found, key=lambda name: int(name.rpartition("/")[2]))
    return "/".join(parts)


def may_read(house: House, who: Who, report: str) -> bool:
    """The team reads every report; a client's sign-in those that are meant for clients."""
    template = house.templates.get(report)
    return who.is_team or (template is not None and template.audience == "client")


def open_edition(house: House, who: Who, edition_id: str) -> Opened:
    """The document, sealed or draft; a client's sign-in finds sealed ones
    that are meant for clients only.

    Raises :class:`UnknownName`, and :class:`SealBroken` where a sealed one was
    tampered with.
    """
    from kvitto.report.approval import state_of
    from kvitto.report.draft import read_draft
    from kvitto.report.place import folder_of
    from kvitto.report.seal import is_sealed, open_sealed

    name = full_id(house, who, edition_id)
    try:
        if is_sealed(editions_root(house), name):
            edition, seal = open_sealed(folder_of(editions_root(house), name))
            if not who.is_team and edition.audience != "client":
                raise _unknown(edition_id)
            return Opened(edition, State.sealed, seal)
        if not who.is_team:
            raise _unknown(edition_id)
        edition = read_draft(drafts_root(house), name)
    except (UnknownName, NotInScope) as error:
        raise _unknown(edition_id) from error
    return Opened(edition, state_of(edition))


def previous_of(house: House, edition: Edition) -> Edition | None:
    """The sealed edition that this one follows, or corrects."""
    from kvitto.app.ask import period_for
    from kvitto.report.series import previous_sealed

    period = period_for(house, edition.client, edition.period)
    return previous_sealed(
        editions_root(house), edition.client, edition.report, period, edition.number
    )


def reindex(house: House) -> None:
    """Bring the index in line with the files, which count (after a crash, or a restore)."""
    from kvitto.report.approval import state_of
    from kvitto.report.draft import drafts, read_draft
    from kvitto.report.place import folder_of
    from kvitto.report.seal import open_sealed
    from kvitto.report.series import sealed_editions
    from kvitto.store import edition as index
    from kvitto.store.receipt import note_edition_receipts

    known = {row.id: row for row in index.list_all(house.store)}
    sealed = set(sealed_editions(editions_root(house)))
    open_drafts = set(drafts(drafts_root(house))) - sealed
    index.forget_editions(house.store, known.keys() - sealed - open_drafts)
    for name in sorted(sealed):
        if name not in known or known[name].state != State.sealed:
            edition, seal = open_sealed(folder_of(editions_root(house), name))
            note_edition_receipts(house.store, name, list(edition.receipts))
            index.note_edition(
                house.store, edition, state="sealed", by=seal.sealed_by, at=house.now()
            )
    for name in sorted(open_drafts):
        if name not in known or _is_newer(house, known[name]):
            edition = read_draft(drafts_root(house), name)
            state = state_of(edition).value
            by = known[name].updated_by if name in known else ""
            index.note_edition(house.store, edition, state=state, by=by, at=house.now())


def _is_newer(house: House, row: EditionRow) -> bool:
    """Whether a draft's document was written after its line: a run ended between the two."""
    from kvitto.report.draft import FILE
    from kvitto.report.place import folder_of

    if row.state == State.sealed:
        return True
    written = (folder_of(drafts_root(house), row.id) / FILE).stat().st_mtime
    return written > row.updated_at.timestamp()


def _unknown(edition_id: str) -> UnknownName:
    error = UnknownName.of(
        f"the edition '{edition_id}'",
        "there is no such edition",
        "See 'kvitto editions' for those that there are.",
    )
    assert isinstance(error, UnknownName)
    return error
