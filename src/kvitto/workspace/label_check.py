"""Rules about labels that cannot hold: unknown names, unreadable patterns, conflicts, cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kvitto.errors import did_you_mean
from kvitto.workspace.concept import closed_values, concepts, places_of
from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.document import Keys
from kvitto.workspace.label import LONGEST_PATTERN, ConceptRules, LabelRule, folded
from kvitto.workspace.rule import RuleProblem, wrong_column


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule with its place in the files."""

    file: str
    keys: Keys
    concept: str
    rule: LabelRule
    clients: frozenset[str]

    def meets(self, other: _Entry) -> bool:
        """Whether both hold for one client on one day."""
        shared = not self.clients or not other.clients or bool(self.clients & other.clients)
        return shared and _overlap(self.rule, other.rule)

    @property
    def place(self) -> str:
        return f"'{self.file}', {_place(self.keys)}"


def label_problems(rules: Mapping[str, RulesDefinition]) -> tuple[RuleProblem, ...]:
    """Everything in ``labels:`` and ``concepts:`` that cannot be carried out, all together."""
    found: list[RuleProblem] = []
    entries: list[_Entry] = []
    values = _values(rules)
    for name, definition in rules.items():
        entries.extend(_from_labels(name, definition))
        for concept, about in definition.concepts.items():
            keys: Keys = ("concepts", concept)
            if not places_of(concept):
                found.append(_unknown(name, keys, concept))
                continue
            found.extend(_of_values(name, keys, concept, about))
            for index, rule in enumerate(about.rules):
                place: Keys = (*keys, "rules", index)
                wrong = list(_of_rule(name, place, concept, rule, values.get(concept, ())))
                found.extend(wrong)
                if not wrong:
                    clients = frozenset(definition.clients)
                    entries.append(_Entry(name, place, concept, rule, clients))
    found.extend(_conflicts(entries))
    found.extend(_cycles(entries))
    return tuple(found)


def wrong_pattern(text: str) -> str | None:
    """Why the pattern cannot be used; ``None`` if it can.

    Patterns are read by the engine, whose matching takes time in proportion to
    the length of the label, whatever the pattern: no expression can hang it.
    """
    if len(text) > LONGEST_PATTERN:
        return f"it is {len(text)} signs long; {LONGEST_PATTERN} are the most"
    import duckdb

    try:
        found = duckdb.execute("SELECT regexp_full_match('', ?, 'i')", [text]).fetchone()
    except duckdb.Error as error:
        return "it cannot be read: " + str(error).splitlines()[0].partition(": ")[2]
    return "it matches every label, the empty one too" if found is not None and found[0] else None


def _unknown(name: str, keys: Keys, concept: str) -> RuleProblem:
    asked = f"the concept '{concept}'"
    table, dot, column = concept.partition(".")
    wrong = wrong_column(table, column) if dot else None
    if wrong is not None:
        return RuleProblem(name, keys, asked, wrong[0], wrong[1])
    return RuleProblem(name, keys, asked, "there is none", did_you_mean(concept, list(concepts())))


def _values(rules: Mapping[str, RulesDefinition]) -> dict[str, tuple[str, ...]]:
    """The canonical values of each concept: declared in any file, or closed by the table."""
    found: dict[str, dict[str, None]] = {}
    for definition in rules.values():
        for concept, about in definition.concepts.items():
            found.setdefault(concept, {}).update(dict.fromkeys(about.values))
    return {concept: closed_values(concept) or tuple(listed) for concept, listed in found.items()}


def _of_values(name: str, keys: Keys, concept: str, about: ConceptRules) -> Iterator[RuleProblem]:
    closed = closed_values(concept)
    for index, value in enumerate(about.values):
        if closed and value not in closed:
            yield RuleProblem(
                name,
                (*keys, "values", index),
                f"the value '{value}' of {concept}",
                "the columns of this concept take other words",
                did_you_mean(value, list(closed)),
            )


