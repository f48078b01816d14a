"""The checks by name; others enter through the entry point group ``kvitto.check``."""

from __future__ import annotations

from kvitto.audit.probe import Check
from kvitto.registry import Registry

CHECKS: Registry[Check] = Registry(
    "check",
    {
        "duplicate_key": "kvitto.audit.checks.duplicate:probe",
        "missing_key": "kvitto.audit.checks.key:probe",
        "missing_field": "kvitto.audit.checks.missing:probe",
        "unknown_value": "kvitto.audit.checks.label:probe",
        "invalid_email": "kvitto.audit.checks.email:probe",
        "date_out_of_range": "kvitto.audit.checks.date:probe",
        "negative_number": "kvitto.audit.checks.negative:probe",
        "share_out_of_range": "kvitto.audit.checks.share:probe",
        "unknown_currency": "kvitto.audit.checks.currency:probe",
        "impossible_order": "kvitto.audit.checks.order:probe",
        "orphan": "kvitto.audit.checks.orphan:probe",
        "placeholder": "kvitto.audit.checks.placeholder:probe",
        "unknown_country": "kvitto.audit.checks.country:probe",
        "invalid_phone": "kvitto.audit.checks.phone:probe",
        "impossible_number": "kvitto.audit.checks.limit:probe",
        "impossible_amount": "kvitto.audit.checks.amount:probe",
        "date_ahead": "kvitto.audit.checks.ahead:probe",
        "test_record": "kvitto.audit.checks.trial:probe",
        "double_submitted": "kvitto.audit.checks.form:probe",
        "bulk_change": "kvitto.audit.checks.bulk:probe",
    },
)
