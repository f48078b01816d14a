"""What one file cannot know: whether the files of a workspace agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kvitto.errors import BadPeriod, Problem, did_you_mean, nearest
from kvitto.model.brand import Brand
from kvitto.model.period import Calendar, parse_period
from kvitto.workspace.address import currencies, is_timezone, timezones, wrong_address
from kvitto.workspace.definition import (
    Agency,
    ClientDefinition,
    RulesDefinition,
    SourceDefinition,
    TableMap,
    Workspace,
)
from kvitto.workspace.document import Document, Keys, read_document
from kvitto.workspace.duplicate_check import duplicate_problems
from kvitto.workspace.label_check import label_problems
from kvitto.workspace.priority_check import unknown_metrics
from kvitto.workspace.record_check import record_problems
from kvitto.workspace.rule import rule_problems, wrong_column
from kvitto.workspace.validation import SECRETS, path_text

BUILT_IN_BRAND = "kvitto"
"""The brand that needs no file."""

_REFERENCE = re.compile(r"^(env:[A-Za-z_][A-Za-z0-9_]*|(secret|keyring):[A-Za-z0-9][\w./-]*)$")
_ABOUT_SECRETS = ("_url", "_name", "_path", "_header", "_parameter", "_type")
"""Endings of keys that speak about a credential and do not hold one (``token_url``)."""
_COLOUR = re.compile(r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
_PASSWORD_IN_URL = re.compile(r"://[^/@:\s]*:[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that files of the workspace give, whether or not the file holds."""

    clients: frozenset[str]
    brands: frozenset[str]
    connections: frozenset[str] = frozenset()


def secret_problems(document: Document) -> Iterator[Problem]:
    """Secrets that are written out. The secret itself is never repeated."""
    for keys, text in _texts(document.value, ()):
        word = str(keys[-1]).lower() if keys else ""
        listed = len(keys) > 1 and keys[-2] == "secrets"
        about = word.endswith(_ABOUT_SECRETS) and not listed
        holds = listed or (any(secret in word for secret in SECRETS) and not about)
        if (holds and not _REFERENCE.match(text)) or _PASSWORD_IN_URL.search(text):
            yield document.problem(
                path_text(keys),
                "a secret is written in plain text",
                f"Put it into the environment and write env:{_variable(keys)} here.",
                keys,
            )


def agency_problems(document: Document, agency: Agency) -> Iterator[Problem]:
    """What ``kvitto.yml`` says that does not exist."""
    yield from _zone(document, ("timezone",), agency.timezone)
    yield from _currency(document, ("currency",), agency.currency)
    from email.utils import parseaddr

    _, address = parseaddr(agency.mail.sender)
    yield from _address(document, ("mail", "sender"), address or agency.mail.sender)


def client_problems(
    document: Document, client: ClientDefinition, known: Known
) -> Iterator[Problem]:
    """What a client's file says that does not exist or cannot be read."""
    yield from _zone(document, ("timezone",), client.timezone)
    yield from _currency(document, ("currency",), client.currency)
    if client.country is not None and not re.match(r"^[A-Z]{2}$", client.country):
        todo = "Write two capital letters, such as SE."
        yield document.problem(
            "country", f"'{client.country}' is no country code", todo, ("country",)
        )
    if client.brand != BUILT_IN_BRAND and client.brand not in known.brands:
        todo = did_you_mean(client.brand, [*known.brands, BUILT_IN_BRAND])
        yield document.problem(f"the brand '{client.brand}'", "there is none", todo, ("brand",))
    yield from _recipients(document, (), client)
    for index, series in enumerate(client.reports):
        yield from _recipients(document, ("reports", index), series)
    if is_timezone(client.timezone):
        yield from _periods(document, client)
    yield from _twice(document, "reports", [series.template for series in client.reports])
    goals = [
        " ".join([goal.metric, goal.period, *(f"{key}={goal.where[key]}" for key in goal.where)])
        for goal in client.goals
    ]
    yield from _twice(document, "goals", goals)


def brand_problems(document: Document, name: str, brand: Brand) -> Iterator[Problem]:
    """A brand whose id is not its file's name, or that cannot be drawn."""
    if brand.id != name:
        found = f"the file is named '{name}'"
        todo = f"Write 'id: {name}', or rename the file."
        yield document.problem(f"the brand's id '{brand.id}'", found, todo, ("id",))
    for key in ("accent", "accent_2", "ink", "paper"):
        colour = getattr(brand, key)
        if not _COLOUR.match(colour):
            todo = 'Write it as "#1f5eff", in quotes.'
            yield document.problem(f"{key}", f"'{colour}' is no colour", todo, (key,))
    if brand.logo is not None and (brand.logo_kind is None or not _is_base64(brand.logo)):
        found = "it is no picture" if brand.logo_kind else "logo_kind is not given"
        todo = "Write the bytes of the SVG or PNG in base64, and 'logo_kind: svg' or 'png'."
        yield document.problem("logo", found, todo, ("logo",))


