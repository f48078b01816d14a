"""Salesforce synced again and again: exactly what changed, and what it becomes."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import SourceUnreachable
from kvitto.sources.connectors.salesforce.api import SalesforceApi
from kvitto.sources.connectors.salesforce.stream import ENTITIES, STREAMS
from kvitto.sources.stream import Wanted
from tests.sources.connectors.stand_in.salesforce import Server, stand_in
from tests.sources.connectors.stand_in.salesforce_data import TYPE_OF
from tests.sources.connectors.vendor import Source, Vendor, check, conformed, rows

VENDOR = Vendor("salesforce", SalesforceApi, stand_in)
DATA = Path(__file__).parents[4] / "shared" / "data"


def only(*names: str) -> dict[str, Any]:
    """A definition that reads these streams and no other."""
    return {"tables": [{"file": s.name, "skip": True} for s in STREAMS if s.name not in names]}


def test_a_second_sync_brings_exactly_what_changed(server: Server, source: Source) -> None:
    deals = only("opportunities")
    source.sync(deals)
    assert source.pulled["opportunities"].added == 30
    server.change()
    server.delete()
    staged = source.sync(deals)
    brought = source.pulled["opportunities"]
    assert (brought.added, brought.changed) == (0, 3)
    assert brought.received < 10, "beyond the overlap nothing is asked for again"
    found = {row["Id"][-2:]: row for row in rows(staged, "opportunities")}
    assert (found["01"]["Amount"], found["02"]["Outcome"]) == ("99000.5", "won")
    assert (found["03"]["_deleted"], len(found)) == ("true", 30)


def test_a_run_that_breaks_off_is_carried_on(server: Server, source: Source) -> None:
    server.org.page_size = 10
    server.org.breaks_after = 2
    with pytest.raises(SourceUnreachable):
        source.sync(only("opportunities"))
    server.org.breaks_after = None
    staged = source.sync(only("opportunities"))
    assert source.pulled["opportunities"].received < 30
    assert len(rows(staged, "opportunities")) == 30


def test_deals_become_canonical_with_stages_history_and_outcome(
    source: Source, tmp_path: Path
) -> None:
    staged = source.sync(only("opportunities", "opportunity_stages", "opportunity_history"))
    deals, stages, entries, pipelines = conformed(
        staged,
        tmp_path,
        "SELECT outcome, count(*), sum(amount_base), max(probability) FROM deals GROUP BY 1"
        " ORDER BY 1",
        "SELECT name, outcome, default_probability FROM stages ORDER BY position",
        "SELECT s.name FROM deal_stage_history AS h JOIN stages AS s USING (stage_id)"
        f" WHERE h.deal_id = 'crm:deal:006{1:015d}' ORDER BY seq",
        "SELECT count(*) FROM pipelines",
    )
    assert [row[:2] for row in deals] == [("open", 29), ("won", 1)]
    assert float(deals[0][3]) == pytest.approx(0.1)
    assert stages[-2:] == [("Closed Won", "won", 1.0), ("Closed Lost", "lost", 0.0)]
    assert [name for (name,) in entries] == ["Prospecting", "Qualification", "Closed Won"]
    assert pipelines == [(1,)]


def test_a_meeting_that_is_over_is_kept_as_held_at_the_next_sync(source: Source) -> None:
    source.sync(only("events"))
    source.now = datetime(2026, 12, 2, tzinfo=UTC)
    held = {row["Id"]: row["HeldAt"] for row in rows(source.sync(only("events")), "events")}
    assert held["00U2"] == "2026-12-01T09:00:00.000Z"


def _day(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%y").strftime("%Y-%m-%d")


def _instant(text: str) -> str:
    form = "%m/%d/%y %I:%M %p" if " " in text else "%m/%d/%y"
    return datetime.strptime(text, form).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _typed(name: str, text: str) -> Any:
    """A value of an exported file as the organisation holds it."""
    kind = TYPE_OF.get(name, "string")
    if text == "":
        return None
    if kind == "boolean":
        return text.upper() == "TRUE"
    if kind in ("currency", "percent", "double", "int"):
        return float(text)
    if kind == "date":
        return _day(text) if "/" in text else text[:10]
    if kind == "datetime":
        return _instant(text) if "/" in text else text.replace(" ", "T") + ".000+0000"
    return text


def _load(server: Server, name: str, file: Path, *, snake: bool = False) -> int:
    """Put a file's records into the organisation; gives how many."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    org = server.org
    for line in lines:
        named = {_camel(column) if snake else column: text for column, text in line.items()}
        known = {c: _typed(c, t) for c, t in named.items() if re.fullmatch(r"[A-Za-z]\w*", c)}
        org.objects[name].update({c: "string" for c in known if c not in org.objects[name]})
        row = org.put(name, Id=str(known.pop("Id")).strip())
        row.update({column: value for column, value in known.items() if value is not None})
        if "SystemModstamp" in row and not known.get("SystemModstamp"):
            row["SystemModstamp"] = known.get("LastModifiedDate") or org.tick(1)
    return len(lines)


