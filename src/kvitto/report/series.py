"""The editions of one report for one client, period after period."""

from __future__ import annotations

import re
from pathlib import Path

from kvitto.model.edition import Edition
from kvitto.model.period import Period
from kvitto.report.draft import drafts
from kvitto.report.place import edition_id
from kvitto.report.seal import SEAL, open_sealed


def sealed_editions(root: Path, client: str = "*", report: str = "*") -> tuple[str, ...]:
    """The ids of all sealed editions, sorted."""
    found = root.glob(f"{client}/{report}/*/*/{SEAL}")
    ids = ["/".join(path.relative_to(root).parts[:4]) for path in found]
    return tuple(sorted((name for name in ids if not _is_hidden(name)), key=_in_order))


def previous_sealed(
    root: Path, client: str, report: str, period: Period, number: int | None = None
) -> Edition | None:
    """The sealed edition before this one, verified; ``None`` for a first one.

    The newest of an earlier period of the same size, or, for a correction
    (``number`` above 1), the edition of the same period before it. Raises
    :class:`SealBroken` where that edition is damaged.
    """
    before: list[tuple[str, int, str]] = []
    shape = _shape(period.label)
    for name in sealed_editions(root, client, report):
        _, _, label, found = name.split("/")
        if _shape(label) != shape:
            continue
        same = label == edition_id(client, report, period.label, 1).split("/")[2]
        earlier = label < period.label or (same and number is not None and int(found) < number)
        if earlier:
            before.append((label, int(found), name))
    if not before:
        return None
    return open_sealed(root.joinpath(*max(before)[2].split("/")))[0]


def last_number(root: Path, client: str, report: str, period: Period) -> int:
    """The number of the last sealed edition of a period, 0 where there is none."""
    label = edition_id(client, report, period.label, 1).split("/")[2]
    numbers = [
        int(name.split("/")[3])
        for name in sealed_editions(root, client, report)
        if name.split("/")[2] == label
    ]
    return max(numbers, default=0)


def open_draft(root: Path, client: str, report: str, period: Period) -> str | None:
    """The id of the draft that is open for a period, ``None`` where there is none."""
    label = edition_id(client, report, period.label, 1).split("/")[2]
    found = [name for name in drafts(root, client, report) if name.split("/")[2] == label]
    return max(found, key=_in_order) if found else None


def _shape(label: str) -> str:
    """Months are compared with months: the label with its digits hidden."""
    return re.sub(r"\d", "9", label)


def _in_order(name: str) -> tuple[str, str, str, int]:
    client, report, period, number = name.split("/")
    return client, report, period, int(number)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))
