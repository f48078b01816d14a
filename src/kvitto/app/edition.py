"""Editions: drafted, edited, checked, approved, sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kvitto.app.ask import HouseAsker, asking, period_for
from kvitto.app.evidence import amounts_of, sealed_rerun
from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.place import (
    Opened,
    drafts_root,
    editions_root,
    may_read,
    open_edition,
    previous_of,
    reindex,
)
from kvitto.app.progress import Progress, silent
from kvitto.app.who import Who, require_named, require_team
from kvitto.errors import UnknownName, WrongState, did_you_mean
from kvitto.model.block import TextBlock
from kvitto.model.edition import Edition, Seal, State
from kvitto.model.period import Period
from kvitto.store.row import EditionRow as EditionRow

if TYPE_CHECKING:
    from kvitto.report.lint import LintProblem as LintProblem
    from kvitto.workspace.definition import SeriesDefinition


def draft(
    house: House,
    who: Who,
    client: str,
    report: str,
    period: str,
    language: str | None = None,
    *,
    progress: Progress = silent,
) -> Edition:
    """Compose the next edition of a report from the current version of the data.

    A draft of the same period that is not sealed is made anew under the same
    id, and the texts that a person typed are kept. After a sealed edition of
    the period the next one is a correction with the next number.
    """
    require_team(who, "draft a report", client)
    when = period_for(house, client, period)
    with asking(house, who, client) as asker:
        edition = _composed(
            house,
            asker,
            report,
            when,
            language,
            lambda step, done, total: progress(f"Drafting {report}: {step}", done, total),
        )
    return _keep(house, who, _with_overrides(house, who, edition), "edition.draft")


def get(house: House, who: Who, edition_id: str) -> Edition:
    """The edition; a client's sign-in gets sealed ones only.

    Raises :class:`UnknownName`, and :class:`SealBroken` where a sealed one was
    changed.
    """
    return open_edition(house, who, edition_id).edition


def opened(house: House, who: Who, edition_id: str) -> Opened:
    """The edition with its state and, where it is sealed, its seal."""
    return open_edition(house, who, edition_id)


def row(house: House, who: Who, edition_id: str) -> EditionRow:
    """The edition's line of the list: state, hash, by whom, when."""
    from kvitto.store.edition import find_edition

    name = open_edition(house, who, edition_id).edition.id
    found = find_edition(house.store, name)
    if found is None:
        reindex(house)
        found = find_edition(house.store, name)
    assert found is not None
    return found


def seal_of(house: House, who: Who, edition_id: str) -> Seal | None:
    """The seal, ``None`` for a draft."""
    return open_edition(house, who, edition_id).seal


def editions(house: House, who: Who, client: str | None = None) -> tuple[EditionRow, ...]:
    """All editions that the person may see, newest period first."""
    from kvitto.store.edition import list_editions

    clients = who.scope.clients if client is None else {who.scope.require(client)}
    reindex(house)
    rows = list_editions(house.store, clients, state=None if who.is_team else "sealed")
    return tuple(row for row in rows if may_read(house, who, row.report))


def text_of(edition: Edition, text_id: str) -> TextBlock:
    """The text of that id. Raises :class:`UnknownName`."""
    texts = {block.id: block for block in edition.texts()}
    if text_id not in texts:
        raise UnknownName.of(
            f"the text '{text_id}' of {edition.id}",
            "there is none",
            did_you_mean(text_id, list(texts)),
        )
    return texts[text_id]


def edit_text(
    house: House, who: Who, edition_id: str, text_id: str, source: str, *, seen: str | None = None
) -> Edition:
    """Put a person's words into a text, checked at once; an approval falls.

    ``seen`` is the content hash of the draft that the person looked at; where
    somebody else changed it meanwhile, :class:`WrongState` is raised.
    """
    from kvitto.report.text import edit_text as change

    return _changed(
        house,
        who,
        edition_id,
        "edition.text",
        lambda edition: change(edition, text_of(edition, text_id).id, source, who.name),
        seen,
    )


def vouch(
    house: House,
    who: Who,
    edition_id: str,
    text_id: str,
    phrase: str,
    reason: str = "",
    *,
    seen: str | None = None,
) -> Edition:
    """The person stands for a phrase that does not resolve; it is named in the edition."""
    from kvitto.report.text import vouch as stand_for

    require_named(who, f"vouch for '{phrase}'")
    return _changed(
        house,
        who,
        edition_id,
        "edition.vouch",
        lambda edition: stand_for(
            edition, text_of(edition, text_id).id, phrase, who.name, house.now(), reason
        ),
        seen,
    )


def lint(house: House, who: Who, edition_id: str) -> tuple[LintProblem, ...]:
    """What is missing or wrong; those with ``blocks`` stop approval and seal."""
    from kvitto.app.gate import gate_problems
    from kvitto.report.lint import lint as check

    edition = open_edition(house, who, edition_id).edition
    require_team(who, "check a draft", edition.client)
    own = check(edition, previous_of(house, edition))
    held = gate_problems(house, who, edition)
    return tuple(sorted((*held, *own), key=lambda problem: not problem.blocks))


