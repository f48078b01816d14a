"""The open workspace: everything a use case needs, opened on first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kvitto.app.who import UNNAMED, Role, Who
from kvitto.errors import BadDefinition, UnknownName, WrongUse, did_you_mean
from kvitto.model.scope import Scope

if TYPE_CHECKING:
    from kvitto.app.reading import Readers
    from kvitto.metrics.bridge.evidence import Zones
    from kvitto.metrics.catalogue import Catalogue
    from kvitto.metrics.context import ClientContext
    from kvitto.metrics.priority import Rule
    from kvitto.metrics.sense import ClientCatalogue
    from kvitto.report.outline import Template
    from kvitto.store.engine import Store
    from kvitto.warehouse.warehouse import Warehouse
    from kvitto.workspace.definition import ClientDefinition, Workspace

__all__ = [
    "House",
    "Role",
    "Who",
    "find_root",
    "local_person",
    "open_house",
    "require_known",
    "secret",
]

DEFINITION = "kvitto.yml"
RUNTIME = ".kvitto"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, eq=False)
class House:
    """A workspace that was opened.

    ``today`` is the day that relative periods are read from; where it was
    ``fixed`` (by ``--today`` or ``KVITTO_TODAY``) it holds for every client,
    else each client's own zone decides. ``clock`` gives UTC.
    """

    root: Path
    today: date
    fixed: bool = False
    clock: Callable[[], datetime] = field(default=_utc_now, repr=False)

    @cached_property
    def workspace(self) -> Workspace:
        """The definitions, checked; raises :class:`BadDefinition` with all problems."""
        from kvitto.workspace.folder import load_workspace

        return load_workspace(self.root)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The metrics of the product and of the workspace, as all clients know them."""
        from kvitto.metrics.catalogue import load_catalogue

        return load_catalogue(self.workspace.metrics, self.workspace.meanings)

    def catalogue_of(self, client: str) -> ClientCatalogue:
        """The metrics as the client means them; ask the scope first."""
        if client not in self._catalogues:
            from kvitto.metrics.sense import ClientCatalogue

            currency = self.client(client).currency
            self._catalogues[client] = ClientCatalogue(
                self.catalogue, self.workspace.meanings, client, currency
            )
        return self._catalogues[client]

    @cached_property
    def _catalogues(self) -> dict[str, ClientCatalogue]:
        return {}

    @cached_property
    def warehouse(self) -> Warehouse:
        """The published versions of the data."""
        from kvitto.warehouse.warehouse import Warehouse

        return Warehouse(self.runtime / "warehouse", self.workspace.agency.versions_kept)

    @cached_property
    def readers(self) -> Readers:
        """Open versions of the data, kept between questions."""
        from kvitto.app.reading import Readers

        return Readers(self.warehouse)

    @cached_property
    def store(self) -> Store:
        """What people and runs did; made and brought up to date when first opened."""
        from kvitto.store.engine import open_store

        return open_store(self._state_url())

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        """The reports of the product and of the workspace."""
        from kvitto.report.template import load_templates

        return load_templates(self.root / "templates")

    @property
    def runtime(self) -> Path:
        """Where runtime data lives; nothing there belongs in git."""
        return self.root / RUNTIME

    def now(self) -> datetime:
        """This moment, in UTC."""
        return self.clock()

    def client(self, client: str) -> ClientDefinition:
        """The client's definition; ask the scope first."""
        return self.workspace.clients[client]

    def today_of(self, client: str) -> date:
        """The client's today: the fixed day, or the date in the client's zone."""
        if self.fixed:
            return self.today
        return self.now().astimezone(ZoneInfo(self.client(client).timezone)).date()

    def context(self, client: str) -> ClientContext:
        """What the metrics need to know about the client."""
        from kvitto.metrics.context import ClientContext

        found = self.client(client)
        return ClientContext(
            client=client,
            name=found.name,
            currency=found.currency,
            calendar=found.calendar(),
            today=self.today_of(client),
            goals=found.goals,
            baselines=found.baselines,
            priorities=self._priorities(client),
        )

    def _priorities(self, client: str) -> tuple[Rule, ...]:
        """Which source tells what several could, each with its place in the rules."""
        from kvitto.metrics.priority import Rule

        return tuple(
            Rule(f"rules/{name}.yml, priority {place}", priority)
            for name, rules in self.workspace.rules.items()
            if client in rules.clients or not rules.clients
            for place, priority in enumerate(rules.priorities, start=1)
        )

    def zones(self, client: str) -> Zones:
        """The client's zone, and those that its sources' definitions state."""
        from kvitto.metrics.bridge.evidence import Zones

        stated = {
            name: source.timezone
            for name, source in self.workspace.sources.items()
            if source.timezone is not None
        }
        return Zones(self.client(client).timezone, stated)

    def check(self) -> None:
        """Raises :class:`BadDefinition` where a client names a metric or report that is not."""
        from kvitto.workspace.check import check_references

        problems = check_references(self.workspace, self.catalogue.ids(), list(self.templates))
        if problems:
            raise BadDefinition(*problems)

    def reopened(self) -> House:
        """The same workspace read again, after its files were changed."""
        return House(self.root, self.today, self.fixed, self.clock)

    def _state_url(self) -> str:
        from kvitto.store.engine import sqlite_url

        named = self.workspace.agency.state
        if named == "sqlite":
            self.runtime.mkdir(parents=True, exist_ok=True)
            return sqlite_url(self.runtime / "state.db")
        return secret(named, self.root)


def open_house(root: Path, today: date | None = None) -> House:
    """Open the workspace at ``root``. ``today`` wins over ``KVITTO_TODAY``.

    Raises :class:`WrongUse` where the folder is not a workspace; the
    definitions themselves are read when they are first needed.
    """
    if not (root / DEFINITION).is_file():
        raise WrongUse.of(
            f"open the workspace {root}",
            f"there is no {DEFINITION} in it",
            "Run 'kvitto init DIR' to make one, or name it with --workspace.",
        )
    fixed = today if today is not None else _today_from_environment()
    root = root.resolve()
    if fixed is not None:
        return House(root, fixed, True)
    return House(root, datetime.now().astimezone().date())


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds ``kvitto.yml``, else ``start``."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / DEFINITION).is_file():
            return folder
    return start


def local_person(house: House, name: str | None = None) -> Who:
    """Who sits at the command line: an owner of all clients, named by ``name`` or ``$USER``."""
    called = name or os.environ.get("USER") or UNNAMED
    return Who(called, Role.owner, Scope.of(called, *house.workspace.clients))


def secret(text: str, root: Path) -> str:
    """What a setting says, or the credential that it names (``env:NAME``, ``secret:NAME``).

    Raises :class:`SecretMissing`.
    """
    from kvitto.workspace.secret import is_reference, open_secret

    return open_secret(text, root) if is_reference(text) else text


def require_known(name: str, known: Mapping[str, object], what: str) -> None:
    """Raises an :class:`UnknownName` with the nearest name."""
    if name not in known:
        raise UnknownName.of(
            f"the {what} '{name}'", "there is none", did_you_mean(name, list(known))
        )


def _today_from_environment() -> date | None:
    text = os.environ.get("KVITTO_TODAY")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse.of(f"KVITTO_TODAY={text}", str(error), "Write it as 2017-12-31.") from error
