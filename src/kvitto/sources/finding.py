"""Findings of reading, made in one shape."""

from __future__ import annotations

from kvitto.model.finding import Finding, Resolution, Severity


def reading_finding(
    code: str,
    *,
    client: str,
    source: str,
    table: str,
    message: str,
    todo: str,
    rows: int = 0,
    column: str | None = None,
    records: tuple[str, ...] = (),
    severity: Severity = Severity.warning,
    resolution: Resolution = Resolution.keep,
) -> Finding:
    """A finding about a file: ``table`` is its name, ``records`` are line numbers."""
    return Finding(
        code=code,
        severity=severity,
        client=client,
        source=source,
        table=table,
        column=column,
        rows=rows,
        records=records,
        message=message,
        todo=todo,
        resolution=resolution,
    )
