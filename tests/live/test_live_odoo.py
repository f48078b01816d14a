"""Odoo 19 with its demo data: synced, changed, synced again, and compared with its database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kvitto.app.house import local_person, open_house
from kvitto.app.sync import SyncResult, sync
from kvitto.errors import SourceRefused, SourceUnreachable
from kvitto.sources.connectors.odoo.api import OdooApi
from kvitto.sources.connectors.odoo.settings import OdooSettings
from kvitto.sources.connectors.odoo.stream import ENTITIES
from kvitto.sources.stream import Api, Opening
from kvitto.warehouse import Warehouse
from tests.live.odoo import question
from tests.live.odoo.installation import Unavailable
from tests.live.odoo.remote import Remote
from tests.live.odoo.server import Odoo, running_odoo
from tests.postgres import running_cluster
from tests.sources.connectors.stand_in.odoo import DATABASE, FIELDS, stand_in
from tests.sources.connectors.vendor import Source, conformed, rows

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def server() -> Iterator[Odoo]:
    """One server for all tests; skips where it cannot be had."""
    try:
        with running_cluster() as cluster, running_odoo(cluster) as odoo:
            yield odoo
    except Unavailable as error:
        pytest.skip(str(error))


@dataclass(frozen=True)
class Book:
    """A database of the server's with demo data of its own, and a source that reads it."""

    server: Odoo
    database: str
    remote: Remote
    source: Source

    def sql(self, query: str) -> list[list[str]]:
        """What the database itself says."""
        told = self.server.cluster.run(query, self.database)
        return [line.split("|") for line in told.splitlines()]

    def spread(self) -> None:
        """Demo data is made within minutes; in life records change hours apart."""
        for model in sorted({entity.model for entity in ENTITIES.values()}):
            table = model.replace(".", "_")
            self.sql(
                f"UPDATE {table} SET write_date = write_date - id * interval '1 hour',"
                f" create_date = create_date - id * interval '1 hour'"
            )


def open_api(opening: Opening) -> Api:
    assert isinstance(opening.settings, OdooSettings)
    return OdooApi(opening, opening.settings)


@pytest.fixture
def book(server: Odoo, tmp_path: Path) -> Book:
    name = server.new_database()
    settings = {"url": server.url, "database": name}
    source = Source(
        "odoo", open_api, tmp_path, settings, {"api_key": server.keys["admin"]}, datetime.now(UTC)
    )
    return Book(server, name, Remote(server.url, name, server.keys["admin"]), source)


@pytest.fixture(scope="module")
def stood_in() -> Iterator[Remote]:
    with stand_in() as running:
        yield Remote(running.url, DATABASE, running.key)


@pytest.mark.parametrize("asked", question.OF_ANYBODY, ids=lambda one: one.__name__)
def test_odoo_and_its_stand_in_answer_alike(
    book: Book, stood_in: Remote, asked: Callable[[Remote], object]
) -> None:
    assert asked(stood_in) == asked(book.remote)


def test_odoo_and_its_stand_in_refuse_alike(book: Book) -> None:
    with stand_in() as running:
        running.refused.add("mail.tracking.value")
        beside = question.refused(Remote(running.url, DATABASE, running.key))
    seller = book.remote.as_user(book.server.keys["seller"])
    assert question.refused(seller) == beside


def test_the_stand_ins_fields_and_values_are_those_of_odoo(book: Book, stood_in: Remote) -> None:
    for model, kinds in FIELDS.items():
        told = book.remote.call(model, "fields_get", attributes=["type"])
        assert {name: told[name]["type"] for name in kinds} == {
            name: kind.partition(":")[0] for name, kind in kinds.items()
        }
    real, beside = (question.shapes(one, FIELDS) for one in (book.remote, stood_in))
    for kind, found in beside.items():
        assert found <= real[kind], kind


