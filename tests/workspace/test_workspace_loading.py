"""Reading a folder: what holds is loaded, what does not is told, all together."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import BadDefinition, Problem
from kvitto.workspace import check_references, check_workspace, load_workspace
from kvitto.workspace.document import parse_document

EXAMPLE = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example"
Small = Callable[..., Path]


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def test_the_example_loads_without_a_problem() -> None:
    workspace = load_workspace(EXAMPLE)
    assert list(workspace.clients) == ["northgate"]
    assert workspace.sources["crm"].client == "northgate"
    assert workspace.brands["northgate"].accent == "#0b5cad"
    assert workspace.rules["crm"].fields[0].column == "amount"
    assert workspace.clients["northgate"].goals[3].target == Decimal("0.65")


def test_a_scalar_means_what_its_definition_says(small: Small) -> None:
    client = "name: 123\ncountry: NO\ngoals:\n - {metric: a, period: 2017, target: 0.1}\n"
    loaded = load_workspace(small(clients__northgate=client)).clients["northgate"]
    assert (loaded.name, loaded.country) == ("123", "NO")
    assert (loaded.goals[0].period, loaded.goals[0].target) == ("2017", Decimal("0.1"))


def test_all_problems_of_all_files_come_together_with_their_lines(small: Small) -> None:
    root = small(
        kvitto="agency: A\ntimezone: Europe/Stokholm\n",
        clients__northgate="name: N\nlangauge: sv\nweek_start: 9\nbrand: acme\n",
        sources__crm="client: nortgate\npath: x\n",
        rules__crm="fields:\n - {table: deal, column: amount}\n - {table: deals, column: amont}\n",
    )
    found = [(problem.file, problem.line) for problem in check_workspace(root)]
    assert found == [
        ("clients/northgate.yml", 2),
        ("clients/northgate.yml", 3),
        ("kvitto.yml", 2),
        ("rules/crm.yml", 2),
        ("rules/crm.yml", 3),
        ("sources/crm.yml", 1),
    ]
    with pytest.raises(BadDefinition) as error:
        load_workspace(root)
    assert len(error.value.problems) == 6


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        ("clients__northgate", "name: N\nlangauge: sv\n", 2, "Did you mean 'language'?"),
        ("clients__northgate", "name: N\nlanguage: svenska\n", 2, "Known: en, sv"),
        ("clients__northgate", "name: N\nbrand: acme\n", 2, "the brand 'acme'"),
        ("clients__northgate", "name: N\nstatus: activ\n", 2, "Did you mean 'active'?"),
        ("clients__northgate", "name: N\ntimezone: Stockholm\n", 2, "'Europe/Stockholm'"),
        ("clients__northgate", "name: N\ncurrency: kr\n", 2, "three capital letters"),
        ("clients__northgate", "name: N\ncurrency: SKE\n", 2, "the currency 'SKE'"),
        ("clients__northgate", "name: N\ncountry: Sweden\n", 2, "two capital letters"),
        ("clients__northgate", "name: N\nname: M\n", 2, "the first is on line 1"),
        ("clients__northgate", "name: N\nweek_start: monday\n", 2, "whole number"),
        ("clients__northgate", "language: sv\n", 1, "name: it is not given"),
        ("clients__northgate", "", 1, "name: it is not given"),
        ("clients__northgate", "- a\n- b\n", 1, "mapping"),
        ("clients__northgate", "name: [N\nlanguage: sv\n", 2, "read the file"),
        ("clients__northgate", "name: N\n\tlanguage: sv\n", 2, "read the file"),
        ("clients__northgate", "name: !!python/object:os.system N\n", 1, "no meaning here"),
        ("clients__northgate", "name: N\nbaselines:\n- &a [*a]\n", 3, "without end"),
        ("sources__crm", "client: nortgate\npath: x\n", 1, "Did you mean 'northgate'?"),
        ("sources__crm", "client: northgate\npath: x\nas_of: 31/12/2017\n", 3, "2017-12-31"),
        ("brands__acme", "id: amce\n", 1, "Write 'id: acme'"),
        ("brands__acme", "id: acme\naccent: blue\n", 2, "no colour"),
        ("brands__acme", "id: acme\nlogo: '%%'\nlogo_kind: svg\n", 2, "no picture"),
        ("brands__acme", "id: acme\nlogo: PHN2Zz4=\n", 2, "logo_kind is not given"),
        (
            "clients__northgate",
            "name: N\ngoals:\n- {metric: a, period: 2017, target: 1}\n"
            "- {metric: a, period: 2017, target: 2}\n",
            4,
            "goals[1] is it already",
        ),
        ("rules__a", "clients: [north]\n", 1, "the client 'north'"),
        ("rules__a", "labels:\n  deals.stage: {a: b}\n", 2, "no such column"),
        ("templates__R99", "a: [\n", 1, "read the file"),
    ],
)
def test_a_problem_says_where_it_stands_and_what_to_do(
    small: Small, file: str, text: str, line: int, said: str
) -> None:
    problem = only(check_workspace(small(**{file: text})))
    assert problem.file is not None
    assert problem.file.startswith(file.partition("__")[0])
    assert said in str(problem)
    assert problem.line in (line, line + 1)


def test_a_folder_without_kvitto_yml_is_no_workspace(tmp_path: Path) -> None:
    assert "kvitto init" in only(check_workspace(tmp_path)).todo
    assert "no such folder" in only(check_workspace(tmp_path / "absent")).found


def test_a_file_that_is_not_utf_8_names_the_line(small: Small) -> None:
    root = small()
    (root / "clients" / "northgate.yml").write_bytes(b"name: N\nmanager: \xc5sa\n")
    problem = only(check_workspace(root))
    assert problem.line == 2
    assert "UTF-8" in problem.todo


def test_one_id_given_by_two_files_is_refused(small: Small) -> None:
    root = small()
    (root / "clients" / "northgate.yaml").write_text("name: N\n")
    assert "clients/northgate.yaml gives it too" in only(check_workspace(root)).found


def test_one_metric_defined_twice_names_both_places(small: Small) -> None:
    metric = (
        "metrics:\n- {id: x, names: {en: X}, explains: {en: X}, unit: count, good: higher,"
        " additivity: full, formula: a + b}\n"
    )
    problem = only(check_workspace(small(metrics__a=metric, metrics__b=metric)))
    assert (problem.file, problem.line) == ("metrics/b.yml", 2)
    assert "metrics/a.yml:2" in problem.found


def test_a_misspelt_folder_is_noticed(small: Small) -> None:
    assert "Did you mean 'clients'?" in only(check_workspace(small(client__a="name: A\n"))).todo


@pytest.mark.parametrize("period", ["2017-13", "2017-Q5", "ytd", "last_month", "soon", "2017-W54"])
def test_a_goal_needs_a_period_that_exists_and_stands_still(small: Small, period: str) -> None:
    client = f"name: N\ngoals:\n- {{metric: a, period: {period}, target: 1}}\n"
    problem = only(check_workspace(small(clients__northgate=client)))
    assert (problem.line, f"'{period}' of goals[1]" in problem.asked) == (3, True)


@pytest.mark.parametrize(
    "address", ["dana", "dana@", "a b@c.se", "a@b", "a@localhost", "a..b@c.se"]
)
def test_an_impossible_address_is_refused(small: Small, address: str) -> None:
    client = f'name: N\nrecipients:\n- name: D\n  email: "{address}"\n'
    assert only(check_workspace(small(clients__northgate=client))).line == 4


def test_addresses_in_other_scripts_are_fine(small: Small) -> None:
    client = "name: N\nrecipients: [{name: Å, email: åsa@blåbär.se}]\n"
    assert check_workspace(small(clients__northgate=client)) == ()


def test_a_recipient_named_twice_is_refused(small: Small) -> None:
    client = "name: N\nrecipients:\n- {name: A, email: a@b.se}\n- {name: B, email: A@b.se}\n"
    assert only(check_workspace(small(clients__northgate=client))).line == 4


def test_a_secret_in_plain_text_is_refused_and_never_repeated(small: Small) -> None:
    root = small(
        kvitto="agency: A\nstate: postgresql://u:hunter2@db/x\nmail:\n  password: s3cret\n"
    )
    problems = check_workspace(root)
    assert [problem.line for problem in problems] == [2, 4]
    assert "env:MAIL_PASSWORD" in problems[1].todo
    assert not any("hunter2" in str(problem) or "s3cret" in str(problem) for problem in problems)


def test_a_reference_to_the_environment_is_no_secret(small: Small) -> None:
    root = small(kvitto="agency: A\nmail: {password: env:SMTP_PASSWORD}\n")
    assert load_workspace(root).agency.mail.password == "env:SMTP_PASSWORD"


def test_a_map_of_a_source_names_only_what_the_model_has(small: Small) -> None:
    source = (
        "client: northgate\npath: x\ntables:\n- file: a.csv\n  fill:\n    deal: {name: n}\n"
        "    deals:\n      ammount: value\n      source: {column: a, constant: b}\n"
    )
    problems = check_workspace(small(sources__crm=source))
    assert [problem.line for problem in problems] == [6, 8, 9]
    assert "Did you mean 'amount'?" in problems[1].todo


def test_a_mapping_or_a_text_may_fill_a_column_and_errors_name_the_key(small: Small) -> None:
    source = (
        "client: northgate\npath: x\ntables:\n- file: a.csv\n  fill:\n    deals:\n"
        "      amount: {colum: value}\n"
    )
    problems = check_workspace(small(sources__crm=source))
    assert "Did you mean 'column'?" in problems[0].todo
    assert [problem.line for problem in problems] == [7]


def test_an_unquoted_comma_in_a_text_is_explained(small: Small) -> None:
    client = "name: N\nplan:\n- {title: Amounts, agreed with Dana, who: Elin}\n"
    problem = only(check_workspace(small(clients__northgate=client)))
    assert "put that text in quotes" in problem.todo


def test_references_to_metrics_and_templates_are_checked_where_they_are_known() -> None:
    workspace = load_workspace(EXAMPLE)
    metrics = ["bookings_amount", "deals_won", "close_rate", "average_deal_size", "open_deals"]
    problems = check_references(workspace, metrics, ["R01", "R13"], ["files"])
    assert {problem.asked for problem in problems} == {
        "the report template 'R06'",
        "the metric 'sales_cycle_length_median'",
        "the metric 'deals_created'",
        "the metric 'deals_lost'",
        "the kind of source 'file'",
    }
    assert all(problem.file and problem.line and problem.line > 1 for problem in problems)


def test_merge_keys_and_anchors_are_read(small: Small) -> None:
    client = (
        "name: N\nrecipients:\n- &d {name: D, email: d@e.se}\n"
        "reports:\n- {template: R01, recipients: [{<<: *d, name: E}]}\n"
    )
    loaded = load_workspace(small(clients__northgate=client)).clients["northgate"]
    assert loaded.reports[0].recipients[0].name == "E"
    assert loaded.reports[0].recipients[0].email == "d@e.se"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    document, problems = parse_document(text, Path("x.yml"), "x.yml")
    assert all(problem.file == "x.yml" for problem in problems)
    assert document.line(("a", 0)) >= 1
