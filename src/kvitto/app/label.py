"""Labels: the queue of undecided ones, and deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kvitto.app.house import House, require_known
from kvitto.app.log import note
from kvitto.app.who import Who, require_named, require_team
from kvitto.errors import BadDefinition, Problem, WrongState, WrongUse, did_you_mean
from kvitto.workspace.concept import concepts, places_of

if TYPE_CHECKING:
    from kvitto.audit.label.queue import Waiting
    from kvitto.workspace.label import LabelBook

Kind = Literal["exact", "folded", "pattern"]


@dataclass(frozen=True, slots=True)
class WaitingLabel:
    """One label of the queue, with what it touches: dimensions, and metrics that they split."""

    client: str
    concept: str
    label: str
    rows: int
    reason: str
    sources: tuple[str, ...]
    places: tuple[str, ...]
    dimensions: tuple[str, ...]
    metrics: int
    suggestions: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A rule that was written: into which file, and what it says."""

    file: str
    concept: str
    kind: str
    label: str
    canonical: str
    by: str
    valid_from: date


def waiting_labels(
    house: House, who: Who, client: str | None = None, *, everything: bool = False
) -> tuple[WaitingLabel, ...]:
    """The labels that wait for a decision, of one client or of all in scope.

    With ``everything`` those that resemble nothing come too. Raises
    :class:`WarehouseFailed` where nothing was published yet.
    """
    from kvitto.audit.label.company import together
    from kvitto.audit.label.occurrence import read_labels
    from kvitto.audit.label.queue import queue

    require_team(who, "see the labels", client)
    scope = who.scope if client is None else who.scope.narrow(client)
    with house.readers.reading() as reader:
        labels, _ = read_labels(reader, scope.clients)
        books = {name: _book(house, name) for name in scope.clients}
        found = queue(
            labels,
            books,
            lambda whose, concept: together(reader, whose, concept),
            everything=everything,
        )
    touched = {(one.client, one.concept): _touched(house, one.concept) for one in found}
    return tuple(_shown(one, *touched[(one.client, one.concept)]) for one in found)


def _book(house: House, client: str) -> LabelBook:
    from kvitto.app.sync import labels_for

    return labels_for(house, client)


def _shown(one: Waiting, dimensions: tuple[str, ...], metrics: int) -> WaitingLabel:
    places = tuple(str(place) for place in one.places)
    proposed = tuple(asdict(suggestion) for suggestion in one.suggestions)
    return WaitingLabel(
        one.client,
        one.concept,
        one.label,
        one.rows,
        one.reason,
        one.sources,
        places,
        dimensions,
        metrics,
        proposed,
    )


def _touched(house: House, concept: str) -> tuple[tuple[str, ...], int]:
    """The dimensions that read the concept's columns, and how many metrics they split."""
    dimensions = dimensions_of(concept)
    every = house.catalogue
    metrics = [name for name in every.ids() if set(every.get(name).dimensions) & set(dimensions)]
    return dimensions, len(metrics)


def dimensions_of(concept: str) -> tuple[str, ...]:
    """The dimensions whose members are labels of the concept."""
    from kvitto.metrics.dimension import known_dimensions, place

    found: dict[str, None] = {}
    for held in places_of(concept):
        for name, dimension in known_dimensions().items():
            if dimension.grain is not None:
                continue
            at = place(held.table, name)
            if at is not None and not at.path and at.column == held.column:
                found[name] = None
    return tuple(found)


def decide_label(
    house: House,
    who: Who,
    client: str,
    concept: str,
    label: str,
    canonical: str,
    *,
    kind: Kind = "exact",
    replace: bool = False,
) -> Decided:
    """Write the rule into ``rules/<client>.yml``; it holds from the next sync on.

    With ``replace`` an older rule on the label gets the day on which it was
    replaced. Raises :class:`WrongUse` where nobody is named, and
    :class:`BadDefinition` where the rule cannot hold beside the others: nothing
    is written then.
    """
    from kvitto.workspace.writing import replace_text

    wish = "decide about a label"
    require_team(who, wish, client)
    require_named(who, wish)
    require_concept(concept)
    require_readable(kind, label)
    today = house.today_of(client)
    path = house.root / "rules" / f"{client}.yml"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    _require_own(house, client, path)
    try:
        if before is None:
            path.parent.mkdir(exist_ok=True)
            replace_text(path, _beginning(client))
        if replace:
            _end_rules(path, concept, kind, label, today)
        _append(path, concept, {kind: label, "means": canonical, "by": who.name}, today)
        _require_sound(house.root)
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            replace_text(path, before)
        raise
    details = {"concept": concept, "kind": kind, "label": label, "means": canonical}
    note(house, who, "label.decide", client, details=details)
    shown = path.relative_to(house.root).as_posix()
    return Decided(shown, concept, kind, label, canonical, who.name, today)


