"""The figures about the data itself: exact, by the day, missing where nothing was kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kvitto.metrics.ask import ask
from kvitto.metrics.catalogue import builtin_catalogue
from kvitto.metrics.context import ClientContext
from kvitto.metrics.line import line_items
from kvitto.metrics.usage import fields_of, fields_of_dimension
from kvitto.model.period import Calendar, parse_period
from kvitto.model.question import Cell, Question
from kvitto.model.scope import Scope
from kvitto.model.value import Missing
from kvitto.warehouse.reader import Reader
from kvitto.warehouse.warehouse import Warehouse

TODAY = date(2025, 6, 30)
CONTEXT = ClientContext(
    client="a", name="A", currency="EUR", calendar=Calendar(), today=TODAY, goals=(), baselines=()
)
STATES = [
    ("2025-03-01", "duplicates", "accounts", 5, 100),
    ("2025-03-01", "duplicates", "contacts", 1, 50),
    ("2025-03-01", "invalid_email", "contacts", 4, 40),
    ("2025-03-01", "missing_field", "deals", 1, 1),
    ("2025-03-01", "missing_field", "leads", 1, 1),
    ("2025-03-01", "unmapped_label", "leads", 7, 7),
    ("2025-03-01", "fields", "deals", 6, 8),
    ("2025-03-01", "systems", "data_systems", 1, 1),
    ("2025-03-01", "systems", "data_systems", 0, 1),
    ("2025-06-30", "audited", None, 10, 10),
    ("2025-06-30", "unmapped_label", None, 0, 0),
]
ISSUES = [
    ("1", "2025-03-01", "2025-03-20"),
    ("2", "2025-03-01", "2025-03-31"),
    ("3", "2025-03-01", "2025-04-30"),
    ("4", "2025-03-01", None),
]
ACCESS = [
    ("crm", "Elin", False),
    ("erp", "elin", False),
    ("crm", "Bo", False),
    ("crm", "Bot", True),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(Path(tmp_path_factory.mktemp("quality")) / "warehouse")
    with warehouse.building(rebuild=()) as building:
        run = building.connection.execute
        for client in ("a", "b"):
            for day, measure, table, part, whole in STATES if client == "a" else STATES[-2:]:
                run(
                    "INSERT INTO data_states (client_id, _source, snapshot_on, measure, object,"
                    " part, whole) VALUES (?, 'workspace', ?, ?, ?, ?, ?)",
                    [client, day, measure, table, part, whole],
                )
        for issue, found, settled in ISSUES:
            run(
                "INSERT INTO data_issues (client_id, _source, issue_id, detected_on, resolved_on)"
                " VALUES ('a', 'workspace', ?, ?, ?)",
                [issue, found, settled],
            )
        for system, name, service in ACCESS:
            run(
                "INSERT INTO data_access (client_id, _source, snapshot_on, system_id, person,"
                " is_service) VALUES ('a', 'workspace', '2025-03-01', ?, ?, ?)",
                [system, name, service],
            )
        for number in range(40):
            run(
                "INSERT INTO data_checks (client_id, _source, check_id, checked_on, is_correct)"
                " VALUES ('a', 'workspace', ?, '2025-03-02', ?)",
                [str(number), number >= 3],
            )
            run(
                "INSERT INTO data_conflicts (client_id, _source, compared_on, metric, source,"
                " other_source, is_conflict) VALUES ('a', 'workspace', DATE '2025-03-01' + ?,"
                " 'leads_created', 'crm', 'web', ?)",
                [number % 30, number < 10],
            )
        building.publish([])
    return warehouse


@pytest.fixture
def reader(kept: Warehouse) -> Iterator[Reader]:
    with kept.reader() as opened:
        yield opened


def cell(reader: Reader, metric: str, period: str = "2025-03-01", client: str = "a") -> Cell:
    when = parse_period(period, Calendar(), TODAY)
    question = Question(Scope.of("Elin", "a", "b"), client, (metric,), when)
    context = (
        CONTEXT
        if client == "a"
        else ClientContext(
            client="b",
            name="B",
            currency="EUR",
            calendar=Calendar(),
            today=TODAY,
            goals=(),
            baselines=(),
        )
    )
    (found,) = ask(reader, builtin_catalogue(), question, context).answer.cells
    return found


def number(reader: Reader, metric: str, period: str = "2025-03-01", client: str = "a") -> str:
    figure = cell(reader, metric, period, client).figure
    return figure.kind.value if isinstance(figure, Missing) else str(figure.number)


@pytest.mark.parametrize(
    ("metric", "period", "expected"),
    [
        ("duplicate_rate", "2025-03-01", Decimal("0.04")),
        ("duplicate_rate", "2025-03-04", Decimal("0.04")),
        ("invalid_email_rate", "2025-03-01", Decimal("0.1")),
        ("missing_field_issues", "2025-03-01", Decimal(2)),
        ("missing_field_issues", "2025-06-30", Decimal(0)),
        ("unmapped_label_count", "2025-03-01", Decimal(7)),
        ("unmapped_label_count", "2025-06-30", Decimal(0)),
        ("field_usage_rate", "2025-03-01", Decimal("0.75")),
        ("systems_audited_rate", "2025-03-01", Decimal("0.5")),
        ("users_with_data_access", "2025-03-01", Decimal(2)),
        ("audit_findings_fixed_rate", "2025-03", Decimal("0.5")),
        ("data_accuracy_rate", "2025-03", Decimal("0.925")),
        ("source_conflict_rate", "2025-03", Decimal("0.25")),
    ],
)
def test_each_figure_is_what_its_rows_say(
    reader: Reader, metric: str, period: str, expected: Decimal
) -> None:
    assert Decimal(number(reader, metric, period)) == expected


@pytest.mark.parametrize(
    "metric",
    [
        "duplicate_rate",
        "invalid_email_rate",
        "missing_field_issues",
        "unmapped_label_count",
        "field_usage_rate",
        "systems_audited_rate",
        "users_with_data_access",
    ],
)
@pytest.mark.parametrize("day", ["2025-02-28", "2025-03-05", "2025-06-26"])
def test_a_day_without_a_state_of_at_most_three_days_before_is_missing(
    reader: Reader, metric: str, day: str
) -> None:
    assert number(reader, metric, day) == "no_data"


def test_of_a_client_of_whom_nothing_is_listed_the_figures_are_missing(reader: Reader) -> None:
    day = "2025-06-30"
    assert number(reader, "users_with_data_access", day, "b") == "not_connected"
    assert number(reader, "data_accuracy_rate", day, "b") == "not_connected"
    assert number(reader, "source_conflict_rate", day, "b") == "not_connected"
    assert number(reader, "missing_field_issues", day, "b") == "0"


def test_issues_that_are_too_young_have_no_share(reader: Reader) -> None:
    assert number(reader, "audit_findings_fixed_rate", "2025-06") == "immature"
    assert number(reader, "audit_findings_fixed_rate", "2025-04") == "zero_denominator"


def test_the_lines_of_a_receipt_are_the_rows_that_were_counted(reader: Reader) -> None:
    when = parse_period("2025-03", Calendar(), TODAY)
    question = Question(Scope.of("Elin", "a"), "a", ("audit_findings_fixed_rate",), when)
    measured = ask(reader, builtin_catalogue(), question, CONTEXT)
    (receipt,) = measured.receipts.values()
    lines = list(line_items(reader, builtin_catalogue(), receipt, CONTEXT))
    assert len(lines) > 0


def test_a_metric_names_the_fields_that_a_source_fills() -> None:
    catalogue = builtin_catalogue()
    assert fields_of(catalogue.get("close_rate"), catalogue) == {
        ("deals", "closed_at"),
        ("deals", "outcome"),
    }
    assert fields_of_dimension(catalogue.get("close_rate"), "manager", catalogue) == {
        ("deals", "owner_id"),
        ("users", "manager_id"),
    }


def test_every_metric_of_the_catalogue_reads_some_field() -> None:
    catalogue = builtin_catalogue()
    assert all(fields_of(metric, catalogue) for metric in catalogue)
