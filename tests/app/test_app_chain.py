"""From the CRM's files to a sealed report and a mail: every figure can be opened and holds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kvitto.app import deliver, edition, receipt, sync
from kvitto.app.ask import asking
from kvitto.app.audit import findings
from kvitto.app.demo import DemoResult
from kvitto.app.evidence import sealed_lines_in, sealed_rerun
from kvitto.app.house import House, local_person, open_house
from kvitto.app.live import live
from kvitto.app.log import read_log
from kvitto.app.render import FORMS, render, render_bytes
from kvitto.app.run import run as run_month
from kvitto.app.version import list_versions, rollback
from kvitto.app.who import Who
from kvitto.errors import (
    KvittoError,
    NotAllowed,
    NotInScope,
    SealBroken,
    UnknownName,
    Unresolved,
    WrongState,
    WrongUse,
)
from kvitto.model.block import RestatementsBlock
from kvitto.model.edition import Edition
from tests.spine import run_spine

R13 = "northgate/R13/2017-12/1"


def bookings(found: Edition) -> str:
    """The code of the won value of the whole period."""
    return next(
        code
        for code, one in found.receipts.items()
        if one.metric == "bookings_amount"
        and one.period == found.period
        and not one.question.get("dimensions")
    )


def test_the_demo_ends_with_reports_a_mail_and_people(demo: DemoResult) -> None:
    assert [name.split("/")[1] for name in demo.editions] == ["R01", "R06", "R13"]
    kinds = sorted(path.suffix for path in demo.files)
    assert kinds == sorted([f".{form}" for form in FORMS] * 3)
    assert all(path.stat().st_size > 2000 for path in demo.files)
    assert len(list(demo.mailbox.glob("*.eml"))) == 3
    assert [person.role for person in demo.people] == ["owner", "manager", "client"]


def test_the_demo_again_changes_nothing(demo: DemoResult) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.mailbox.glob("*.eml")}
    again = run_spine(demo.workspace)
    assert again.editions == demo.editions
    assert again.receipt == demo.receipt
    assert {path: path.stat().st_mtime_ns for path in demo.mailbox.glob("*.eml")} == before


def test_every_receipt_of_the_sealed_report_has_lines_that_add_up_and_agrees(
    shared: House, elin: Who
) -> None:
    from kvitto.metrics.line import check_lines

    sealed = edition.get(shared, elin, R13)
    assert len(sealed.receipts) > 30
    with asking(shared, elin, "northgate") as asker:
        rerun = sealed_rerun(shared, asker, sealed)
        for code, one in sealed.receipts.items():
            lines = sealed_lines_in(shared, (R13,), code)
            assert lines is not None
            assert check_lines(lines, one).agrees
            assert rerun(one).agrees


def test_a_receipt_opens_with_the_lines_that_were_sealed(shared: House, elin: Who) -> None:
    code = bookings(edition.get(shared, elin, R13))
    opened = receipt.open_receipt(shared, elin, code, lines=True, rerun=True)
    assert opened.sealed_lines
    assert R13 in opened.editions
    assert opened.check is not None
    assert opened.check.agrees
    assert opened.rerun is not None
    assert opened.rerun.agrees
    assert opened.lines is not None
    assert sum(line.amount for line in opened.lines) == Decimal(str(opened.receipt.value))


def test_every_figure_of_the_sealed_report_names_its_receipts(shared: House, elin: Who) -> None:
    """Its own, those that it was computed from, or it is a goal as it was agreed."""
    from kvitto.report.display import figures_of

    sealed = edition.get(shared, elin, R13)
    goals = {(goal.metric, float(goal.target)) for goal in shared.client("northgate").goals}
    shown = [figure for figure in figures_of(sealed) if figure.number is not None]
    assert len(shown) > 60
    for figure in shown:
        named = {figure.receipt} if figure.receipt else set(figure.derived)
        assert named or (figure.metric, figure.number) in goals
        assert named <= set(sealed.receipts)


def test_a_deal_that_changed_is_named_by_the_rerun_and_restated(
    moved: tuple[Path, str], correction: House
) -> None:
    elin = local_person(correction, "Elin Sandberg")
    deal = moved[1]
    code = bookings(edition.get(correction, elin, R13))
    opened = receipt.open_receipt(correction, elin, code, rerun=True)
    assert opened.rerun is not None
    assert not opened.rerun.agrees
    assert [change.kind for change in opened.rerun.changed] == ["changed"]
    assert deal in opened.rerun.changed[0].record_id
    made = edition.get(correction, elin, "northgate/R13/2017-12/2")
    assert (made.number, made.corrects) == (2, R13)
    restated = [
        item
        for block in made.blocks()
        if isinstance(block, RestatementsBlock)
        for item in block.items
    ]
    said = next(item for item in restated if item.metric == "bookings_amount")
    assert said.edition == R13
    assert said.said.display != said.now.display
    assert any(deal in record for record in said.records)
    assert edition.get(correction, elin, R13).receipts[code].value == opened.receipt.value


R06 = "northgate/R06/2017-12/2"


def slot(house: House, who: Who) -> str:
    """The first text of the correction."""
    return edition.get(house, who, R06).texts()[0].id


def unresolved(found: Edition, text: str) -> list[tuple[str, str]]:
    """What does not resolve in a text: what it is, and the phrase."""
    return [
        (mark.what, sentence.text[mark.start : mark.end])
        for sentence in edition.text_of(found, text).sentences
        for mark in sentence.marks
        if mark.state == "unresolved"
    ]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("number", "We won 999 deals."),
        ("direction", "Deals won went down in December."),
        ("cause", "Deals won rose because of the new website."),
    ],
)
def test_a_wrong_sentence_stops_the_seal_until_a_person_vouches(
    correction: House, what: str, words: str
) -> None:
    elin = local_person(correction, "Elin Sandberg")
    text = slot(correction, elin)
    found = unresolved(edition.edit_text(correction, elin, R06, text, words), text)
    assert what in {kind for kind, _ in found}
    with pytest.raises(Unresolved, match=text):
        edition.approve(correction, elin, R06)
    with pytest.raises((Unresolved, WrongState)):
        edition.seal(correction, elin, R06)
    for _, phrase in found:
        vouched = edition.vouch(correction, elin, R06, text, phrase, "I counted them.")
    assert {(one.by, one.phrase) for one in vouched.vouches} == {
        ("Elin Sandberg", phrase) for _, phrase in found
    }
    assert edition.approve(correction, elin, R06).vouches == vouched.vouches


def test_binding_a_value_lets_a_sentence_through_to_the_seal(correction: House) -> None:
    elin = local_person(correction, "Elin Sandberg")
    text = slot(correction, elin)
    words = "We won {{deals_won}} deals in the period."
    changed = edition.edit_text(correction, elin, R06, text, words)
    sentence = edition.text_of(changed, text).sentences[0]
    assert [mark.state for mark in sentence.marks if mark.what == "number"] == ["bound"]
    edition.approve(correction, elin, R06)
    assert edition.seal(correction, elin, R06).edition == R06
    assert edition.row(correction, elin, R06).state == "sealed"


def test_a_typed_text_survives_a_new_draft(correction: House) -> None:
    elin = local_person(correction, "Elin Sandberg")
    text = slot(correction, elin)
    edition.edit_text(correction, elin, R06, text, "We look forward to the meeting.")
    again = edition.draft(correction, elin, "northgate", "R06", "2017-12")
    assert again.id == R06
    assert edition.text_of(again, text).source == "We look forward to the meeting."
    assert edition.text_of(again, text).author == "Elin Sandberg"


def test_an_edit_after_the_approval_takes_it_back(correction: House) -> None:
    elin = local_person(correction, "Elin Sandberg")
    edition.approve(correction, elin, R06)
    assert edition.row(correction, elin, R06).state == "approved"
    edition.edit_text(
        correction, elin, R06, slot(correction, elin), "We look forward to the meeting."
    )
    assert edition.row(correction, elin, R06).state == "draft"
    with pytest.raises(WrongState, match="approved"):
        edition.seal(correction, elin, R06)


def test_two_people_do_not_overwrite_each_other(correction: House) -> None:
    elin = local_person(correction, "Elin Sandberg")
    text = slot(correction, elin)
    seen = edition.get(correction, elin, R06).content_hash()
    edition.edit_text(correction, elin, R06, text, "We look forward to the meeting.", seen=seen)
    with pytest.raises(WrongState, match="somebody else"):
        edition.edit_text(correction, elin, R06, text, "We look forward to the call.", seen=seen)


def test_what_is_sealed_stays(house: House) -> None:
    elin = local_person(house, "Elin Sandberg")
    before = edition.get(house, elin, R13)
    text = before.texts()[0].id
    changes: tuple[Callable[[], object], ...] = (
        lambda: edition.edit_text(house, elin, R13, text, "Better."),
        lambda: edition.vouch(house, elin, R13, text, "x", "y"),
        lambda: edition.approve(house, elin, R13),
    )
    for change in changes:
        with pytest.raises(WrongState, match="sealed"):
            change()
    assert edition.seal(house, elin, R13) == edition.seal_of(house, elin, R13)
    assert edition.get(house, elin, R13) == before


def test_a_seal_that_was_broken_is_not_shown_and_not_sent(house: House) -> None:
    elin = local_person(house, "Elin Sandberg")
    path = house.runtime / "editions" / R13 / "edition.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace("Northgate", "Southgate"))
    with pytest.raises(SealBroken):
        edition.get(house, elin, R13)
    with pytest.raises(SealBroken):
        deliver.deliver(house, elin, R13)


def test_a_draft_is_not_delivered(correction: House) -> None:
    with pytest.raises(WrongState, match="not sealed"):
        deliver.deliver(correction, local_person(correction), R06)


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx", "json", "csv", "md"])
def test_two_renders_are_the_same_bytes(shared: House, elin: Who, form: str) -> None:
    once = render_bytes(shared, elin, R13, form)
    assert once == render_bytes(shared, elin, R13, form)
    assert len(once) > 1000


def test_a_full_disk_while_rendering_leaves_what_was_there(
    shared: House, elin: Who, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file, where a folder should be")
    with pytest.raises(KvittoError, match="write"):
        render(shared, elin, R13, ["json"], tmp_path / "out")
    assert (tmp_path / "out").read_text().startswith("a file")


def test_an_edition_is_found_without_its_number(shared: House, elin: Who) -> None:
    assert edition.get(shared, elin, "northgate/R13/2017-12").id == R13


@pytest.mark.parametrize(
    "name", ["northgate/R13/2017-12/9", "northgate/R13", "x/y/z/1", "../../etc/passwd/1", ""]
)
def test_an_edition_that_is_none_says_so(shared: House, elin: Who, name: str) -> None:
    with pytest.raises(UnknownName, match="no such edition"):
        edition.get(shared, elin, name)


def test_a_client_reads_sealed_editions_and_their_receipts_only(
    correction: House, dana: Who
) -> None:
    sealed = edition.get(correction, dana, R13)
    draft = edition.get(correction, local_person(correction), R06)
    assert {row.state for row in edition.editions(correction, dana)} == {"sealed"}
    with pytest.raises(UnknownName, match="no such edition"):
        edition.get(correction, dana, R06)
    opened = receipt.open_receipt(correction, dana, bookings(sealed), lines=True)
    assert opened.check is not None
    assert opened.check.agrees
    earlier = edition.get(correction, local_person(correction), "northgate/R06/2017-12/1")
    fresh = next(iter(draft.receipts.keys() - earlier.receipts.keys() - sealed.receipts.keys()))
    with pytest.raises(UnknownName, match="no receipt"):
        receipt.open_receipt(correction, dana, fresh)


def test_a_client_may_ask_and_change_nothing(shared: House, dana: Who) -> None:
    from kvitto.app.ask import ask

    text = edition.get(shared, dana, R13).texts()[0].id
    wishes: tuple[Callable[[], object], ...] = (
        lambda: ask(shared, dana, "northgate", ["deals_won"], "2017-12"),
        lambda: sync.sync(shared, dana),
        lambda: findings(shared, dana),
        lambda: edition.draft(shared, dana, "northgate", "R13", "2017-12"),
        lambda: edition.edit_text(shared, dana, R13, text, "Hello."),
        lambda: edition.approve(shared, dana, R13),
        lambda: edition.seal(shared, dana, R13),
        lambda: edition.lint(shared, dana, R13),
        lambda: deliver.deliver(shared, dana, R13),
        lambda: deliver.deliveries(shared, dana, R13),
        lambda: rollback(shared, dana),
        lambda: list_versions(shared, dana),
        lambda: run_month(shared, dana, "northgate", "2017-12"),
        lambda: read_log(shared, dana),
        lambda: receipt.open_receipt(
            shared, dana, bookings(edition.get(shared, dana, R13)), rerun=True
        ),
    )
    for wish in wishes:
        with pytest.raises(NotAllowed):
            wish()


def test_another_clients_manager_finds_nothing(shared: House, elin: Who, stranger: Who) -> None:
    from kvitto.app.ask import ask

    code = bookings(edition.get(shared, elin, R13))
    wishes: tuple[Callable[[], object], ...] = (
        lambda: ask(shared, stranger, "northgate", ["deals_won"], "2017-12"),
        lambda: live(shared, stranger, "northgate"),
        lambda: findings(shared, stranger, "northgate"),
        lambda: edition.draft(shared, stranger, "northgate", "R13", "2017-12"),
        lambda: edition.editions(shared, stranger, "northgate"),
    )
    for wish in wishes:
        with pytest.raises(NotInScope):
            wish()
    wishes = (
        lambda: edition.get(shared, stranger, R13),
        lambda: receipt.open_receipt(shared, stranger, code),
        lambda: deliver.deliveries(shared, stranger, R13),
        lambda: render(shared, stranger, R13),
    )
    for wish in wishes:
        with pytest.raises(UnknownName):
            wish()
    assert edition.editions(shared, stranger) == ()
    assert findings(shared, stranger) == ()


def test_the_live_page_shows_the_figures_of_the_report(shared: House, elin: Who) -> None:
    now = live(shared, elin, "northgate")
    assert (now.period, now.as_of.isoformat(), now.stale) == ("2017-12", "2017-12-31", True)
    sealed = edition.get(shared, elin, R13)
    tiles = {tile.figure.metric: tile.figure for tile in now.tiles}
    assert set(tiles) == set(sealed.agreed)
    assert tiles["bookings_amount"].receipt == bookings(sealed)
    assert live(shared, elin, "northgate") is now


def test_a_client_reads_reports_that_are_meant_for_clients(shared: House, dana: Who) -> None:
    assert {row.report for row in edition.editions(shared, dana)} == {"R13"}
    with pytest.raises(UnknownName, match="no such edition"):
        edition.get(shared, dana, "northgate/R01/2017-12/1")


def test_the_live_page_is_the_teams_until_they_open_it(house: House, elin: Who, dana: Who) -> None:
    assert live(house, dana, "northgate").tiles
    file = house.root / "clients/northgate.yml"
    file.write_text(file.read_text().replace("live_page: client", "live_page: team"))
    closed = open_house(house.root, house.today)
    with pytest.raises(NotAllowed, match="before anybody has reviewed"):
        live(closed, dana, "northgate")
    assert live(closed, elin, "northgate").tiles


def test_a_decision_needs_a_name(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER", raising=False)
    made = edition.draft(house, local_person(house), "northgate", "R13", "2017-11")
    with pytest.raises(WrongUse, match="nobody is named"):
        edition.approve(house, local_person(house), made.id)


def test_a_report_for_managers_goes_to_those_who_are_named_for_it(house: House, elin: Who) -> None:
    pipeline = edition.get(house, elin, "northgate/R01/2017-12/1")
    assert [one.name for one in deliver.recipients_of(house, pipeline)] == ["Priya Raman"]
    file = house.root / "clients/northgate.yml"
    named = "    recipients: [{name: Priya Raman, email: priya@northgate.example}]\n"
    file.write_text(file.read_text().replace(named, ""))
    with pytest.raises(WrongState, match="recipients"):
        deliver.recipients_of(open_house(house.root, house.today), pipeline)


def test_rollback_goes_back_and_sync_goes_forward(correction: House) -> None:
    elin = local_person(correction, "Elin Sandberg")
    first, second = (one.id for one in list_versions(correction, elin))
    assert rollback(correction, elin).id == first
    assert [one.id for one in list_versions(correction, elin) if one.current] == [first]
    assert sync.sync(correction, elin).version == second


def test_every_change_stands_in_the_log(shared: House, elin: Who) -> None:
    lines = {(line.action, line.subject) for line in read_log(shared, elin, "northgate")}
    for action in ("edition.draft", "edition.approve", "edition.seal", "edition.deliver"):
        assert (action, R13) in lines


def test_the_index_is_mended_from_the_files(house: House) -> None:
    from sqlalchemy import text

    elin = local_person(house, "Elin Sandberg")
    before = {(row.id, row.state) for row in edition.editions(house, elin)}
    with house.store.write() as connection:
        connection.execute(text("DELETE FROM editions"))
        connection.execute(text("DELETE FROM edition_receipts"))
    assert {(row.id, row.state) for row in edition.editions(house, elin)} == before
    code = bookings(edition.get(house, elin, R13))
    assert R13 in receipt.open_receipt(house, elin, code).editions


@pytest.fixture
def one_report(empty: House) -> House:
    """The example with one of its three reports."""
    path = empty.root / "clients" / "northgate.yml"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("  - template: R13"), text.index("  - template: R06")
    path.write_text(text[:begin] + text[end:], encoding="utf-8")
    return empty


def test_the_months_run_stops_before_the_approval_and_goes_on_in_a_persons_name(
    one_report: House,
) -> None:
    olga = local_person(one_report, "Olga")
    name = "northgate/R06/2017-12/1"
    result = run_month(one_report, olga, "northgate", "2017-12")
    assert [(step.edition, step.state) for step in result.reports] == [(name, "draft")]
    assert not any(problem.blocks for step in result.reports for problem in step.problems)
    assert result.fine
    again = run_month(one_report, olga, "northgate", "2017-12", approve_as="Elin Sandberg")
    assert [step.state for step in again.reports] == ["sealed"]
    assert {row.state for step in again.reports for row in step.deliveries} == {"sent"}
    third = run_month(one_report, olga, "northgate", "2017-12", approve_as="Elin Sandberg")
    assert [step.edition for step in third.reports] == [name]
    assert len(list((one_report.runtime / "mail" / "new").glob("*.eml"))) == 1
    seal = edition.seal_of(one_report, olga, name)
    assert seal is not None
    assert seal.sealed_by == "Elin Sandberg"