def drop_label(house: House, who: Who, client: str, concept: str, label: str) -> int:
    """End the rules of the client on the label today; gives how many. They stay in the file.

    Raises :class:`WrongState` where there is none.
    """
    wish = "end a rule about a label"
    require_team(who, wish, client)
    require_named(who, wish)
    path = house.root / "rules" / f"{client}.yml"
    ended = 0
    if path.exists():
        for kind in ("exact", "folded", "pattern"):
            ended += _end_rules(path, concept, kind, label, house.today_of(client))
    if not ended:
        raise WrongState.of(
            wish, f"rules/{client}.yml has none on '{label}'", "See kvitto labels --decided."
        )
    note(house, who, "label.drop", client, details={"concept": concept, "label": label})
    return ended


def require_concept(concept: str) -> None:
    """Raises :class:`UnknownName` where there is no such concept or column."""
    if not places_of(concept):
        from kvitto.errors import UnknownName

        raise UnknownName.of(
            f"the concept '{concept}'", "there is none", did_you_mean(concept, list(concepts()))
        )


def require_readable(kind: Kind, label: str) -> None:
    """Raises :class:`WrongUse` for a pattern that cannot be read or costs too much."""
    from kvitto.workspace.label_check import wrong_pattern

    wrong = wrong_pattern(label) if kind == "pattern" else None
    if wrong is not None:
        raise WrongUse.of(f"the pattern '{label}'", wrong, "Write a regular expression for labels.")


def _require_own(house: House, client: str, path: Path) -> None:
    """The file of a client's rules must speak of that client alone."""
    rules = house.workspace.rules.get(client)
    if rules is not None and rules.clients != (client,):
        named = ", ".join(rules.clients) or "all clients"
        raise WrongState.of(
            f"write the rule into rules/{path.name}",
            f"that file holds for {named}",
            f"Rename it, so that rules/{client}.yml is free for {client} alone.",
        )
    require_known(client, house.workspace.clients, "client")


def _beginning(client: str) -> str:
    from kvitto.workspace.schema import with_schema_line

    return with_schema_line(f"clients: [{client}]\n", "rules")


def _append(path: Path, concept: str, rule: dict[str, object], today: date) -> None:
    from kvitto.workspace.document import read_document
    from kvitto.workspace.writing import append_value, write_value

    document, _ = read_document(path)
    for keys in (("concepts",), ("concepts", concept)):
        if document.at(keys) is None:
            write_value(path, keys, {})
            document, _ = read_document(path)
    append_value(path, ("concepts", concept, "rules"), {**rule, "valid_from": today})


def _end_rules(path: Path, concept: str, kind: str, label: str, today: date) -> int:
    """Write ``replaced_on`` into the rules on that label that still hold.

    A rule that began today never held over a night, so it goes.
    """
    from kvitto.workspace.document import read_document
    from kvitto.workspace.writing import remove_value, write_value

    rules = read_document(path)[0].at(("concepts", concept, "rules"))
    ended = 0
    for index in reversed(range(len(rules) if isinstance(rules, list) else 0)):
        rule = rules[index] if isinstance(rules, list) else None
        if not isinstance(rule, dict) or rule.get(kind) != label or rule.get("replaced_on"):
            continue
        keys = ("concepts", concept, "rules", index)
        if str(rule.get("valid_from") or "") >= today.isoformat():
            remove_value(path, keys)
        else:
            write_value(path, (*keys, "replaced_on"), today)
        ended += 1
    return ended


def _require_sound(root: Path) -> None:
    from kvitto.workspace.folder import check_workspace

    problems: tuple[Problem, ...] = check_workspace(root)
    if problems:
        raise BadDefinition(*problems)