def _camel(column: str) -> str:
    if column.endswith("_c"):
        return column[:-2].title() + "__c"
    return "".join(part.title() for part in column.split("_"))


@pytest.mark.parametrize(
    ("folder", "files", "snake"),
    [
        (
            "salesforce_devorg/data",
            {
                "Account": "Account",
                "Contact": "Contact",
                "Lead": "Lead",
                "Opportunity": "Opportunity",
                "OpportunityHistory": "OpportunityHistory",
            },
            False,
        ),
        (
            "fivetran_layouts/dbt_salesforce",
            {
                "Account": "sf_account_data",
                "Contact": "sf_contact_data",
                "Lead": "sf_lead_data",
                "Opportunity": "sf_opportunity_data",
                "OpportunityLineItem": "sf_opportunity_line_item_data",
                "Task": "sf_task_data",
                "Event": "sf_event_data",
                "User": "sf_user_data",
                "UserRole": "sf_user_role_data",
                "Product2": "sf_product_2_data",
                "Order": "sf_order_data",
            },
            True,
        ),
    ],
)
def test_the_columns_of_real_organisations_are_read(
    folder: str, files: dict[str, str], snake: bool, tmp_path: Path
) -> None:
    if not (DATA / folder).is_dir():
        pytest.skip(f"{DATA / folder} is not there")
    with stand_in(empty=True) as server:
        loaded = {
            name: _load(server, name, DATA / folder / f"{file}.csv", snake=snake)
            for name, file in files.items()
        }
        source = Source("salesforce", SalesforceApi, tmp_path, server.settings, server.secrets)
        api = source.api()
        entities = {stream.name: stream for stream in api.streams()}
        for name, expected in loaded.items():
            stream = entities[next(s for s, e in ENTITIES.items() if e.name == name)]
            found = [r for page in api.pages(stream, Wanted()) for r in page]
            held = {str(row["Id"]) for row in server.org.rows[name]}
            assert {str(record["Id"]) for record in found} == held
            assert len(held) <= expected
            filled = {n for record in found for n, value in record.items() if value is not None}
            assert {"Id"} < filled


def test_the_deals_of_a_real_organisation_conform(tmp_path: Path) -> None:
    folder = DATA / "salesforce_devorg" / "data"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    with stand_in(empty=True) as server:
        for name in ("Opportunity", "OpportunityHistory", "Account"):
            _load(server, name, folder / f"{name}.csv")
        source = Source("salesforce", SalesforceApi, tmp_path, server.settings, server.secrets)
        wanted = only("opportunities", "opportunity_history", "accounts")
        staged = source.sync(wanted, closing="close_date")
        deals, moves = conformed(
            staged,
            tmp_path,
            "SELECT count(*), count(amount), count(account_id), count(*) FILTER (outcome = 'won')"
            " FROM deals",
            "SELECT count(*) FROM deal_stage_history",
        )
        with (folder / "Opportunity.csv").open(encoding="utf-8-sig") as stream:
            real = list(csv.DictReader(stream))
        won = sum(row["IsWon"] == "TRUE" for row in real)
        with_amount = sum(row["Amount"] != "" for row in real)
        assert deals == [(len(real), with_amount, len(real), won)]
        assert moves[0][0] >= len(real) - 5


def test_the_source_of_a_workspace_is_checked_with_its_credentials_from_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.secrets.items():
        monkeypatch.setenv(name.upper(), value)
    secrets = {name: f"env:{name.upper()}" for name in server.secrets}
    account = check("salesforce", tmp_path, {"settings": server.settings, "secrets": secrets})
    assert account.label.startswith("Lindqvist Maskin AB")
