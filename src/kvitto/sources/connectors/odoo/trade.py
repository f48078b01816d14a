"""Orders, invoices and products."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.sources.connectors.odoo.entity import ACCOUNT, Entity, Row, changing
from kvitto.sources.stream import FieldKind
from kvitto.workspace.definition import ColumnMap

_HOME = "home_amount"
_ORDERED = ("state", "in", ["sale", "done", "cancel"])


PRODUCTS = Entity(
    changing(
        "products",
        {
            "display_name": "text",
            "categ_id.name": "text",
            "standard_price": "money",
            "active": "flag",
        },
        {
            "products": {
                "product_id": "id",
                "name": "display_name",
                "family": "categ_id.name",
                "unit_cost_base": "standard_price",
            }
        },
        "products and services, each variant of its own",
    ),
    "product.product",
    unset=("standard_price",),
)

_ORDER: dict[str, FieldKind] = {
    "name": "text",
    "partner_id": "text",
    ACCOUNT: "text",
    "opportunity_id": "text",
    "campaign_id": "text",
    "user_id": "text",
    "team_id": "text",
    "state": "text",
    "date_order": "instant",
    "create_date": "instant",
    "amount_untaxed": "money",
    "amount_total": "money",
    "currency_id.name": "text",
    "company_id": "text",
    _HOME: "money",
}

ORDERS = Entity(
    changing(
        "orders",
        _ORDER,
        {
            "orders": {
                "order_id": "id",
                "account_id": ACCOUNT,
                "deal_id": "opportunity_id",
                "campaign_id": "campaign_id",
                "ordered_at": "date_order",
                "status": ColumnMap(
                    column="state",
                    values={"sale": "placed", "done": "placed", "cancel": "cancelled"},
                ),
                "amount_base": _HOME,
            }
        },
        "confirmed and cancelled orders; quotations are proposals",
    ),
    "sale.order",
    (_ORDERED,),
    made=(ACCOUNT, _HOME),
)

ORDER_LINES = Entity(
    changing(
        "order_lines",
        {
            "order_id": "text",
            "product_id": "text",
            "name": "text",
            "state": "text",
            "product_uom_qty": "number",
            "price_subtotal": "money",
            "discount": "number",
            "currency_id.name": "text",
            "company_id": "text",
            _HOME: "money",
        },
        {
            "order_lines": {
                "order_id": "order_id",
                "line_no": "id",
                "product_id": "product_id",
                "quantity": "product_uom_qty",
                "amount_base": _HOME,
            }
        },
        "lines of orders, without headings and remarks",
    ),
    "sale.order.line",
    (("display_type", "=", False), _ORDERED),
    made=(_HOME,),
)


def _offer(row: Row) -> Mapping[str, object]:
    words = {"draft": "draft", "sent": "sent", "sale": "accepted", "done": "accepted"}
    return {"standing": words.get(str(row["state"]), "rejected")}


PROPOSALS = Entity(
    changing(
        "proposals",
        {**{k: v for k, v in _ORDER.items() if k != ACCOUNT}, "standing": "text"},
        {
            "proposals": {
                "proposal_id": "id",
                "proposal_group_id": "id",
                "deal_id": "opportunity_id",
                "amount_base": _HOME,
                "status": "standing",
            }
        },
        "quotations and the orders that came of them, where they belong to a deal",
    ),
    "sale.order",
    (("opportunity_id", "!=", False),),
    made=(_HOME, "standing"),
    make=_offer,
)


def _settled(row: Row) -> Mapping[str, object]:
    """An invoice's standing, from whether it was posted and whether it was paid."""
    state = str(row["state"])
    if state != "posted":
        return {"standing": {"draft": "draft", "cancel": "void"}.get(state)}
    words = {"paid": "paid", "in_payment": "paid", "reversed": "void"}
    return {"standing": words.get(str(row["payment_state"]), "open")}


INVOICES = Entity(
    changing(
        "invoices",
        {
            "name": "text",
            "move_type": "text",
            "partner_id": "text",
            ACCOUNT: "text",
            "state": "text",
            "payment_state": "text",
            "invoice_date": "day",
            "invoice_date_due": "day",
            "amount_untaxed_signed": "money",
            "amount_residual_signed": "money",
            "company_currency_id.name": "text",
            "standing": "text",
        },
        {
            "invoices": {
                "invoice_id": "id",
                "account_id": ACCOUNT,
                "issued_on": "invoice_date",
                "due_on": "invoice_date_due",
                "amount_base": "amount_untaxed_signed",
                "status": "standing",
            }
        },
        "invoices to customers and their credits, in the company's currency",
    ),
    "account.move",
    (("move_type", "in", ["out_invoice", "out_refund", "out_receipt"]),),
    made=(ACCOUNT, "standing"),
    make=_settled,
)

TRADE = (PRODUCTS, ORDERS, ORDER_LINES, PROPOSALS, INVOICES)

HOME_AMOUNTS: Mapping[str, str] = {
    "orders": "amount_untaxed",
    "order_lines": "price_subtotal",
    "proposals": "amount_untaxed",
}
"""The amount that stands in ``home_amount`` where it is in the currency of its company."""