def approve(
    house: House, who: Who, edition_id: str, words: str = "", *, seen: str | None = None
) -> Edition:
    """Approved by name. Raises :class:`Unresolved` with everything that blocks or holds it."""
    from kvitto.app.gate import require_open
    from kvitto.report.approval import approve as sign

    require_named(who, f"approve {edition_id}")
    found = open_edition(house, who, edition_id)
    require_team(who, f"approve {edition_id}", found.edition.client)
    if found.seal is None:
        require_open(house, who, found.edition)
    return _changed(
        house,
        who,
        edition_id,
        "edition.approve",
        lambda edition: sign(
            edition, who.name, house.now(), previous=previous_of(house, edition), note=words
        ),
        seen,
    )


def seal(house: House, who: Who, edition_id: str, *, progress: Progress = silent) -> Seal:
    """Seal an approved edition with the line items of every receipt, for good.

    The lines are written from the version of the data that the draft was made
    from. Asked again, the same seal is given back. Raises :class:`WrongState`
    where it is not approved and :class:`Unresolved` with everything that blocks.
    """
    from kvitto.app.gate import require_open
    from kvitto.metrics.line import write_lines
    from kvitto.report.seal import seal as close
    from kvitto.store.edition import note_edition
    from kvitto.store.receipt import note_edition_receipts

    found = open_edition(house, who, edition_id)
    edition = found.edition
    require_team(who, f"seal {edition.id}", edition.client)
    if found.seal is not None:
        return found.seal
    require_open(house, who, edition)
    with asking(house, who, edition.client, edition.warehouse) as asker:
        made = close(
            edition,
            lambda receipt, path: write_lines(
                asker.reader, asker.catalogue, receipt, asker.context, path
            ),
            editions_root(house),
            by=who.name,
            at=house.now(),
            previous=previous_of(house, edition),
            progress=progress,
        )
    note_edition_receipts(house.store, edition.id, list(edition.receipts))
    note_edition(house.store, edition, state="sealed", by=who.name, at=house.now())
    note(
        house,
        who,
        "edition.seal",
        edition.id,
        client=edition.client,
        details={"hash": made.content_hash},
    )
    return made


def series_of(house: House, client: str, report: str) -> SeriesDefinition:
    """The client's series of that report; an empty one where it gets none (yet)."""
    from kvitto.workspace.definition import SeriesDefinition

    for series in house.client(client).reports:
        if series.template == report:
            return series
    return SeriesDefinition(template=report)


def _composed(
    house: House,
    asker: HouseAsker,
    report: str,
    period: Period,
    language: str | None,
    progress: Progress,
) -> Edition:
    from kvitto.report.compose import compose
    from kvitto.report.series import last_number
    from kvitto.report.template import choose_template

    client = asker.context.client
    template = choose_template(house.templates, report)
    series, definition = series_of(house, client, report), house.client(client)
    number = last_number(editions_root(house), client, report, period) + 1
    before = _before(house, client, report, period, number)
    kept = _open_draft(house, client, report, period)
    return compose(
        template,
        series,
        definition,
        client,
        house.workspace.agency.agency,
        period,
        language or series.language or definition.language,
        asker,
        before,
        now=house.now(),
        number=number,
        corrects=None if number == 1 or before is None else before.id,
        texts=() if kept is None else kept.texts(),
        vouches=() if kept is None else kept.vouches,
        rerun=None if before is None else sealed_rerun(house, asker, before),
        amounts=amounts_of(asker),
        progress=progress,
    )


def _with_overrides(house: House, who: Who, edition: Edition) -> Edition:
    """The draft with the names of those who let it pass the gate."""
    from kvitto.app.gate import gate_of
    from kvitto.report.gate import with_overrides

    return with_overrides(edition, gate_of(house, who, edition))


def _before(house: House, client: str, report: str, period: Period, number: int) -> Edition | None:
    from kvitto.report.series import previous_sealed

    return previous_sealed(editions_root(house), client, report, period, number)


def _open_draft(house: House, client: str, report: str, period: Period) -> Edition | None:
    """The draft of the period that is still open; a sealed one's left-over does not count."""
    from kvitto.report.draft import read_draft
    from kvitto.report.seal import is_sealed
    from kvitto.report.series import open_draft

    found = open_draft(drafts_root(house), client, report, period)
    if found is None or is_sealed(editions_root(house), found):
        return None
    return read_draft(drafts_root(house), found)


def _changed(
    house: House,
    who: Who,
    edition_id: str,
    action: str,
    change: Callable[[Edition], Edition],
    seen: str | None,
) -> Edition:
    from kvitto.store.lease import hold
    from kvitto.store.worker import worker_name

    name = open_edition(house, who, edition_id).edition.id
    require_team(who, f"change {name}", name.split("/")[0])
    with hold(house.store, f"the draft {name}", worker_name(), house.clock, 60.0):
        now = open_edition(house, who, name)
        if now.state is State.sealed:
            raise WrongState.of(
                f"change {name}",
                "it is sealed, and what was sealed stays",
                "Draft a correction: it gets the next number.",
            )
        if seen is not None and seen != now.edition.content_hash():
            raise WrongState.of(
                f"change {name}",
                "somebody else changed it while you were reading",
                "Look at the new state and make your change again.",
            )
        return _keep(house, who, change(now.edition), action)


def _keep(house: House, who: Who, edition: Edition, action: str) -> Edition:
    from kvitto.report.approval import state_of
    from kvitto.report.draft import write_draft
    from kvitto.store.edition import note_edition

    write_draft(drafts_root(house), edition)
    state = state_of(edition).value
    note_edition(house.store, edition, state=state, by=who.name, at=house.now())
    details = {"hash": edition.content_hash()}
    note(house, who, action, edition.id, client=edition.client, details=details)
    return edition
