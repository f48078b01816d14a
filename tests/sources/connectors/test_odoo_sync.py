"""Odoo synced, changed and synced again: what is fetched, kept and made canonical."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import SourceRefused
from kvitto.sources.connectors.odoo.stream import ENTITIES
from tests.sources.connectors.odoo_source import ODOO
from tests.sources.connectors.stand_in.odoo import Odoo
from tests.sources.connectors.vendor import Source, conformed, rows

VENDOR = ODOO
CRM = (
    "sources",
    "mediums",
    "lost_reasons",
    "pipelines",
    "stages",
    "leads",
    "deals",
    "stage_history",
)


@pytest.fixture
def odoo(server: Odoo) -> Odoo:
    return server


def only(*names: str) -> Mapping[str, Any]:
    """A definition that leaves the other streams out."""
    return {"tables": [{"file": name, "skip": True} for name in ENTITIES if name not in names]}


def test_exactly_what_changed_is_fetched_and_a_deleted_lead_is_marked(
    source: Source, odoo: Odoo
) -> None:
    odoo.tick(86400)
    odoo.create("crm.lead", name="Last", type="opportunity", stage_id=1)
    first = source.sync(only("leads", "deals"))
    assert (source.pulled["deals"].received, source.pulled["leads"].received) == (21, 10)
    odoo.tick(86400)
    odoo.write("crm.lead", 14, stage_id=2)
    odoo.write("crm.lead", 15, active=False, won_status="lost", probability=0.0)
    odoo.remove("crm.lead", 16)
    source.now += timedelta(days=1)
    second = source.sync(only("leads", "deals"))
    pulled = source.pulled["deals"]
    # The newest record of the last time comes again: it stands within the overlap.
    assert (pulled.received, pulled.added, pulled.changed, pulled.removed) == (3, 0, 3, 0)
    gone = [row["id"] for row in rows(second, "deals") if row["_deleted"]]
    assert gone == ["16"]
    assert first.revision != second.revision
    assert source.sync(only("leads", "deals")).revision == second.revision


def test_the_canonical_tables_say_what_odoo_says(
    source: Source, odoo: Odoo, tmp_path: Path
) -> None:
    odoo.tick(3600)
    odoo.write("crm.lead", 20, stage_id=3)
    odoo.tick(3600)
    odoo.write(
        "crm.lead", 20, stage_id=4, won_status="won", probability=100.0,
        date_closed="2026-11-02 11:00:00",
    )  # fmt: skip
    answers = conformed(
        source.sync(only(*CRM)),
        tmp_path,
        "SELECT count(*), sum(amount) FROM deals WHERE amount IS NOT NULL",
        "SELECT outcome, probability, stage_id, source, owner_id, CAST(closed_at AS VARCHAR)"
        " FROM deals WHERE _source_id = '20'",
        "SELECT stage_id, seq, left_at IS NULL FROM deal_stage_history"
        " WHERE deal_id LIKE '%:20' ORDER BY seq",
        "SELECT status, count(*) FROM leads GROUP BY 1 ORDER BY 1",
        "SELECT name, outcome FROM stages ORDER BY position",
    )
    amounts = [number * Decimal("100.25") for number in range(11, 31) if number % 5]
    assert answers[0] == [(16, sum(amounts))]
    (deal,) = answers[1]
    assert deal[:3] == ("won", 1, "crm:stage:4")
    assert deal[3:5] == ("Website", "crm:user:2")
    assert deal[5].startswith("2026-11-02 11:00:00")
    assert answers[2] == [
        ("crm:stage:1", 1, False),
        ("crm:stage:3", 2, False),
        ("crm:stage:4", 3, True),
    ]
    assert answers[3] == [("new", 4), ("working", 6)]
    assert answers[4][-1] == ("Won", "won")


def test_apps_that_are_missing_and_rights_that_are_not_given_are_notices(
    source: Source, odoo: Odoo
) -> None:
    odoo.absent.add("project.task")
    odoo.refused.add("mail.tracking.value")
    staged = source.sync(only("stages", "tasks", "stage_history"))
    absent = {finding.table for finding in staged.findings if finding.code == "stream_absent"}
    assert absent == {"tasks", "stage_history"}
    assert [table.name for table in staged.tables] == ["stages"]


def test_a_key_that_was_revoked_since_marks_the_source(source: Source, odoo: Odoo) -> None:
    source.sync(only("stages"))
    odoo.key = "another"
    with pytest.raises(SourceRefused, match="Invalid apikey"):
        source.sync(only("stages"))
