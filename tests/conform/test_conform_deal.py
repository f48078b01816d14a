"""Stages, outcomes, amounts, histories and snapshots of deals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kvitto.conform.label import outcome_of
from tests.conform.conftest import DEALS, HEADER, Desk

FIRST = "1,Prospecting,,,\n2,Engaging,,2024-01-05,\n3,Won,100,2024-01-06,2024-02-01\n"


def history(desk: Desk) -> list[tuple[object, ...]]:
    return desk.ask(
        "SELECT h._row, h.seq, s.name, h.entered_on, h.left_on FROM"
        " (SELECT *, substr(deal_id, 10) AS _row FROM deal_stage_history) AS h"
        " JOIN stages AS s USING (stage_id) ORDER BY 1, 2"
    )


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("Won", "won"),
        ("Closed Won", "won"),
        ("Vunnen", "won"),
        ("Stängd – förlorad", "lost"),
        ("Voitettu", "won"),
        ("Hävitty", "lost"),
        ("Vinta", "won"),
        ("Chiusa persa", "lost"),
        ("Ganha", "won"),
        ("Negócio perdido", "lost"),
        ("Ganado", "won"),
        ("Gewonnen", "won"),
        ("Verloren", "lost"),
        ("Gagné", "won"),
        ("Perdue", "lost"),
        ("Förhandling", "open"),
        ("Won or lost?", "open"),
        ("Nicht gewonnen", "open"),
    ],
)
def test_a_stage_says_its_outcome_in_eight_languages(label: str, outcome: str) -> None:
    assert outcome_of(label) == outcome


def test_stages_and_a_pipeline_are_made_from_labels(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + FIRST + "4,Lost,0,2024-01-06,2024-02-01\n")
    desk.sync({"deals.csv": DEALS})
    assert desk.ask("SELECT name, position, outcome FROM stages ORDER BY position") == [
        ("Prospecting", 1, "open"),
        ("Engaging", 2, "open"),
        ("Lost", 3, "lost"),
        ("Won", 4, "won"),
    ]
    assert desk.ask("SELECT outcome, count(*) FROM deals GROUP BY 1 ORDER BY 1") == [
        ("lost", 1),
        ("open", 2),
        ("won", 1),
    ]


def test_one_label_in_two_pipelines_is_two_stages(desk: Desk) -> None:
    desk.put("deals.csv", "id,stage,line\n1,New,Sales\n2,New,Renewals\n")
    fill = {"deal_id": "id", "stage_id": "stage", "pipeline_id": "line"}
    desk.sync({"deals.csv": {"deals": fill}})
    assert desk.ask("SELECT stage_id, pipeline_id FROM deals ORDER BY deal_id") == [
        ("crm:stage:Sales/New", "crm:pipeline:Sales"),
        ("crm:stage:Renewals/New", "crm:pipeline:Renewals"),
    ]


def test_listed_stages_are_used_by_id_or_name(desk: Desk) -> None:
    desk.put("stages.csv", "id,name,line,order\n10,Started,7,1\n20,Done deal,7,2\n")
    desk.put("deals.csv", "id,stage\n1,10\n2,started\n3,20\n")
    stages = {"stage_id": "id", "name": "name", "pipeline_id": "line", "position": "order"}
    stages_fill = {
        **stages,
        "outcome": {"column": "name", "values": {"Started": "open", "Done deal": "won"}},
    }
    desk.sync(
        {
            "stages.csv": {"stages": stages_fill},
            "deals.csv": {"deals": {"deal_id": "id", "stage_id": "stage"}},
        }
    )
    assert desk.ask("SELECT stage_id, outcome FROM deals ORDER BY deal_id") == [
        ("crm:stage:10", "open"),
        ("crm:stage:10", "open"),
        ("crm:stage:20", "won"),
    ]


def test_more_labels_than_fit_a_case(desk: Desk) -> None:
    lines = "".join(f"{n},Stage {n},,,\n" for n in range(60))
    desk.put("deals.csv", HEADER + lines)
    desk.sync({"deals.csv": DEALS})
    assert desk.ask("SELECT count(DISTINCT stage_id), count(outcome) FROM deals") == [(60, 60)]


def test_an_outcome_of_its_own_counts_before_the_stage(desk: Desk) -> None:
    desk.put("deals.csv", "id,stage,status\n1,Proposal,Vunnen\n2,Proposal,open\n3,Proposal,odd\n")
    fill = {"deal_id": "id", "stage_id": "stage", "outcome": "status"}
    desk.sync({"deals.csv": {"deals": fill}})
    assert [row[0] for row in desk.ask("SELECT outcome FROM deals ORDER BY deal_id")] == [
        "won",
        "open",
        "odd",
    ]


def test_the_history_is_made_from_what_is_dated(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + FIRST)
    desk.sync({"deals.csv": DEALS})
    assert history(desk) == [
        ("1", 1, "Prospecting", date(2024, 6, 30), None),
        ("2", 1, "Engaging", date(2024, 1, 5), None),
        ("3", 1, "Engaging", date(2024, 1, 6), date(2024, 2, 1)),
        ("3", 2, "Won", date(2024, 2, 1), None),
    ]


def test_the_history_remembers_what_earlier_syncs_saw(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + FIRST)
    desk.sync({"deals.csv": DEALS})
    desk.put("deals.csv", HEADER + "1,Engaging,,2024-07-03,\n2,Proposal,,2024-01-05,\n")
    desk.sync({"deals.csv": DEALS}, as_of="2024-07-10")
    desk.put("deals.csv", HEADER + "1,Won,9,2024-07-03,2024-07-20\n2,Engaging,,2024-01-05,\n")
    moved = desk.sync({"deals.csv": DEALS}, as_of="2024-07-31")
    assert desk.sync({"deals.csv": DEALS}, as_of="2024-07-31").id == moved.id
    assert [row[:4] for row in history(desk)] == [
        ("1", 1, "Prospecting", date(2024, 6, 30)),
        ("1", 2, "Engaging", date(2024, 7, 3)),
        ("1", 3, "Won", date(2024, 7, 20)),
        ("2", 1, "Engaging", date(2024, 1, 5)),
        ("2", 2, "Proposal", date(2024, 7, 10)),
        ("2", 3, "Engaging", date(2024, 7, 31)),
    ]


def test_a_date_that_comes_later_replaces_the_day_it_was_seen(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Engaging,,,\n")
    desk.sync({"deals.csv": DEALS})
    desk.put("deals.csv", HEADER + "1,Engaging,,2024-06-15,\n")
    desk.sync({"deals.csv": DEALS}, as_of="2024-07-10")
    assert history(desk) == [("1", 1, "Engaging", date(2024, 6, 15), None)]


def test_syncing_the_same_again_changes_nothing(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + FIRST)
    first = desk.sync({"deals.csv": DEALS})
    assert desk.sync({"deals.csv": DEALS}).id == first.id


def test_a_listed_history_is_numbered_and_its_repeats_left_out(desk: Desk) -> None:
    desk.put("deals.csv", "id,stage\n1,Won\n")
    desk.put(
        "moves.csv",
        "deal,stage,at\n1,New,2024-01-01\n1,New,2024-01-03\n1,Won,2024-02-01\n",
    )
    moves = {"deal_id": "deal", "stage_id": "stage", "entered_at": "at"}
    desk.sync(
        {
            "deals.csv": {"deals": {"deal_id": "id", "stage_id": "stage"}},
            "moves.csv": {"deal_stage_history": moves},
        }
    )
    assert history(desk) == [
        ("1", 1, "New", date(2024, 1, 1), date(2024, 2, 1)),
        ("1", 2, "Won", date(2024, 2, 1), None),
    ]
    assert desk.finding("repeated_stage").rows == 1
    report = desk.report
    assert report.rows_in == sum(report.rows.values()) + report.left_out


def test_snapshots_are_kept_for_ever(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,New,10,2024-01-05,\n2,Won,5,2024-01-05,2024-02-01\n")
    desk.sync({"deals.csv": DEALS})
    desk.put("deals.csv", HEADER + "1,Won,12,2024-01-05,2024-07-02\n3,New,1,2024-07-01,\n")
    desk.sync({"deals.csv": DEALS}, as_of="2024-07-05")
    desk.sync({"deals.csv": DEALS}, as_of="2024-07-06")
    found = desk.ask(
        "SELECT snapshot_on, deal_id, outcome, amount_base FROM deal_snapshots ORDER BY 1, 2"
    )
    assert found == [
        (date(2024, 6, 30), "crm:deal:1", "open", Decimal("10")),
        (date(2024, 7, 5), "crm:deal:1", "won", Decimal("12")),
        (date(2024, 7, 5), "crm:deal:3", "open", Decimal("1")),
        (date(2024, 7, 6), "crm:deal:3", "open", Decimal("1")),
    ]


def test_amounts_are_converted_at_the_rate_of_their_day(desk: Desk) -> None:
    desk.put("rates.csv", "day,code,rate\n2024-01-01,SEK,0.09\n2024-02-01,SEK,0.08\n")
    desk.put(
        "deals.csv",
        "id,stage,amount,money,closed\n1,Won,100,SEK,2024-01-31\n2,Won,100,sek,2024-02-01\n"
        "3,Won,100,EUR,2024-02-01\n4,Won,100,,2024-02-01\n5,Won,100,USD,2024-02-01\n"
        "6,New,100,SEK,\n",
    )
    deals = {
        "deal_id": "id",
        "stage_id": "stage",
        "amount": "amount",
        "currency_code": "money",
        "closed_at": "closed",
    }
    rates = {"rate_on": "day", "currency_code": "code", "rate_to_base": "rate"}
    desk.sync({"rates.csv": {"fx_rates": rates}, "deals.csv": {"deals": deals}})
    assert [row[0] for row in desk.ask("SELECT amount_base FROM deals ORDER BY deal_id")] == [
        Decimal("9"),
        Decimal("8"),
        Decimal("100"),
        Decimal("100"),
        None,
        Decimal("8"),
    ]
    finding = desk.finding("no_exchange_rate")
    assert (finding.rows, finding.records) == (1, ("crm:deal:5",))
    assert "USD" in finding.message


def test_amounts_of_a_source_in_another_currency_are_not_taken_as_ours(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + FIRST)
    desk.sync({"deals.csv": DEALS}, currency="USD")
    assert desk.ask("SELECT currency_code, count(amount_base) FROM deals GROUP BY 1") == [
        ("USD", 0)
    ]
    assert desk.finding("no_exchange_rate").rows == 1


def test_a_closed_deal_leaves_a_stage_that_counts_as_open(desk: Desk) -> None:
    desk.put(
        "deals.csv",
        "id,stage,status,created,closed\n"
        "1,4-Close,Won,2024-01-02,2024-02-03\n2,4-Close,Open,2024-01-02,\n",
    )
    fill = {"deal_id": "id", "stage_id": "stage", "outcome": "status"}
    desk.sync({"deals.csv": {"deals": {**fill, "created_at": "created", "closed_at": "closed"}}})
    assert [(row[0], row[3], row[4]) for row in history(desk)] == [
        ("1", date(2024, 1, 2), date(2024, 2, 3)),
        ("2", date(2024, 1, 2), None),
    ]
