"""Rules about whole records that cannot hold: patterns that are none, two that contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.document import Keys
from kvitto.workspace.record_rule import FormRule, PlaceholderRule, TestRule
from kvitto.workspace.rule import RuleProblem

_DOMAIN = re.compile(r"^(\*\.)?([^\s@.*]+\.)*[^\s@.*]+$")

Rule = TestRule | FormRule | PlaceholderRule
SECTIONS = ("tests", "forms", "placeholders")


def record_problems(rules: Mapping[str, RulesDefinition]) -> tuple[RuleProblem, ...]:
    """Everything in these sections that cannot be carried out, all together."""
    found: list[RuleProblem] = []
    for name, definition in rules.items():
        if definition.tests is not None:
            found.extend(_of_tests(name, definition.tests))
        if definition.placeholders is not None:
            found.extend(_of_words(name, definition.placeholders))
    for section in SECTIONS:
        found.extend(_conflicts(section, rules))
    return tuple(found)


def _of_tests(name: str, rule: TestRule) -> Iterator[RuleProblem]:
    for section, patterns in (("emails", rule.emails), ("names", rule.names)):
        for index, pattern in enumerate(patterns):
            keys: Keys = ("tests", section, index)
            asked = f"the pattern '{pattern}'"
            if not pattern.replace("*", "").strip(" @."):
                todo = "Write what tells a test from a real record, such as 'qa+*@*'."
                yield RuleProblem(name, keys, asked, "it holds for every record", todo)
            elif section == "emails" and pattern.count("@") != 1:
                todo = "Write an address in which * stands for anything, such as 'qa+*@*'."
                yield RuleProblem(name, keys, asked, "it is no pattern of an address", todo)
    for index, domain in enumerate(rule.domains):
        if not _DOMAIN.match(domain) or "." not in domain:
            asked = f"the domain '{domain}'"
            todo = "Write it without '@' and without a path, such as norrsken.se."
            yield RuleProblem(name, ("tests", "domains", index), asked, "it is no domain", todo)


def _of_words(name: str, rule: PlaceholderRule) -> Iterator[RuleProblem]:
    for index, word in enumerate(rule.words):
        if not word.strip():
            keys: Keys = ("placeholders", "words", index)
            todo = "Write the word as the source shows it, or remove the line."
            yield RuleProblem(name, keys, "the placeholder", "it is empty", todo)


def _conflicts(section: str, rules: Mapping[str, RulesDefinition]) -> Iterator[RuleProblem]:
    """Two files that say different things about one client; lists add up and do not conflict."""
    seen: list[tuple[str, str, frozenset[str]]] = []
    for name, definition in rules.items():
        rule: Rule | None = getattr(definition, section)
        if rule is None:
            continue
        clients, says = frozenset(definition.clients), _says(rule)
        for other, earlier, theirs in seen:
            overlap = not clients or not theirs or clients & theirs
            if overlap and says != earlier:
                yield RuleProblem(
                    name,
                    (section,),
                    f"the rule on {section}",
                    f"'{name}' says {says}, '{other}' says {earlier}, for the same clients",
                    "Remove one of the two, or name different clients in them.",
                )
        seen.append((name, says, clients))


def _says(rule: Rule) -> str:
    if isinstance(rule, FormRule):
        return f"{rule.do} within {rule.within_minutes} minutes"
    return rule.do
