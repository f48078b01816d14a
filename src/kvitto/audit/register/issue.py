"""Findings become issues, which have a history: found on a day, settled on a day.

An issue is one kind of trouble in one place (client, check, source, table,
column), however many rows it concerns. What was found before is carried on from
version to version and never worked out from today's data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from kvitto.audit.register.state import State
from kvitto.audit.register.writing import add, renew
from kvitto.model.finding import Finding, Resolution, Severity

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_Place = tuple[str, str, str, str, str]
"""Client, check, source, table, column."""

_BY_RULE = {Resolution.default: "defaulted", Resolution.exclude: "excluded"}
_GRAVEST = (Severity.error, Severity.warning, Severity.notice)


@dataclass(frozen=True, slots=True)
class Issue:
    """One trouble from the day it was found to the day it was settled."""

    id: str
    place: _Place
    severity: str
    detected: date
    resolved: date | None = None
    resolution: str | None = None

    def row(self) -> dict[str, Any]:
        """As a row of ``data_issues``; moments are the beginnings of the client's days."""
        client, code, source, table, column = self.place
        return {
            "client_id": client,
            "issue_id": self.id,
            "rule_id": code,
            "object": table or None,
            "field": column or None,
            "severity": self.severity,
            "detected_at": datetime.combine(self.detected, time()),
            "detected_on": self.detected,
            "resolved_at": self.resolved and datetime.combine(self.resolved, time()),
            "resolved_on": self.resolved,
            "resolution": self.resolution,
            "_source_id": source,
        }


def keep_issues(
    connection: DuckDBPyConnection, findings: Sequence[Finding], days: Mapping[str, date]
) -> tuple[Issue, ...]:
    """Bring the issues up to the day of the audit, and give all of them back."""
    renew(connection, "data_issues", sorted(days), "TRUE")
    before = _read(connection)
    after = follow(before, findings, days)
    renew(connection, "data_issues", ())
    add(connection, "data_issues", [one.row() for one in after])
    return after


def follow(
    before: Sequence[Issue], findings: Sequence[Finding], days: Mapping[str, date]
) -> tuple[Issue, ...]:
    """The issues after an audit that found these findings.

    What is found no more is fixed on that day; what a rule fills in or leaves
    out is settled by the rule; what comes back after it was fixed is a new issue.
    """
    issues = {one.id: one for one in before if one.place[0] in days}
    latest: dict[_Place, Issue] = {}
    for one in sorted(issues.values(), key=lambda one: (one.detected, one.id)):
        latest[one.place] = one
    found = _by_place(findings, days)
    for place, listed in found.items():
        now = _followed(latest.get(place), place, listed, days[place[0]])
        issues[now.id] = now
    for place, last in latest.items():
        if place not in found and last.resolved is None:
            day = max(days[place[0]], last.detected)
            issues[last.id] = replace(last, resolved=day, resolution="fixed")
    return tuple(sorted(issues.values(), key=lambda one: (one.place, one.detected, one.id)))


def missing_field_states(issues: Sequence[Issue]) -> Iterator[State]:
    """One line for each open issue of an empty field."""
    for one in issues:
        client, code, source, table, column = one.place
        if code == "missing_field" and one.resolved is None:
            yield State(client, "missing_field", 1, 1, table, column, source)


def _followed(last: Issue | None, place: _Place, found: Sequence[Finding], day: date) -> Issue:
    severity = min((one.severity for one in found), key=_GRAVEST.index).value
    rules = {_BY_RULE.get(one.resolution) for one in found}
    settled = None if None in rules else sorted(str(one) for one in rules)[-1]
    by_rule = settled is not None
    if last is None or (last.resolved is not None and _is_back(last, by_rule, day)):
        fresh = Issue(_id(place, day), place, severity, day)
        return replace(fresh, resolved=day, resolution=settled) if by_rule else fresh
    if last.resolved is None:
        now = replace(last, severity=severity)
        return replace(now, resolved=day, resolution=settled) if by_rule else now
    if last.resolution == "fixed" or not by_rule:
        return replace(last, resolved=None, resolution=None, severity=severity)
    return replace(last, severity=severity)


def _is_back(last: Issue, by_rule: bool, day: date) -> bool:
    """Whether it was settled and is a new issue; on the day itself it is still the old one."""
    settled_by_rule = last.resolution != "fixed"
    return last.detected != day and (not settled_by_rule or not by_rule)


def _by_place(findings: Sequence[Finding], days: Mapping[str, date]) -> dict[_Place, list[Finding]]:
    found: dict[_Place, list[Finding]] = {}
    for one in findings:
        if one.client in days:
            place = (one.client, one.code, one.source, one.table, one.column or "")
            found.setdefault(place, []).append(one)
    return found


def _id(place: _Place, day: date) -> str:
    text = "\x1f".join((*place, day.isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(connection: DuckDBPyConnection) -> tuple[Issue, ...]:
    rows = connection.execute(
        "SELECT issue_id, client_id, rule_id, coalesce(_source_id, ''), coalesce(object, ''),"
        " coalesce(field, ''), severity, detected_on, resolved_on, resolution FROM data_issues"
        " WHERE _source = 'workspace' ORDER BY issue_id"
    ).fetchall()
    return tuple(Issue(row[0], (row[1], row[2], row[3], row[4], row[5]), *row[6:]) for row in rows)