def _of_rule(
    name: str, keys: Keys, concept: str, rule: LabelRule, values: tuple[str, ...]
) -> Iterator[RuleProblem]:
    asked = f"the rule for '{rule.means}'"
    if len(rule.given) != 1:
        found = f"{len(rule.given)} of exact, folded and pattern are given"
        yield RuleProblem(name, keys, asked, found, "Give exactly one of them.")
        return
    ((kind, text),) = rule.given
    asked = f"the rule on '{text}'"
    if not text.strip() or (kind == "folded" and not folded(text)):
        todo = "Write a label; an empty one is a missing value and belongs under fields:."
        yield RuleProblem(name, (*keys, kind), asked, "there is no label in it", todo)
    wrong = wrong_pattern(text) if kind == "pattern" and text.strip() else None
    if wrong is not None:
        todo = "Write a regular expression for the whole label, such as 'google.*(cpc|ads)'."
        yield RuleProblem(name, (*keys, kind), asked, wrong, todo)
    if values and rule.means not in values:
        found = f"'{rule.means}' is no value of {concept}"
        yield RuleProblem(name, (*keys, "means"), asked, found, did_you_mean(rule.means, values))
    if rule.valid_from and rule.replaced_on and rule.replaced_on <= rule.valid_from:
        found = f"it is replaced on {rule.replaced_on}, and holds from {rule.valid_from}"
        todo = "Remove the rule, or let it be replaced later than it began."
        yield RuleProblem(name, (*keys, "replaced_on"), asked, found, todo)


def _from_labels(name: str, definition: RulesDefinition) -> Iterator[_Entry]:
    for place, words in definition.labels.items():
        for raw, meant in words.items():
            rule = LabelRule.model_construct(exact=raw, means=meant)
            keys: Keys = ("labels", place, raw)
            yield _Entry(name, keys, place, rule, frozenset(definition.clients))


def _conflicts(entries: list[_Entry]) -> Iterator[RuleProblem]:
    """Two rules that call one label two things, for one client on one day."""
    seen: dict[tuple[str, str, str], list[_Entry]] = {}
    for entry in entries:
        ((kind, text),) = entry.rule.given
        key = (entry.concept, kind, folded(text) if kind == "folded" else text)
        for other in seen.get(key, []):
            if other.rule.means != entry.rule.means and entry.meets(other):
                yield RuleProblem(
                    entry.file,
                    entry.keys,
                    f"the rule on '{text}'",
                    f"it says '{entry.rule.means}', and {other.place} says"
                    f" '{other.rule.means}', for the same client",
                    "Remove one of the two, or write replaced_on: in the older one.",
                )
        seen.setdefault(key, []).append(entry)


def _cycles(entries: list[_Entry]) -> Iterator[RuleProblem]:
    """Rules that lead from a label back to itself: each cycle once, all its places named."""
    told: set[frozenset[int]] = set()
    after = _following(entries)
    for start in after:
        way = _way_back(after, start)
        if not way or frozenset(way) in told:
            continue
        told.add(frozenset(way))
        texts = [_text(entries[number].rule) for number in way]
        others = "; ".join(entries[number].place for number in way[1:])
        yield RuleProblem(
            entries[start].file,
            entries[start].keys,
            f"the rule on '{texts[0]}'",
            f"it leads back to itself: {' -> '.join([*texts, texts[0]])} (with {others})",
            "Remove one of these rules; the label that stays is the canonical one.",
        )


def _way_back(after: Mapping[int, int], start: int) -> list[int]:
    """The rules from this one round to itself, empty where it comes to an end."""
    way, here = [start], after.get(start)
    while here is not None and here not in way:
        way.append(here)
        here = after.get(here)
    return way if here == start else []


def _following(entries: list[_Entry]) -> dict[int, int]:
    """For each rule the one that takes up what it gives, where that changes it."""
    by_text: dict[tuple[str, str, str], list[int]] = {}
    for number, entry in enumerate(entries):
        for key in _keys(entry.concept, *entry.rule.given[0]):
            by_text.setdefault(key, []).append(number)
    found: dict[int, int] = {}
    for number, entry in enumerate(entries):
        meant = entry.rule.means
        keys = (*_keys(entry.concept, "exact", meant), *_keys(entry.concept, "folded", meant))
        takers = (other for key in keys for other in by_text.get(key, ()))
        taker = next((other for other in takers if entry.meets(entries[other])), None)
        if taker is not None and taker != number and entries[taker].rule.means != meant:
            found[number] = taker
    return found


def _keys(concept: str, kind: str, text: str) -> tuple[tuple[str, str, str], ...]:
    if kind == "pattern":
        return ()
    return ((concept, kind, folded(text) if kind == "folded" else text),)


def _overlap(one: LabelRule, other: LabelRule) -> bool:
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    ends = min(one.replaced_on or date.max, other.replaced_on or date.max)
    return begins < ends


def _text(rule: LabelRule) -> str:
    return rule.given[0][1]


def _place(keys: Keys) -> str:
    from kvitto.workspace.validation import path_text

    return path_text(keys)
