"""What people decided about labels, and which labels are still open beside that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.label import WaitingLabel, waiting_labels
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.workspace.label import LabelBook, StandingRule


@dataclass(frozen=True, slots=True)
class DecidedLabel:
    """A rule about a label that a person wrote and that is in force.

    ``waits`` says that the next sync carries it out; ``own`` that it lies in
    the client's own file of rules, from which it can be taken back.
    """

    concept: str
    kind: str
    label: str
    canonical: str
    by: str
    valid_from: date | None
    waits: bool
    own: bool


def open_labels(
    house: House, who: Who, client: str, *, everything: bool = False
) -> tuple[WaitingLabel, ...]:
    """The labels that wait, without those that were decided since the last sync."""
    found = waiting_labels(house, who, client, everything=everything)
    book = _book(house, client)
    return tuple(one for one in found if _rule_of(book, one) is None)


def decided_label(
    house: House, who: Who, client: str, concept: str, label: str
) -> DecidedLabel | None:
    """The decision about a label; ``None`` where nobody has made one."""
    found = decided_labels(house, who, client)
    return next((one for one in found if (one.concept, one.label) == (concept, label)), None)


def decided_labels(house: House, who: Who, client: str) -> tuple[DecidedLabel, ...]:
    """All rules about labels that name who decided them, the newest first."""
    require_team(who, "see the labels", client)
    book = _book(house, client)
    rules = [rule for listed in book.rules.values() for rule in listed if rule.by]
    if not rules:
        return ()
    carried = _carried(house, client)
    found = [_told(house, client, rule, carried) for rule in rules]
    found.sort(key=lambda one: (one.valid_from or date.min, one.concept, one.label), reverse=True)
    return tuple(found)


def _told(
    house: House, client: str, rule: StandingRule, carried: frozenset[tuple[str, str]]
) -> DecidedLabel:
    own = house.workspace.rules.get(client)
    about = own.concepts.get(rule.concept) if own is not None else None
    written = () if about is None else about.rules
    is_own = any((rule.kind, rule.text) in one.given for one in written)
    return DecidedLabel(
        rule.concept,
        rule.kind,
        rule.text,
        rule.means,
        rule.by,
        rule.valid_from,
        (rule.concept, rule.name) not in carried,
        is_own,
    )


def _carried(house: House, client: str) -> frozenset[tuple[str, str]]:
    """Concept and name of the rules that the published version was made with."""
    from kvitto.audit.label.occurrence import read_labels

    with house.readers.reading() as reader:
        labels, _ = read_labels(reader, {client})
    return frozenset((one.concept, one.rule) for one in labels if one.rule)


def _rule_of(book: LabelBook, label: WaitingLabel) -> StandingRule | None:
    """The rule that speaks of the label by its text; patterns are for the next sync to ask."""
    for place in label.places:
        table, _, column = place.partition(".")
        found = book.at(table, column).resolve(label.label)
        if found is not None:
            return found[1]
    return None


def _book(house: House, client: str) -> LabelBook:
    from kvitto.app.sync import labels_for

    return labels_for(house, client)
