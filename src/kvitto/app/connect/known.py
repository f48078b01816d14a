"""What is remembered of a source's sign-in: whom we were there, and when it ends."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kvitto.app.house import House
from kvitto.errors import KvittoError

SOON = 14
"""Days before its end from which on a credential is warned of."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The last sign-in that worked. Times are ISO 8601 in UTC; no credential is in here."""

    label: str
    at: str
    expires_at: str | None = None


def read_sign_in(house: House, source: str) -> SignIn | None:
    """What is remembered; ``None`` where nobody signed in yet."""
    try:
        return SignIn(**json.loads(_path(house, source).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_sign_in(house: House, source: str, sign_in: SignIn) -> None:
    """Remember it; a crash leaves what was remembered before."""
    from kvitto.warehouse.disk import write_whole

    path = _path(house, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(sign_in), indent=1).encode())


def days_left(expires_at: str | None, now: datetime) -> int | None:
    """Whole days until then, negative once it is over; ``None`` where no end is known."""
    if expires_at is None:
        return None
    try:
        end = datetime.fromisoformat(expires_at)
    except ValueError:
        return None
    return (in_utc(end) - now) // timedelta(days=1)


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def ending(expires_at: str | None, now: datetime) -> str:
    """That a credential ends soon or has ended, in words; empty where all is well."""
    days = days_left(expires_at, now)
    if days is None or days > SOON or expires_at is None:
        return ""
    if days < 0:
        return f"Its sign-in ended on {expires_at[:10]}"
    when = {0: "today or tomorrow", 1: "in 1 day"}.get(days, f"in {days} days")
    return f"Its sign-in expires {when}"


def renewal(house: House, source: str) -> str:
    """What a person does about it."""
    if signs_in_by_browser(house, source):
        return f"Re-connect: kvitto source connect {source}"
    return f"Renew the credential, then: kvitto source test {source}"


def signs_in_by_browser(house: House, source: str) -> bool:
    """Whether the source, as it is set up, has a sign-in that a person gives with the browser."""
    from pydantic import ValidationError

    from kvitto.sources import CONNECTORS
    from kvitto.sources.oauth import place_of

    definition = house.workspace.sources[source]
    shared = house.workspace.connections.get(definition.connection or "")
    try:
        connector = CONNECTORS.get(definition.kind)
        if connector.oauth is None:
            return False
        values = {**(shared.settings if shared else {}), **definition.settings}
        place_of(connector.oauth, connector.settings.model_validate(values), source)
    except (KvittoError, ValidationError):
        return False
    # Where no app is named, another kind of credential is used (a service account, say).
    return connector.oauth.app[0] in {**(shared.secrets if shared else {}), **definition.secrets}


def _path(house: House, source: str) -> Path:
    # No source can have a dot in its name, so this is nobody's health.
    return house.runtime / "sources" / f"{source}.sign-in.json"
