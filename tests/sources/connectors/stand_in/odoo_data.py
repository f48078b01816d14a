"""What the Odoo stand-in holds at first."""

from __future__ import annotations

from typing import Protocol


class Fillable(Protocol):
    """What can be filled."""

    def create(self, model: str, /, **values: object) -> int: ...

    def tick(self, seconds: float = 1) -> None: ...


def fill(odoo: Fillable) -> None:
    """A small company: three users, six partners, four stages, leads and deals, an order."""
    eur = odoo.create("res.currency", name="EUR")
    usd = odoo.create("res.currency", name="USD")
    company = odoo.create("res.company", name="Acme Reseller", currency_id=eur)
    team = odoo.create("crm.team", name="Sales")
    for name, active in (("OdooBot", False), ("Anna", True), ("Bo", True)):
        login = name.lower()
        odoo.create(
            "res.users", name=name, login=login, email=f"{login}@example.com", active=active,
            share=False, sale_team_id=team, company_id=company, tz="Europe/Stockholm",
        )  # fmt: skip
    for name in ("Website", "Referral"):
        odoo.create("utm.source", name=name)
    odoo.create("utm.medium", name="Email")
    odoo.create("utm.campaign", name="spring", title="Spring", user_id=2)
    for name in ("Too expensive", "No answer"):
        odoo.create("crm.lost.reason", name=name)
    for place, name in enumerate(("New", "Qualified", "Proposition", "Won"), start=1):
        odoo.create("crm.stage", name=name, sequence=place, is_won=name == "Won")
    _fill_partners(odoo)
    _fill_leads(odoo, eur)
    odoo.tick(3600)
    product = odoo.create("product.product", name="Chair", display_name="Chair")
    for currency, amount in ((eur, 900.5), (usd, 700.0)):
        order = odoo.create(
            "sale.order", name="S1", partner_id=1, opportunity_id=11, state="sale",
            date_order="2026-11-01 22:30:00", amount_untaxed=amount, amount_total=amount,
            currency_id=currency, company_id=company,
        )  # fmt: skip
        odoo.create(
            "sale.order.line", order_id=order, product_id=product, state="sale",
            product_uom_qty=3.0, price_subtotal=amount, currency_id=currency, company_id=company,
        )  # fmt: skip
    _fill_work(odoo)


def _fill_partners(odoo: Fillable) -> None:
    """Two companies, a person of each, a private person, and one of our own people."""
    for number, name in enumerate(("Northwind", "Tailspin"), start=1):
        odoo.create(
            "res.partner", name=name, is_company=True, type="contact", partner_share=True,
            commercial_partner_id=number, website=f"https://{name.lower()}.example",
        )  # fmt: skip
    for name, above in (("Nora", 1), ("Tom", 2), ("Pia", False)):
        odoo.create(
            "res.partner", name=name, is_company=False, type="contact", partner_share=True,
            parent_id=above, commercial_partner_id=above or 5, email=f"{name.lower()}@example.com",
        )  # fmt: skip
    odoo.create("res.partner", name="Anna", is_company=False, type="contact", partner_share=False)


def _fill_leads(odoo: Fillable, currency: int) -> None:
    """Ten leads, numbers 1 to 10, and twenty deals, all made in the same second."""
    for number in range(1, 31):
        is_deal = number > 10
        odoo.create(
            "crm.lead", name=f"Wish {number}", type="opportunity" if is_deal else "lead",
            partner_id=(1, 3, 5, False)[number % 4], user_id=number > 4 and 2 + number % 2,
            date_open=number > 4 and "2026-11-01 09:00:00", team_id=1, stage_id=1,
            won_status="pending", probability=10.0, source_id=1 + number % 2, medium_id=1,
            campaign_id=1, expected_revenue=number * 100.25 if is_deal and number % 5 else 0.0,
            company_currency=currency,
        )  # fmt: skip


def _fill_work(odoo: Fillable) -> None:
    project = odoo.create("project.project", name="Fit-out", last_update_status="on_hold")
    task = odoo.create(
        "project.task", name="Measure", project_id=project, user_ids=[3, 2], priority="1",
        state="1_done", date_end="2026-11-02 07:00:00",
    )  # fmt: skip
    odoo.create(
        "account.analytic.line", name="On site", date="2026-11-01", unit_amount=2.5, user_id=3,
        project_id=project, task_id=task,
    )  # fmt: skip
    odoo.create("rating.rating", rating=5.0, feedback="Great", partner_id=3, consumed=True,
                rated_on="2026-11-02 07:30:00", res_model="project.task", res_id=task)  # fmt: skip
    call = odoo.create("mail.activity.type", name="Call", category="phonecall")
    odoo.create(
        "mail.activity", res_model="crm.lead", res_id=12, activity_type_id=call, user_id=2,
        activity_category="phonecall", date_deadline="2026-11-05",
    )  # fmt: skip
    odoo.create(
        "mail.message", model="crm.lead", res_id=3, message_type="email", create_uid=1,
        date="2026-11-01 10:00:00",
    )  # fmt: skip
    odoo.create(
        "account.move", name="INV1", move_type="out_invoice", partner_id=4, state="posted",
        payment_state="paid", invoice_date="2026-10-30", amount_untaxed_signed=900.5,
    )  # fmt: skip
