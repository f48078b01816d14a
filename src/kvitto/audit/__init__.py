"""Canonical tables -> findings and decisions."""

from kvitto.audit.auditing import AuditResult, Tally, audit
from kvitto.audit.reading import read_findings
from kvitto.audit.rule import check_rules

__all__ = ["AuditResult", "Tally", "audit", "check_rules", "read_findings"]
