"""The rules about whole records, brought together for each client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from kvitto.workspace.definition import ClientDefinition, RulesDefinition
from kvitto.workspace.record_rule import FormRule, PlaceholderRule, TestRule

COPIED = "double submitted"
"""What ``_excluded`` says of a form that was sent again."""

POSTS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "me.com",
        "msn.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "protonmail.com",
        "proton.me",
        "mail.com",
        "telia.com",
        "example.com",
        "example.org",
        "example.net",
    ]
)
"""Domains at which anybody may have an address: an address there tells nothing."""


@dataclass(frozen=True, slots=True)
class Records:
    """What holds for one client: its rules, its own domains, country and midnights.

    ``midnights`` are how far from midnight in UTC its days may begin.
    """

    tests: TestRule = field(default_factory=TestRule)
    forms: FormRule = field(default_factory=FormRule)
    placeholders: PlaceholderRule = field(default_factory=PlaceholderRule)
    own: tuple[str, ...] = ()
    country: str | None = None
    midnights: tuple[timedelta, ...] = field(default=())


def bring_together(
    rules: Iterable[RulesDefinition], clients: Mapping[str, ClientDefinition]
) -> dict[str, Records]:
    """The rules of each client; lists of several files add up."""
    given = list(rules)
    return {
        name: _of_client(client, [one for one in given if not one.clients or name in one.clients])
        for name, client in clients.items()
    }


def alike(
    records: Mapping[str, Records], clients: Sequence[str], part: str
) -> list[tuple[Records, tuple[str, ...]]]:
    """The clients in groups of those for which ``part`` of the rules says the same."""
    groups: dict[object, list[str]] = {}
    for client in clients:
        groups.setdefault(getattr(records.get(client, NO_RULES), part), []).append(client)
    return [(records.get(names[0], NO_RULES), tuple(names)) for names in groups.values()]


def domain_of(address: str) -> str | None:
    """What stands after the sign in an address, if it tells whose address it is."""
    domain = address.rpartition("@")[2].strip().strip(">").lower()
    return domain if "." in domain and domain not in POSTS else None


def _of_client(client: ClientDefinition, rules: Sequence[RulesDefinition]) -> Records:
    tests = [one.tests for one in rules if one.tests is not None]
    forms = [one.forms for one in rules if one.forms is not None]
    words = [one.placeholders for one in rules if one.placeholders is not None]
    people = (*client.recipients, *(one for series in client.reports for one in series.recipients))
    return Records(
        TestRule(
            do=tests[0].do if tests else "review",
            emails=_together(one.emails for one in tests),
            domains=_together(one.domains for one in tests),
            names=_together(one.names for one in tests),
        ),
        forms[0] if forms else FormRule(),
        PlaceholderRule(
            words=_together(one.words for one in words), do=words[0].do if words else "keep"
        ),
        tuple(sorted({domain for one in people if (domain := domain_of(one.email))})),
        client.country,
        _midnights(client.timezone),
    )


def _together(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in lists for word in words))


def _midnights(zone: str) -> tuple[timedelta, ...]:
    """How much later than a midnight in UTC the zone's days begin, in winter and summer."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        place = ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return ()
    found = {datetime(2024, month, 1, tzinfo=place).utcoffset() or timedelta(0) for month in (1, 7)}
    return tuple(sorted(-one for one in found))


NO_RULES = Records()
"""What holds for a client of which no definition speaks."""