def test_every_total_is_that_of_the_database(book: Book, tmp_path: Path) -> None:
    staged = book.source.sync()
    assert [finding.code for finding in staged.findings] == []
    same = {
        "SELECT count(*), sum(amount) FROM deals": "SELECT count(*), sum(expected_revenue)"
        " FROM crm_lead WHERE type = 'opportunity'",
        "SELECT count(*) FROM deals WHERE outcome = 'won'": "SELECT count(*) FROM crm_lead"
        " WHERE type = 'opportunity' AND won_status = 'won'",
        "SELECT count(*) FROM leads": "SELECT count(*) FROM crm_lead WHERE type = 'lead'",
        "SELECT count(*) FROM leads WHERE status = 'disqualified'": "SELECT count(*)"
        " FROM crm_lead WHERE type = 'lead' AND NOT active",
        "SELECT count(*), sum(hours) FROM time_logs": "SELECT count(*), sum(unit_amount)"
        " FROM account_analytic_line WHERE project_id IS NOT NULL",
        "SELECT count(*), sum(amount_base) FROM orders": "SELECT count(*), sum(amount_untaxed)"
        " FROM sale_order WHERE state IN ('sale', 'cancel')",
        "SELECT count(*), sum(amount_base) FROM order_lines": "SELECT count(*),"
        " sum(price_subtotal) FROM sale_order_line WHERE display_type IS NULL"
        " AND state IN ('sale', 'cancel')",
        "SELECT count(*), sum(amount_base) FROM invoices": "SELECT count(*),"
        " sum(amount_untaxed_signed) FROM account_move WHERE move_type LIKE 'out%'",
        "SELECT count(*) FROM accounts": "SELECT count(*) FROM res_partner WHERE is_company",
        "SELECT count(*) FROM tasks": "SELECT count(*) FROM project_task"
        " WHERE project_id IS NOT NULL AND NOT coalesce(is_template, false)",
        "SELECT count(*), avg(score) FROM survey_responses": "SELECT count(*), avg(rating)"
        " FROM rating_rating WHERE consumed",
    }
    told = conformed(staged, tmp_path, *same, currency="USD")
    for ours, theirs, answer in zip(same, same.values(), told, strict=True):
        (expected,) = book.sql(theirs)
        (found,) = answer
        assert [round(Decimal(str(one)), 2) for one in found] == [
            round(Decimal(one), 2) for one in expected
        ], ours


def change(book: Book) -> dict[str, list[int]]:
    """Move four deals, win one, lose one, create one, delete one, over Odoo's own interface."""
    lead = "crm.lead"
    domain = [["type", "=", "opportunity"], ["won_status", "=", "pending"]]
    deals = book.remote.call(lead, "search", domain=domain, order="id")[:7]
    stages = {
        row["id"]: row["stage_id"][0]
        for row in book.remote.call(lead, "search_read", domain=domain, fields=["stage_id"])
    }
    for deal in deals[:4]:
        book.remote.call(lead, "write", ids=[deal], vals={"stage_id": stages[deal] % 3 + 1})
    book.remote.call(lead, "action_set_won", ids=[deals[4]])
    book.remote.call(lead, "action_set_lost", ids=[deals[5]], lost_reason_id=1)
    book.remote.call(lead, "unlink", ids=[deals[6]])
    values = {"name": "Made", "type": "opportunity", "expected_revenue": 123.45}
    created = book.remote.call(lead, "create", vals_list=[values])
    return {"moved": deals[:4], "won": [deals[4]], "lost": [deals[5]], "gone": [deals[6]],
            "made": created}  # fmt: skip


def test_exactly_the_changed_records_are_read_again(book: Book, tmp_path: Path) -> None:
    book.spread()
    before = {row["id"]: row for row in rows(book.source.sync(), "deals")}
    assert book.source.sync().revision == book.source.sync().revision
    done = change(book)
    book.source.now = datetime.now(UTC)
    staged = book.source.sync()
    after = {row["id"]: row for row in rows(staged, "deals")}
    differ = {number for number, row in after.items() if row != before.get(number)}
    assert differ == {str(number) for numbers in done.values() for number in numbers}
    # The deleted one cannot be read; the newest of the last time stands within the overlap.
    received = book.source.pulled["deals"].received
    assert len(differ) - 1 <= received <= len(differ)
    assert [number for number, row in after.items() if row["_deleted"]] == [str(done["gone"][0])]
    told = conformed(
        staged,
        tmp_path,
        "SELECT _source_id, outcome FROM deals WHERE is_deleted IS NOT TRUE",
        "SELECT deal_id, list(stage_id ORDER BY seq), list(changed_by_id ORDER BY seq)"
        " FROM deal_stage_history GROUP BY 1 HAVING count(*) > 1",
        "SELECT count(*) FROM deal_stage_history WHERE left_at < entered_at",
        currency="USD",
    )
    outcomes = dict(told[0])
    assert outcomes[str(done["won"][0])] == "won"
    assert outcomes[str(done["lost"][0])] == "lost"
    assert str(done["gone"][0]) not in outcomes
    moved = {deal.rpartition(":")[2]: (stages, who) for deal, stages, who in told[1]}
    assert set(moved) == {str(number) for number in (*done["moved"], *done["won"])}
    for number, (stages, who) in moved.items():
        ((old, new),) = book.sql(
            "SELECT old_value_integer, new_value_integer FROM mail_tracking_value v"
            " JOIN mail_message m ON m.id = v.mail_message_id"
            " JOIN ir_model_fields f ON f.id = v.field_id AND f.name = 'stage_id'"
            f" WHERE m.model = 'crm.lead' AND m.res_id = {number}"
        )
        assert stages == [f"crm:stage:{old}", f"crm:stage:{new}"]
        assert who == [None, "crm:user:2"]
    assert told[2] == [(0,)]


