"""Bills: Stripe's invoices, a Swedish accounting export, an Italian one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal

from kvitto.app.agency.layout import FileLayout, Setting, comma
from kvitto.app.agency.layouts.gestionale import day as italian
from kvitto.app.agency.record import Invoice, Record
from kvitto.app.agency.sheet import Form, Row

_STRIPE = (
    "id",
    "number",
    "customer",
    "customer_name",
    "customer_email",
    "currency",
    "created",
    "due_date",
    "paid_at",
    "status",
    "subtotal",
    "total",
    "amount_due",
    "amount_paid",
    "billing_reason",
    "description",
)
_FORTNOX = (
    "Fakturanr",
    "Kundnr",
    "Kundnamn",
    "Fakturadatum",
    "Förfallodatum",
    "Slutbetald",
    "Belopp exkl. moms",
    "Moms",
    "Totalt",
    "Valuta",
    "Status",
)
_FATTURE = (
    "Numero fattura",
    "Data fattura",
    "Scadenza",
    "Data pagamento",
    "Codice cliente",
    "Cliente",
    "Imponibile",
    "IVA",
    "Totale",
    "Valuta",
    "Stato",
)
_VAT = {"SE": Decimal("0.25"), "IT": Decimal("0.22"), "GB": Decimal("0.20")}
_CENT = Decimal("0.01")


def stripe() -> tuple[FileLayout, ...]:
    """Invoices as lines of JSON; amounts in the smallest unit of money, times in UTC."""
    return (FileLayout("invoices", Invoice, _STRIPE, _stripe, Form(kind="jsonl")),)


def fortnox() -> tuple[FileLayout, ...]:
    """Swedish: Windows' encoding, semicolons, decimal commas, blanks between thousands."""
    form = Form(encoding="cp1252", delimiter=";")
    return (FileLayout("fakturor", Invoice, _FORTNOX, _fortnox, form),)


def fatture() -> tuple[FileLayout, ...]:
    """Italian: semicolons, decimal commas, days before months."""
    form = Form(encoding="utf-8-sig", delimiter=";")
    return (FileLayout("fatture", Invoice, _FATTURE, _fattura, form),)


def _with_tax(record: Invoice, setting: Setting) -> tuple[Decimal, Decimal]:
    tax = (record.amount * _VAT[setting.profile.country]).quantize(_CENT)
    return tax, record.amount + tax


def _noon(on: date | None) -> str | None:
    if on is None:
        return None
    return datetime.combine(on, time(12), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stripe(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Invoice)
    _, total = _with_tax(record, setting)
    cents = int(total * 100)
    yield (
        f"in_1N{int(record.number):020d}",
        record.number,
        f"cus_{record.account:010d}",
        record.company,
        record.email,
        record.currency.lower(),
        _noon(record.issued),
        _noon(record.due),
        _noon(record.paid),
        "paid" if record.paid else "open",
        int(record.amount * 100),
        cents,
        cents,
        cents if record.paid else 0,
        "manual",
        record.product,
    )


def _fortnox(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Invoice)
    tax, total = _with_tax(record, setting)
    late = record.paid is None and record.due < setting.as_of
    yield (
        record.number,
        record.account,
        record.company,
        record.issued,
        record.due,
        record.paid or "",
        comma(record.amount, " "),
        comma(tax, " "),
        comma(total, " "),
        record.currency,
        "Betald" if record.paid else "Förfallen" if late else "Obetald",
    )


def _fattura(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Invoice)
    tax, total = _with_tax(record, setting)
    yield (
        f"{int(record.number[4:])}/{record.number[:4]}",
        italian(record.issued),
        italian(record.due),
        italian(record.paid),
        f"CLI-{record.account:06d}",
        record.company,
        comma(record.amount, "."),
        comma(tax, "."),
        comma(total, "."),
        record.currency,
        "Pagata" if record.paid else "Da pagare",
    )
