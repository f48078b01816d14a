"""Systems, access, fields, hand checks, health and proposals, from the files to the figures."""

from __future__ import annotations

import csv
import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from kvitto.app.ask import ask
from kvitto.app.data_health import data_health
from kvitto.app.house import House, open_house
from kvitto.app.proposal import as_patch, propose
from kvitto.app.recheck import answer, answer_one, draw, rate_of, rates, samples
from kvitto.app.register import access, fields, inventory
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.errors import BadDefinition, NotAllowed, NotInScope, UnknownName, WrongUse
from kvitto.model.scope import Scope
from kvitto.workspace.document import parse_document
from kvitto.workspace.folder import check_workspace

TODAY = date(2025, 3, 1)
ACCOUNTS = "id,name,web,src\n" + "".join(
    f"{n},Company {n},c{n}.example,{('Google Ads', 'google ads', 'Facebook')[n % 3]}\n"
    for n in range(1, 61)
)
DEALS = """id,company,amount,status,created,closed
d1,1,100,won,2025-01-02,2025-02-03
d2,2,,won,2025-01-05,2025-02-10
d3,3,400,lost,2025-01-05,2025-02-10
"""
LOGINS = "who,at\nelin@nord.example,2025-02-20T08:00:00\nelin@nord.example,2025-01-20T08:00:00\n"
USERS = "id,name,mail\nelin@nord.example,Elin Ek,elin@nord.example\n"
SOURCE = """kind: file
client: {client}
path: data/{client}/*.csv
as_of: 2025-03-01
tables:
  - file: accounts.csv
    fill: {{accounts: {{account_id: id, name: name, domain: web, source: src}}}}
  - file: deals.csv
    fill: {{deals: {{deal_id: id, account_id: company, amount: amount, stage_id: status,
      created_at: created, closed_at: closed}}}}
  - file: users.csv
    fill: {{users: {{user_id: id, name: name, email: mail}}}}
  - file: logins.csv
    fill: {{app_logins: {{user_id: who, logged_in_at: at}}}}
"""
SYSTEMS = """systems:
  - id: crm
    name: The CRM
    kind: crm
    owner: Elin Ek
    sources: [nord]
    audited: 2025-01-15
    signed_off_by: Elin Ek
    signed_off_on: 2025-01-16
    access:
      - {person: Elin Ek, role: admin, trained: 2024-12-01, reviewed: 2025-01-01, supervisor: Bo}
      - {person: Kim Berg, role: write, trained: 2022-01-01}
      - {person: Importer, role: write, service: true, reviewed: 2025-01-01, supervisor: Bo}
  - {id: binder, name: The binder, kind: paper}
retained:
  - {field: accounts.domain, why: the contract}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("registers")
    (root / "kvitto.yml").write_text("agency: Shared\n")
    for name in ("lumi", "nord"):
        for folder in ("clients", "sources", "systems", f"data/{name}"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "clients" / f"{name}.yml").write_text(
            f"name: {name.title()}\ncurrency: SEK\nreports: [{{template: R13}}]\n"
        )
        (root / "sources" / f"{name}.yml").write_text(SOURCE.format(client=name))
        for file, text in (("accounts", ACCOUNTS), ("deals", DEALS)):
            (root / "data" / name / f"{file}.csv").write_text(text)
        (root / "data" / name / "users.csv").write_text(USERS)
        (root / "data" / name / "logins.csv").write_text(LOGINS)
    (root / "systems" / "nord.yml").write_text(SYSTEMS)
    opened = open_house(root, TODAY)
    sync(opened, person())
    opened.store.close()
    return root


@pytest.fixture
def house(made: Path, tmp_path: Path) -> House:
    import shutil

    return open_house(Path(shutil.copytree(made, tmp_path / "copy")), TODAY)


def person(*clients: str, role: Role = Role.owner, name: str = "Elin") -> Who:
    return Who(name, role, Scope.of(name, *(clients or ("nord", "lumi"))))


def figures(house: House, client: str, *metrics: str, period: str = "2025-03") -> list[str]:
    measured = ask(house, person(), client, metrics, period)
    return [
        str(
            getattr(cell.figure, "number", None)
            if hasattr(cell.figure, "number")
            else cell.figure.kind.value
        )
        for cell in measured.answer.cells
    ]


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "state.db" not in path.name
    }


def test_the_inventory_tells_what_is_amiss(house: House) -> None:
    found = inventory(house, person(), "nord")
    assert [(one.name, one.people, one.is_audited) for one in found.systems] == [
        ("The CRM", 2, True),
        ("The binder", 0, False),
    ]
    assert {(one.code, one.records) for one in found.findings} == {
        ("training_overdue", ("crm",)),
        ("review_overdue", ("crm",)),
        ("access_without_supervisor", ("crm",)),
        ("system_not_connected", ("binder",)),
        ("system_without_owner", ("binder",)),
        ("system_not_signed_off", ("binder",)),
        ("system_not_audited", ("binder",)),
    }
    assert not any("Kim" in one.message for one in found.findings)


def test_a_source_that_no_system_names_is_told(house: House) -> None:
    path = house.root / "systems" / "nord.yml"
    path.write_text(SYSTEMS.replace("sources: [nord]", "sources: []"))
    found = inventory(house.reopened(), person(), "nord")
    assert found.unnamed == ("nord",)
    assert ("system_unnamed", "nord") in {(one.code, one.source) for one in found.findings}


def test_without_an_inventory_nothing_is_found_and_the_figures_are_missing(house: House) -> None:
    found = inventory(house, person(), "lumi")
    assert (found.is_listed, found.findings, found.unnamed) == (False, (), ("lumi",))
    assert figures(house, "lumi", "users_with_data_access", "systems_audited_rate") == [
        "not_connected",
        "zero_denominator",
    ]


def test_access_shows_the_last_sign_in_and_what_is_overdue(house: House) -> None:
    rows = {one.person: one for one in access(house, person(), "nord")}
    assert rows["Elin Ek"].last_used == date(2025, 2, 20)
    assert (rows["Elin Ek"].overdue, rows["Kim Berg"].overdue) == ((), ("training", "review"))
    assert (rows["Kim Berg"].last_used, rows["Kim Berg"].supervisor) == (None, "")
    assert (rows["Importer"].is_service, rows["Importer"].overdue) == (True, ())


def test_people_are_shown_to_the_team_of_that_client_alone(house: House) -> None:
    for use_case in (access, inventory, fields, rates, samples):
        with pytest.raises(NotAllowed):
            use_case(house, person("nord", role=Role.client), "nord")
        with pytest.raises(NotInScope):
            use_case(house, person("lumi"), "nord")


def test_the_registers_are_figures_with_receipts(house: House) -> None:
    names = ("users_with_data_access", "systems_audited_rate", "missing_field_issues")
    assert figures(house, "nord", *names)[0] == "2"
    assert float(figures(house, "nord", "systems_audited_rate")[0]) == 0.5
    measured = ask(house, person(), "nord", names, "2025-03")
    assert all(cell.receipt in measured.receipts for cell in measured.answer.cells)


@pytest.mark.parametrize(
    ("was", "now", "line", "found"),
    [
        ("sources: [nord]", "sources: [nrod]", 6, "there is none"),
        ("sources: [nord]", "sources: [lumi]", 6, "it has no data of nord"),
        ("kind: crm", "kind: crmm", 4, "crmm"),
        ("2025-01-15", "15/01/2025", 7, "date"),
        ("trained: 2022-01-01", "trained: soon", 12, "date"),
        ("person: Kim Berg", "person: elin ek", 12, "lists the person too"),
        ("id: binder", "id: crm", 14, "lists it too"),
        ("accounts.domain", "accounts.domian", 16, "there is no such field"),
        ("    signed_off_by: Elin Ek\n", "", 2, "lacks who signed it"),
    ],
)
def test_what_cannot_be_is_told_with_file_and_line(
    house: House, was: str, now: str, line: int, found: str
) -> None:
    (house.root / "systems" / "nord.yml").write_text(SYSTEMS.replace(was, now))
    (problem,) = check_workspace(house.root)
    assert (problem.file, problem.line) == ("systems/nord.yml", line)
    assert found in str(problem)


def test_systems_of_nobody_are_a_problem(house: House) -> None:
    (house.root / "systems" / "nrod.yml").write_text("systems: []\n")
    (problem,) = check_workspace(house.root)
    assert "nord" in problem.todo


def test_fields_say_what_they_serve(house: House) -> None:
    found = {(one.table, one.column): one for one in fields(house, person(), "nord")}
    amount = found["deals", "amount"]
    assert (amount.advice, amount.filled, amount.rows) == ("complete", 2, 3)
    assert "bookings_amount" in {use.by for use in amount.uses}
    assert found["accounts", "account_id"].advice == "keep"


def test_a_draw_is_the_same_each_time_and_another_seed_draws_others(
    house: House, tmp_path: Path
) -> None:
    def drawn(seed: int, name: str) -> list[str]:
        draw(house, person(), "nord", "accounts", 10, seed, tmp_path / name, columns=["name"])
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as stream:
            return [row["record_id"] for row in csv.DictReader(stream)]

    first = drawn(1, "a.csv")
    assert len(first) == 10 == len(set(first))
    assert drawn(1, "b.csv") == first != drawn(2, "c.csv")


def filled_in(path: Path, *answers: str) -> Path:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row, said in zip(rows, answers, strict=False):
        row["is_correct"] = said
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_answers_are_kept_by_name_and_become_a_figure(house: House, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    draw(house, person(), "nord", "accounts", 40, 7, out, columns=["name"])
    found = answer(house, person(), "nord", filled_in(out, "nej", *["ja"] * 35))
    assert (found.open, {line.by for line in found.lines if line.correct is not None}) == (
        4,
        {"Elin"},
    )
    whole = rates(house, person(), "nord")[0]
    assert (whole.checked, whole.wrong, whole.too_few) == (36, 1, False)
    assert whole.low is not None
    assert whole.high is not None
    assert 0 < whole.low < 1 / 36 < whole.high < 0.2
    assert figures(house, "nord", "data_accuracy_rate") == ["not_connected"]
    again = house.reopened()
    sync(again, person())
    assert float(figures(again, "nord", "data_accuracy_rate")[0]) == pytest.approx(35 / 36)
    assert figures(again, "lumi", "data_accuracy_rate") == ["not_connected"]


def test_too_few_answers_say_nothing_of_the_whole() -> None:
    assert rate_of("accounts", "", [True] * 29).too_few
    assert rate_of("accounts", "", [True] * 29).rate is None
    assert rate_of("accounts", "", [True] * 30).rate == 0


def test_answers_that_fit_nothing_are_told_with_their_line_and_nothing_is_kept(
    house: House, tmp_path: Path
) -> None:
    out = tmp_path / "s.csv"
    draw(house, person(), "nord", "accounts", 3, 7, out, columns=["name"])
    filled_in(out, "yes", "maybe", "no")
    with out.open("a", encoding="utf-8") as stream:
        stream.write("accounts;other:1;name;x;yes;\n")
    with pytest.raises(BadDefinition) as raised:
        answer(house, person(), "nord", out)
    assert [problem.line for problem in raised.value.problems] == [3, 5]
    assert samples(house, person(), "nord")[0].open == 3


def test_a_sample_is_answered_in_a_workbook_too(house: House, tmp_path: Path) -> None:
    out = tmp_path / "s.xlsx"
    drawn = draw(house, person(), "nord", "accounts", 2, 7, out, columns=["name"])
    with pytest.raises(WrongUse):
        answer(house, person(), "nord", out)
    record = drawn.lines[0].record
    assert answer_one(house, person(), "nord", drawn.name, record, "name", False).open == 1
    draw(house, person(), "nord", "accounts", 2, 7, out, columns=["name"])
    assert answer(house, person(), "nord", out).open == 1
    with pytest.raises(UnknownName):
        answer_one(house, person(), "nord", drawn.name, "other", "name", True)
    with pytest.raises(WrongUse):
        draw(house, person(), "nord", "accounts", 2, 7, tmp_path / "s.pdf")


def test_a_value_is_no_formula_in_the_file_to_fill_in(house: House, tmp_path: Path) -> None:
    accounts = house.root / "data" / "nord" / "accounts.csv"
    accounts.write_text("id,name,web,src\n1,=cmd(),x.example,Facebook\n")
    again = house.reopened()
    sync(again, person())
    out = tmp_path / "s.csv"
    draw(again, person(), "nord", "accounts", 1, 7, out, columns=["name"])
    assert "'=cmd()" in out.read_text(encoding="utf-8-sig")


def test_a_damaged_sample_is_told_with_file_and_line(house: House) -> None:
    folder = house.root / "checks" / "nord"
    folder.mkdir(parents=True)
    head = "table,record_id,field,source,is_correct,checked_by,checked_on,note\n"
    (folder / "accounts-1.csv").write_text(head + "accounts,1,name,nord,yes,,2025-01-01,\n")
    with pytest.raises(BadDefinition) as raised:
        samples(house, person(), "nord")
    assert (raised.value.problems[0].file, raised.value.problems[0].line) == (
        "checks/nord/accounts-1.csv",
        2,
    )


def test_health_shows_its_parts_and_its_course(house: House) -> None:
    (found,) = data_health(house, person(), "nord")
    assert found.day == TODAY
    assert [one.name for one in found.sources] == ["nord"]
    assert found.whole.score is not None
    assert 0 < found.whole.score <= 100
    parts = {part.name: (part.part, part.whole) for part in found.whole.parts}
    assert parts["uniqueness"][1] == 60
    again = open_house(house.root, TODAY + timedelta(days=9))
    sync(again, person())
    (later,) = data_health(again, person(), "nord")
    assert [day for day, _ in later.course] == [TODAY, TODAY + timedelta(days=9)]
    assert later.course[0][1] == found.whole.score
    assert later.whole.score is not None
    assert later.whole.score < found.whole.score


def test_a_state_that_was_not_kept_is_missing_and_never_worked_out_again(house: House) -> None:
    assert figures(house, "nord", "missing_field_issues", period="2025-02") == ["no_data"]
    later = open_house(house.root, TODAY + timedelta(days=40))
    sync(later, person())
    names = ("missing_field_issues", "duplicate_rate", "users_with_data_access")
    assert figures(later, "nord", *names, period="2025-03-02") == figures(
        house, "nord", *names, period="2025-03-01"
    )
    assert figures(later, "nord", *names, period="2025-03-20") == ["no_data"] * 3


def test_issues_are_fixed_within_thirty_days_or_not(house: House) -> None:
    assert figures(house, "nord", "audit_findings_fixed_rate") == ["immature"]
    (house.root / "data" / "nord" / "deals.csv").write_text(DEALS.replace("d2,2,,", "d2,2,5,"))
    fixed = open_house(house.root, TODAY + timedelta(days=12))
    sync(fixed, person())
    later = open_house(house.root, TODAY + timedelta(days=61))
    sync(later, person())
    (share,) = figures(later, "nord", "audit_findings_fixed_rate")
    assert 0 < float(share) < 1
    assert figures(later, "nord", "missing_field_issues", period="2025-05-01") < figures(
        later, "nord", "missing_field_issues", period="2025-03-01"
    )


LEADS = """kind: file
client: nord
path: data/{name}/*.csv
as_of: 2025-03-01
tables:
  - {{file: leads.csv, fill: {{leads: {{lead_id: id, created_at: made}}}}}}
"""


def test_days_on_which_two_sources_disagree_are_a_share_of_days(house: House) -> None:
    for name, last in (("crm", 20), ("web", 15)):
        (house.root / "data" / name).mkdir()
        rows = [
            f"{d}-{n},2025-02-{d:02}" for d in range(1, 21) for n in range(3 if d <= last else 2)
        ]
        (house.root / "data" / name / "leads.csv").write_text("\n".join(["id,made", *rows]) + "\n")
        (house.root / "sources" / f"{name}.yml").write_text(LEADS.format(name=name))
    (house.root / "rules").mkdir()
    (house.root / "rules" / "nord.yml").write_text(
        "clients: [nord]\npriorities: [{metric: leads_created, sources: [crm, web]}]\n"
    )
    again = house.reopened()
    sync(again, person())
    (share,) = figures(again, "nord", "source_conflict_rate", period="2025-02-01..2025-02-20")
    assert float(share) == pytest.approx(5 / 20)
    assert figures(again, "lumi", "source_conflict_rate", period="2025-02") == ["not_connected"]


def test_a_proposal_changes_nothing_and_can_be_put_in_place(house: House, tmp_path: Path) -> None:
    house.store.close()
    before = digests(house.root)
    pieces = propose(house, person())
    text = as_patch(pieces, TODAY)
    assert digests(house.root) == before
    assert {piece.file for piece in pieces} >= {"rules/nord.yml", "systems/lumi.yml"}
    document, problems = parse_document(text, tmp_path / "patch.yml", "patch.yml")
    assert not problems
    assert isinstance(document.value, list)
    for piece in document.value:
        path = house.root / piece["file"]
        path.parent.mkdir(exist_ok=True)
        held = (
            path.read_text()
            if path.exists()
            else "clients: [nord]\n"
            if "rules" in piece["file"]
            else ""
        )
        path.write_text(held + _yaml(piece["add"]))
    assert check_workspace(house.root) == ()


def _yaml(content: object) -> str:
    import json

    assert isinstance(content, dict)
    return "".join(f"{key}: {json.dumps(item)}\n" for key, item in content.items())