def test_small_pages_bring_the_same_as_large_ones(book: Book) -> None:
    large = [rows(book.source.sync(), name) for name in ("deals", "leads", "stages")]
    book.source.root = book.source.root / "small"
    book.source.root.mkdir()
    small = book.source.sync(page_size=3)
    assert [rows(small, name) for name in ("deals", "leads", "stages")] == large


def test_a_seller_reads_the_sales_and_is_told_of_the_rest(book: Book) -> None:
    book.source.secrets["api_key"] = book.server.keys["seller"]
    told = book.source.api().account()
    assert "Sally Seller" in told.label
    assert {"stage_history", "field_history", "time_logs"} <= set(told.refused)
    assert {"deals", "leads", "stages"} <= set(told.reads)
    absent = {f.table for f in book.source.sync().findings if f.code == "stream_absent"}
    assert absent == set(told.refused)


@pytest.fixture
def workspace(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose client has this Odoo and a file."""
    root = tmp_path / "agency"
    for folder in ("clients", "sources", "inbox"):
        (root / folder).mkdir(parents=True)
    (root / "kvitto.yml").write_text("agency: Atelier\ntimezone: UTC\ncurrency: USD\n")
    (root / "clients/acme.yml").write_text("name: Acme\ncurrency: USD\ntimezone: UTC\n")
    (root / "inbox/products.csv").write_text("Product,Series\nChair,Seats\n")
    fill = "{products: {product_id: Product, name: Product}}"
    (root / "sources/files.yml").write_text(
        f"client: acme\npath: inbox/*.csv\ntables:\n  - file: products.csv\n    fill: {fill}\n"
    )
    monkeypatch.setenv("ODOO_KEY", book.server.keys["admin"])
    settings = json.dumps({"url": book.server.url, "database": book.database})
    (root / "sources/odoo.yml").write_text(
        f"kind: odoo\nclient: acme\nsettings: {settings}\nsecrets: {{api_key: env:ODOO_KEY}}\n"
        "allow_private: true\n"
    )
    return root


def synced(root: Path) -> SyncResult:
    """One sync of the workspace, as from the command line."""
    house = open_house(root)
    try:
        return sync(house, local_person(house))
    finally:
        house.store.close()


def published(workspace: Path) -> Mapping[str, int]:
    """How many rows each table of the published version has."""
    return Warehouse(workspace / ".kvitto" / "warehouse").current().rows


def test_a_key_that_is_revoked_marks_the_source_and_the_others_go_on(
    book: Book, workspace: Path
) -> None:
    assert synced(workspace).is_new
    first = published(workspace)
    assert not synced(workspace).is_new
    book.sql("DELETE FROM res_users_apikeys")
    (workspace / "inbox/products.csv").write_text("Product,Series\nChair,Seats\nDesk,Tables\n")
    second = synced(workspace)
    assert second.is_new
    (failed,) = second.failed
    assert failed[0] == "odoo"
    assert isinstance(failed[1], SourceRefused)
    assert "Invalid apikey" in str(failed[1])
    assert book.server.keys["admin"] not in str(failed[1])
    assert published(workspace)["deals"] == first["deals"]
    assert published(workspace)["products"] == first["products"] + 1


def test_a_server_that_is_down_marks_the_source_and_the_others_go_on(
    book: Book, workspace: Path
) -> None:
    file = workspace / "sources/odoo.yml"
    with running_odoo(book.server.cluster) as another:
        file.write_text(file.read_text().replace(book.server.url, another.url))
        assert synced(workspace).is_new
    first = published(workspace)
    (workspace / "inbox/products.csv").write_text("Product,Series\nChair,Seats\nDesk,Tables\n")
    second = synced(workspace)
    ((name, error),) = second.failed
    assert name == "odoo"
    assert isinstance(error, SourceUnreachable)
    assert published(workspace)["deals"] == first["deals"]