def source_problems(
    document: Document, source: SourceDefinition, known: Known
) -> Iterator[Problem]:
    """What a source's file names that does not exist."""
    yield from _whose(document, source, known)
    if source.connection is not None and source.connection not in known.connections:
        todo = did_you_mean(source.connection, sorted(known.connections))
        found = "there is none in connections/"
        yield document.problem(
            f"the connection '{source.connection}'", found, todo, ("connection",)
        )
    if source.kind == "file" and not source.path:
        todo = "Write path: with a file, a folder or a glob, counted from the workspace."
        yield document.problem("the path of the files", "there is none", todo, ())
    if source.timezone is not None:
        yield from _zone(document, ("timezone",), source.timezone)
    if source.currency is not None:
        yield from _currency(document, ("currency",), source.currency)
    for index, table in enumerate(source.tables):
        yield from _fills(document, ("tables", index, "fill"), table)


def _whose(document: Document, source: SourceDefinition, known: Known) -> Iterator[Problem]:
    """A source is one client's, or tells the rows of several apart."""
    if (source.client is None) == (source.clients is None):
        found = "both client and clients are given" if source.client else "there is none"
        todo = "Write client: with an id, or clients: with a column and a map."
        yield document.problem("whose data it is", found, todo, ())
    named: dict[Keys, str] = {}
    if source.client is not None:
        named[("client",)] = source.client
    if source.clients is not None:
        named |= {("clients", "map", raw): name for raw, name in source.clients.map.items()}
    for keys, name in named.items():
        if name not in known.clients:
            todo = did_you_mean(name, sorted(known.clients))
            yield document.problem(f"the client '{name}'", "there is none", todo, keys)


def rules_problems(
    documents: Mapping[str, Document], rules: Mapping[str, RulesDefinition], known: Known
) -> Iterator[Problem]:
    """Rules that name what does not exist, or say two things about one field."""
    for name, definition in rules.items():
        for index, client in enumerate(definition.clients):
            if client not in known.clients:
                todo = did_you_mean(client, sorted(known.clients))
                yield documents[name].problem(
                    f"the client '{client}'", "there is none", todo, ("clients", index)
                )
    for wrong in (
        *rule_problems(rules),
        *label_problems(rules),
        *record_problems(rules),
        *duplicate_problems(rules),
    ):
        yield documents[wrong.name].problem(wrong.asked, wrong.found, wrong.todo, wrong.keys)


def check_references(
    workspace: Workspace,
    metrics: Collection[str],
    templates: Collection[str],
    sources: Collection[str] | None = None,
) -> tuple[Problem, ...]:
    """Ids of metrics, templates and (where given) kinds of source that nothing answers to.

    The workspace's own metrics and templates count as known.
    """
    known = {*metrics, *(metric.id for metric in workspace.metrics)}
    forms = {*templates, *workspace.templates}
    found: list[Problem] = []
    for name, client in workspace.clients.items():
        wanted = [*_named_metrics(client)]
        wrong = [("metric", keys, word) for keys, word in wanted if word not in known]
        wrong += [
            ("report template", ("reports", index, "template"), series.template)
            for index, series in enumerate(client.reports)
            if series.template not in forms
        ]
        document = _again(workspace, "clients", name) if wrong else None
        for what, keys, word in wrong:
            todo = did_you_mean(word, sorted(forms if what == "report template" else known))
            assert document is not None
            found.append(document.problem(f"the {what} '{word}'", "there is none", todo, keys))
    for name, keys, word in unknown_metrics(workspace.rules, known):
        document = _again(workspace, "rules", name)
        todo = did_you_mean(word, sorted(known))
        found.append(document.problem(f"the metric '{word}'", "there is none", todo, keys))
    for name, source in workspace.sources.items():
        if sources is not None and source.kind not in sources:
            todo = did_you_mean(source.kind, sorted(sources))
            document = _again(workspace, "sources", name)
            asked = f"the kind of source '{source.kind}'"
            found.append(document.problem(asked, "there is none", todo, ("kind",)))
    return tuple(sorted(found, key=lambda problem: (problem.file or "", problem.line or 0)))


