"""Adding a source: everything is checked and the connection tested before a file is written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.app.connect.authorise import Show, grant_for, provider_of
from kvitto.app.connect.check import Tested, remember
from kvitto.app.connect.draft import Draft, written
from kvitto.app.connect.new import NewSource
from kvitto.app.connect.plan import Plan, planned
from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from datetime import datetime

    from kvitto.sources.stream import Account


@dataclass(frozen=True, slots=True)
class Added:
    """A source that was added: its files, where its credentials are, how the test went.

    ``tested`` is ``None`` where no test was wanted.
    """

    name: str
    kind: str
    clients: tuple[str, ...]
    files: tuple[str, ...]
    references: Mapping[str, str]
    tested: Tested | None

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "source": self.name,
            "kind": self.kind,
            "clients": list(self.clients),
            "files": list(self.files),
            "secrets": dict(self.references),
            "tested": None if self.tested is None else self.tested.document(),
        }


def add(
    house: House,
    who: Who,
    new: NewSource,
    *,
    untested: bool = False,
    show: Show | None = None,
    port: int | None = None,
    seconds: float | None = None,
) -> Added:
    """Add a source: check what was said, sign in, then keep the credentials and write the files.

    With ``show`` a person signs in with the browser first. Where the test
    fails its error is raised and nothing is kept or written, unless
    ``untested``. Raises :class:`BadDefinition` with all that is missing or
    wrong, :class:`WrongUse` for a file that exists.
    """
    require_team(who, "add a source", new.client)
    plan = planned(house, who, new, browser=show is not None)
    tried = {plan.references[name]: value for name, value in new.secrets.items()}
    with ExitStack() as stack:
        trial = _on_trial(stack, tried, house)
        trials, expires_at = [trial], None
        if show is not None:
            reference, token, expires_at = _signed_in(house, plan, show, port, seconds)
            trials.append(_on_trial(stack, {reference: token}, house))
        account = None if untested else _account(house, plan.draft)
    values = {reference: value for held in trials for reference, value in held.items()}
    _kept(house, plan.draft, values)
    name = plan.draft.name
    tested = None
    if account is not None:
        tested = remember(house.reopened(), name, new.kind, account, expires_at)
    clients = plan.draft.source.serves
    files = tuple(file.name for file in plan.draft.files)
    details = {"kind": new.kind, "files": files, "secrets": dict(plan.references)}
    client = clients[0] if len(clients) == 1 else ""
    note(house, who, "source.add", name, client=client, details=details)
    return Added(name, new.kind, clients, files, plan.references, tested)


def _on_trial(stack: ExitStack, values: Mapping[str, str], house: House) -> dict[str, str]:
    from kvitto.workspace.secret import on_trial

    return stack.enter_context(on_trial(values, house.root))


def _signed_in(
    house: House, plan: Plan, show: Show, port: int | None, seconds: float | None
) -> tuple[str, str, datetime | None]:
    draft = plan.draft
    provider = provider_of(draft.source.kind)
    grant = grant_for(
        house, draft.name, draft.source, draft.connection, provider, show, port, seconds
    )
    return plan.references[provider.keeps], grant.token, grant.expires_at


def _account(house: House, draft: Draft) -> Account:
    from kvitto.sources import check_source

    return check_source(draft.name, draft.source, house.root, draft.connection, house.now)


def _kept(house: House, draft: Draft, values: Mapping[str, str]) -> None:
    """Keep the credentials and write the files: both, or neither."""
    from kvitto.errors import SecretMissing
    from kvitto.workspace.secret import drop_secret, keep_secret, open_secret

    before: dict[str, str | None] = {}
    try:
        for reference, value in values.items():
            try:
                before[reference] = open_secret(reference, house.root)
            except SecretMissing:
                before[reference] = None
            keep_secret(reference, value, house.root)
        written(house.root, draft.files)
    except BaseException:
        for reference, value_before in before.items():
            if value_before is None:
                drop_secret(reference, house.root)
            else:
                keep_secret(reference, value_before, house.root)
        raise
