"""Questions in SOQL, and the names that may stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kvitto.errors import BadDefinition

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")


def select(
    object_name: str,
    fields: Sequence[str],
    *,
    where: Sequence[str] = (),
    order: Sequence[str] = (),
) -> str:
    """One question. Raises :class:`BadDefinition` for a field that is no name."""
    wrong = [name for name in fields if not _NAME.fullmatch(name)]
    if wrong:
        raise BadDefinition.of(
            f"fields of {object_name}",
            f"'{wrong[0]}' is not the API name of a field",
            "Write names such as Region__c, as Setup > Object Manager shows them.",
        )
    conditions = [f"({one})" for one in where if one]
    return (
        f"SELECT {', '.join(fields)} FROM {object_name}"
        + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
        + (f" ORDER BY {', '.join(order)}" if order else "")
    )


def not_before(field: str, instant: datetime) -> str:
    """At or after the instant, which is rounded down to the second."""
    return f"{field} >= {_written(instant)}"


def not_after(field: str, instant: datetime) -> str:
    """At or before the instant, which is rounded up to the second."""
    up = instant if not instant.microsecond else instant + timedelta(seconds=1)
    return f"{field} <= {_written(up)}"


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
