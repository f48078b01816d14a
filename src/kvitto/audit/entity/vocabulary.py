"""The word lists beside this module: legal forms, abbreviations, free mail, role mailboxes.

Written from general knowledge of how companies are registered and mail is used.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@cache
def legal_forms() -> tuple[tuple[str, str, str], ...]:
    """Folded form, the code it stands for, and where it stands: ``end``, ``front`` or ``both``."""
    return tuple((form, code, place) for form, code, place in _rows("legal_forms.csv"))


@cache
def abbreviations() -> tuple[tuple[str, str], ...]:
    """A short word and the word that it is read as."""
    return tuple((short, word) for short, word in _rows("abbreviations.csv"))


@cache
def free_mail_hosts() -> tuple[str, ...]:
    """Hosts at which anybody has an address: they do not tell companies apart."""
    return tuple(row[0] for row in _rows("free_mail.csv"))


@cache
def role_mailboxes() -> tuple[str, ...]:
    """Mailboxes of a task, not of a person."""
    return tuple(row[0] for row in _rows("role_mailboxes.csv"))


def _rows(name: str) -> list[list[str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as handle:
        return [row for row in csv.reader(handle) if row][1:]