def _named_metrics(client: ClientDefinition) -> Iterator[tuple[Keys, str]]:
    for index, series in enumerate(client.reports):
        for position, metric in enumerate(series.kpis):
            yield ("reports", index, "kpis", position), metric
    for index, goal in enumerate(client.goals):
        yield ("goals", index, "metric"), goal.metric
    for index, baseline in enumerate(client.baselines):
        yield ("baselines", index, "metric"), baseline.metric
    for index, annotation in enumerate(client.annotations):
        if annotation.metric is not None:
            yield ("annotations", index, "metric"), annotation.metric


def _again(workspace: Workspace, folder: str, name: str) -> Document:
    """The file once more, for its lines; problems of reading are none of ours."""
    shown = f"{folder}/{name}.yml"
    path = Path(workspace.root) / shown
    if not path.exists():
        shown = f"{folder}/{name}.yaml"
        path = Path(workspace.root) / shown
    return read_document(path, shown)[0]


def _texts(value: object, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*keys, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*keys, index))


def _variable(keys: Keys) -> str:
    words = [str(key) for key in keys if isinstance(key, str)]
    return re.sub(r"[^A-Z0-9]+", "_", "_".join(words[-2:]).upper()) or "SECRET"


def _zone(document: Document, keys: Keys, name: str) -> Iterator[Problem]:
    if not is_timezone(name):
        known = timezones()
        near = nearest(name, known) or nearest(name, [zone.split("/")[-1] for zone in known])
        full = [zone for zone in known if near and (zone == near or zone.endswith(f"/{near}"))]
        todo = f"Did you mean '{full[0]}'?" if full else "Write a zone such as Europe/Stockholm."
        yield document.problem(f"the time zone '{name}'", "there is none", todo, keys)


def _currency(document: Document, keys: Keys, code: str) -> Iterator[Problem]:
    if code not in currencies():
        todo = did_you_mean(code, sorted(currencies()))
        yield document.problem(f"the currency '{code}'", "there is none", todo, keys)


def _address(document: Document, keys: Keys, text: str) -> Iterator[Problem]:
    wrong = wrong_address(text)
    if wrong is not None:
        yield document.problem(f"the e-mail address '{text}'", wrong, "Correct the address.", keys)


def _recipients(document: Document, keys: Keys, holder: object) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, recipient in enumerate(getattr(holder, "recipients", ())):
        place: Keys = (*keys, "recipients", index, "email")
        yield from _address(document, place, recipient.email)
        if recipient.email.lower() in seen:
            asked = f"the recipient {recipient.email}"
            yield document.problem(asked, "it stands twice in the list", "Remove one.", place)
        seen.add(recipient.email.lower())


def _twice(document: Document, part: str, items: list[str]) -> Iterator[Problem]:
    """Entries of a list that say the same as an earlier one."""
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        if item in seen:
            found = f"{part}[{seen[item] + 1}] is it already"
            yield document.problem(
                f"{part}[{index + 1}] ({item})", found, "Remove one of the two.", (part, index)
            )
        seen.setdefault(item, index)


def _is_base64(text: str) -> bool:
    import binascii

    try:
        return bool(binascii.a2b_base64("".join(text.split()), strict_mode=True))
    except (binascii.Error, ValueError):
        return False


def _periods(document: Document, client: ClientDefinition) -> Iterator[Problem]:
    calendar = client.calendar()
    for part in ("goals", "baselines"):
        for index, item in enumerate(getattr(client, part)):
            wrong = _wrong_period(item.period, calendar)
            if wrong is not None:
                keys: Keys = (part, index, "period")
                asked = f"the period '{item.period}' of {part}[{index + 1}]"
                yield document.problem(asked, *wrong, keys)


def _wrong_period(text: str, calendar: Calendar) -> tuple[str, str] | None:
    try:
        parse_period(text, calendar, date(2000, 1, 1))
    except BadPeriod as error:
        return error.problems[0].found, error.problems[0].todo
    if not text.strip()[:1].isdigit():
        return "it moves with the day on which it is read", "Write a fixed one, such as 2017-Q4."
    return None


def _fills(document: Document, keys: Keys, table: TableMap) -> Iterator[Problem]:
    for name, columns in table.fill.items():
        for column, source in columns.items():
            place: Keys = (*keys, name, column)
            wrong = wrong_column(name, column)
            if wrong is not None:
                found, todo, in_column = wrong
                place = place if in_column else (*keys, name)
                yield document.problem(f"fill {name}.{column}", found, todo, place)
                if not in_column:
                    break
            if not isinstance(source, str):
                ways = (source.column, source.constant, source.lookup)
                given = sum(way is not None for way in ways)
                if given != 1:
                    found = f"{given} of column, constant and lookup are given"
                    todo = "Give exactly one of them."
                    yield document.problem(f"fill {name}.{column}", found, todo, place)
