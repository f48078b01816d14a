"""Odoo's records, stream by stream, each page as the server gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from kvitto.errors import BadAnswer, SourceRefused, did_you_mean
from kvitto.sources.connectors.odoo import history
from kvitto.sources.connectors.odoo.entity import (
    ACCOUNT,
    CONTACT,
    DEAL,
    LEAD,
    Entity,
    Row,
    Term,
    spoken,
)
from kvitto.sources.connectors.odoo.service import Service
from kvitto.sources.connectors.odoo.settings import OdooSettings
from kvitto.sources.connectors.odoo.stream import ENTITIES
from kvitto.sources.connectors.odoo.trade import HOME_AMOUNTS
from kvitto.sources.http import Once
from kvitto.sources.stream import Account, Notice, Opening, Page, Record, Stream, Wanted

ROUNDS = 20
"""How often the newest changes are asked for while others are being made."""

IDS = 100_000

AT_ONCE = 4
"""Streams that a server of one's own is asked for at a time."""

_HOSTED = (".odoo.com",)
_SECOND = timedelta(seconds=1)


class OdooApi:
    """An open connection to one database of an Odoo."""

    def __init__(self, opening: Opening, settings: OdooSettings) -> None:
        self._settings = settings
        self._notice = opening.notice
        self._service = Service(opening, settings)
        self._once = Once()
        # Odoo's own hosting asks for one request at a time, as a slow server's owner may.
        host = urlsplit(settings.url).hostname or ""
        alone = host.endswith(_HOSTED) or opening.limits.per_second is not None
        self.at_once = 1 if alone else AT_ONCE

    def account(self) -> Account:
        """Whom the key belongs to, and which streams its user may read."""
        user = self._user()
        _, version = self._service.version()
        company = user.get("company_id") or [None, ""]
        reads, refused = self._rights()
        return Account(
            label=f"{user['name']} ({user['login']}) at {company[1]}, Odoo {version}",
            timezone=user.get("tz") or None,
            currency=self._home().get(int(company[0] or 0)),
            reads=reads,
            refused=refused,
            expires_at=self._expiry(int(user["id"])),
        )

    def streams(self) -> Sequence[Stream]:
        """All streams; those of apps that are not installed say so when they are read."""
        self._service.call("res.users", "context_get")
        return tuple(entity.stream for entity in ENTITIES.values())

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for. Changes come in the order of their time."""
        entity = ENTITIES[stream.name]
        if entity.way == "constant":
            self._service.fields(entity.model)
            yield [entity.make({})]
            return
        if stream.keeping == "replace":
            yield from self._whole(entity, wanted)
            return
        if entity.way in history.NEEDS:
            self._require(history.NEEDS[entity.way])
        for records in self._changes(entity, wanted):
            if entity.way == "stage_history":
                yield history.stages(self._service, records)
            elif entity.way == "field_history":
                yield history.fields(self._service, records)
            else:
                yield self._rows(entity, records, wanted)

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The numbers of all records that exist now."""
        entity = ENTITIES[stream.name]
        last = 0
        while True:
            domain = (*entity.domain, ("id", ">", last))
            found = self._service.search(entity.model, domain, order="id", limit=IDS)
            _climbing(found, last, entity.model)
            yield [(str(number),) for number in found]
            if len(found) < IDS:
                return
            last = found[-1]

    def close(self) -> None:
        """Let the connection go."""
        self._service.close()

    def _require(self, model: str) -> None:
        """Refuse early: a user who sees no deal yet would never ask for their changes."""
        why = self._why_not(model)
        if why is not None:
            raise SourceRefused.of(
                f"read {model} in Odoo",
                why,
                "Use the key of an administrator, or leave the histories out.",
            )

    def _whole(self, entity: Entity, wanted: Wanted) -> Iterator[Page]:
        last, size = 0, self._settings.page_size
        asked = self._fields(entity, wanted)
        while True:
            domain = (*entity.domain, ("id", ">", last))
            found = self._service.records(entity.model, domain, asked, order="id", limit=size)
            _climbing([int(record["id"]) for record in found], last, entity.model)
            if found:
                yield self._rows(entity, found, wanted)
            if len(found) < size:
                return
            last = int(found[-1]["id"])

    def _changes(self, entity: Entity, wanted: Wanted) -> Iterator[list[Row]]:
        """Records by the time of their change, as one listing that holds still.

        Times are shown in whole seconds and many records share one, so neither
        a time nor an offset can tell where a page ends. A page that is not full
        is all there is. Else the numbers of the rest are listed once, up to the
        newest change, and read in that order; what was changed since then is
        left to the next round.
        """
        cursor = entity.stream.cursor or "write_date"
        order, size = f"{cursor}, id", self._settings.page_size
        asked = self._fields(entity, wanted)
        until: tuple[Term, ...] = ()
        if wanted.until is not None:
            until = ((cursor, "<", spoken(wanted.until.astimezone(UTC))),)
        since = None if wanted.since is None else wanted.since.astimezone(UTC)
        for _ in range(ROUNDS):
            domain = (*entity.domain, *_from(cursor, since), *until)
            first = self._service.records(entity.model, domain, asked, order=order, limit=size)
            if first:
                yield first
            if len(first) < size:
                return
            ceiling = self._newest(entity, domain, cursor) + _SECOND
            rest = self._rest(entity, domain, first, ceiling)
            for place in range(0, len(rest), size):
                chunk = ("id", "in", rest[place : place + size])
                bounded = (chunk, (cursor, "<", spoken(ceiling)))
                found = self._service.records(entity.model, bounded, asked, order=order)
                if found:
                    yield found
            since = ceiling
        raise BadAnswer.of(
            f"the changes of {entity.stream.name} in Odoo",
            f"after {ROUNDS} rounds there are still more than {size} new ones",
            "What was read is kept; run again when less is being changed, or raise page_size.",
        )

    def _rest(
        self, entity: Entity, domain: tuple[Term, ...], first: list[Row], ceiling: datetime
    ) -> list[int]:
        """The numbers behind a full page, in order.

        Those that share the page's last second come again in part; a record of
        the page that has changed by now stands among the later ones.
        """
        cursor = entity.stream.cursor or "write_date"
        order, model = f"{cursor}, id", entity.model
        seen = {int(str(record["id"])) for record in first}
        last = _moment(first[-1][cursor]) + _SECOND
        same = self._service.search(model, (*domain, (cursor, "<", spoken(last))), order=order)
        later = ((cursor, ">=", spoken(last)), (cursor, "<", spoken(ceiling)))
        beyond = self._service.search(model, (*domain, *later), order=order)
        return [*(number for number in same if number not in seen), *beyond]

    def _newest(self, entity: Entity, domain: tuple[Term, ...], cursor: str) -> datetime:
        order = f"{cursor} desc"
        found = self._service.records(entity.model, domain, [cursor], order=order, limit=1)
        return _moment(found[0][cursor]) if found else datetime.now(UTC)

    def _fields(self, entity: Entity, wanted: Wanted) -> tuple[str, ...]:
        """The fields to ask for; one that a person named must exist."""
        known = self._service.fields(entity.model)
        for name in wanted.fields:
            if name.partition(".")[0] not in known:
                raise BadAnswer.of(
                    f"read the field '{name}' of {entity.stream.name}",
                    f"{entity.model} has no such field, or the key's user may not see it",
                    did_you_mean(name, sorted(known)),
                )
        if entity.way == "stage_history":
            return history.LEAD_FIELDS
        if entity.way == "field_history":
            return history.VALUE_FIELDS
        return entity.asked(tuple(name.partition(".")[0] for name in wanted.fields))

    def _rows(self, entity: Entity, records: Sequence[Record], wanted: Wanted) -> list[Row]:
        zero = self._settings.zero_is_unknown
        rows = [entity.shape(one, wanted.fields, zero_is_unknown=zero) for one in records]
        if entity.partner:
            self._tell_partners_apart(rows, entity.made)
        if entity.subject:
            self._tell_leads_apart(rows, entity.subject[0])
        amount = HOME_AMOUNTS.get(entity.stream.name)
        if amount is not None:
            self._bring_home(entity.stream.name, rows, amount)
        return rows

    def _tell_partners_apart(self, rows: list[Row], made: tuple[str, ...]) -> None:
        """The company and the person behind each row's partner."""
        numbers = sorted({int(str(row["partner_id"])) for row in rows if row.get("partner_id")})
        known = self._partners(numbers)
        for row in rows:
            account, contact = known.get(str(row.get("partner_id")), (None, None))
            row.update(
                {ACCOUNT: account, CONTACT: contact} if CONTACT in made else {ACCOUNT: account}
            )

    def _partners(self, numbers: list[int]) -> dict[str, tuple[object, object]]:
        if not numbers:
            return {}
        fields = ["is_company", "parent_id", "commercial_partner_id"]
        found: dict[str, tuple[object, object]] = {}
        domain = (("id", "in", numbers),)
        for partner in self._service.records("res.partner", domain, fields):
            above = partner.get("commercial_partner_id") if partner.get("parent_id") else None
            company = partner["id"] if partner.get("is_company") else above and above[0]
            person = None if partner.get("is_company") else partner["id"]
            found[str(partner["id"])] = (company or None, person)
        return found

    def _tell_leads_apart(self, rows: list[Row], field: str) -> None:
        """Whether the record of crm.lead that each row points at is a lead or a deal."""
        numbers = sorted({int(str(row[field])) for row in rows if row.get(field)})
        deals: set[str] = set()
        if numbers:
            domain = (("id", "in", numbers), ("type", "=", "opportunity"))
            deals = {str(number) for number in self._service.search("crm.lead", domain)}
        for row in rows:
            number = row.get(field)
            is_deal = str(number) in deals
            row.update({LEAD: None if is_deal else number, DEAL: number if is_deal else None})

    def _bring_home(self, stream: str, rows: list[Row], amount: str) -> None:
        """The amount, where it is in the currency of the company that sold."""
        home = self._home()
        foreign: list[str] = []
        for row in rows:
            own = home.get(int(str(row.get("company_id") or 0)))
            same = own is not None and row.get("currency_id.name") == own
            row["home_amount"] = row.get(amount) if same else None
            if not same and row.get(amount) is not None:
                foreign.append(str(row["id"]))
        if foreign:
            self._notice(
                Notice(
                    stream,
                    "foreign_currency",
                    f"{len(foreign)} records of {stream} are in another currency than their"
                    " company's; their amounts are left out, because Odoo gives no converted one",
                    "Count them by their invoices, which Odoo converts.",
                    rows=len(foreign),
                    records=tuple(foreign[:100]),
                )
            )

    def _home(self) -> dict[int, str]:
        """The currency of each company, by the company's number."""

        def ask() -> dict[int, str]:
            companies = self._service.records("res.company", (), ["currency_id"])
            return {
                int(one["id"]): str(one["currency_id"][1])
                for one in companies
                if one["currency_id"]
            }

        found: dict[int, str] = self._once.get("currencies", ask)
        return found

    def _user(self) -> dict[str, Any]:
        told = self._service.call("res.users", "context_get")
        domain = (("id", "=", told["uid"]),)
        (user,) = self._service.records("res.users", domain, ["name", "login", "tz", "company_id"])
        return user

    def _rights(self) -> tuple[tuple[str, ...], Mapping[str, str]]:
        reads: list[str] = []
        refused: dict[str, str] = {}
        known: dict[str, str | None] = {}
        for name, entity in ENTITIES.items():
            model = history.NEEDS.get(entity.way, entity.model)
            if model not in known:
                known[model] = self._why_not(model)
            why = known[model]
            if why is None:
                reads.append(name)
            else:
                refused[name] = why
        return tuple(reads), refused

    def _why_not(self, model: str) -> str | None:
        try:
            if self._service.may_read(model):
                return None
        except (BadAnswer, SourceRefused) as error:
            return error.problems[0].found
        return f"the key's user may not read {model}"

    def _expiry(self, user: int) -> datetime | None:
        """When the key ends; known where the user has one key only."""
        try:
            keys = self._service.records(
                "res.users.apikeys", (("user_id", "=", user),), ["expiration_date"]
            )
        except (BadAnswer, SourceRefused):
            return None
        if len(keys) != 1 or not keys[0].get("expiration_date"):
            return None
        return datetime.fromisoformat(str(keys[0]["expiration_date"])).replace(tzinfo=UTC)


def _moment(text: object) -> datetime:
    """A time of Odoo's, in whole seconds."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC, microsecond=0)


def _from(cursor: str, since: datetime | None) -> tuple[Term, ...]:
    return () if since is None else ((cursor, ">=", spoken(since)),)


def _climbing(numbers: Sequence[int], last: int, model: str) -> None:
    """Refuse a listing that does not go on: it would never end."""
    if numbers and (numbers[0] <= last or numbers != sorted(set(numbers))):
        raise BadAnswer.of(
            f"the next records of {model} in Odoo",
            "the same ones came again",
            "What was read is kept. A proxy may be answering from its memory.",
        )
