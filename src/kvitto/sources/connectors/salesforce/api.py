"""One Salesforce organisation, open for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kvitto.errors import BadAnswer, SourceRefused
from kvitto.sources.connectors.salesforce.bulk import bulk_pages
from kvitto.sources.connectors.salesforce.entity import Entity, part_of
from kvitto.sources.connectors.salesforce.settings import SalesforceSettings
from kvitto.sources.connectors.salesforce.shown import Described, asked_fields, shown, unseen
from kvitto.sources.connectors.salesforce.soql import not_after, not_before, select
from kvitto.sources.connectors.salesforce.stream import ENTITIES, STREAMS
from kvitto.sources.connectors.salesforce.transport import WHERE, Refusal, Transport
from kvitto.sources.connectors.salesforce.value import COMPOUND, flat, value_of
from kvitto.sources.http import never_ending
from kvitto.sources.stream import Account, Notice, Opening, Page, Record, Stream, Wanted

_BATCH = 25
"""Questions that one batch of the interface may hold."""

_TOO_SLOW = ("QUERY_TIMEOUT", "OPERATION_TOO_LARGE")


class SalesforceApi:
    """Reads the streams of one organisation."""

    at_once = 4

    def __init__(self, opening: Opening) -> None:
        settings = opening.settings
        assert isinstance(settings, SalesforceSettings)
        self._settings = settings
        self._opening = opening
        self._transport = Transport(opening, settings)
        self._described: dict[str, Described] = {}
        self._listed: frozenset[str] | None = None

    def account(self) -> Account:
        """Whom we are to the organisation, and which streams the user may read."""
        fields = ("Id", "Name", "TimeZoneSidKey", "OrganizationType", "IsSandbox")
        organisation = self._one(select("Organization", fields))
        names = self._objects()
        refused = {
            stream.name: f"the user of the connection does not see {ENTITIES[stream.name].name}"
            for stream in STREAMS
            if ENTITIES[stream.name].name not in names and not ENTITIES[stream.name].quiet
        }
        kind = "sandbox" if organisation.get("IsSandbox") else organisation.get("OrganizationType")
        zone = organisation.get("TimeZoneSidKey")
        return Account(
            f"{organisation.get('Name')} ({kind}, {organisation.get('Id')})",
            timezone=None if zone is None else str(zone),
            currency=self._corporate(),
            reads=tuple(one.name for one in STREAMS if ENTITIES[one.name].name in names),
            refused={**refused, **self._hidden(names)},
        )

    def streams(self) -> Sequence[Stream]:
        """The streams, with the fields and currencies that this organisation has."""
        names = self._objects()
        self._describe_all([one.name for one in ENTITIES.values() if one.name in names])
        corporate = self._corporate()
        dated = ENTITIES["dated_rates"].name in names
        found = []
        for stream in STREAMS:
            entity = ENTITIES[stream.name]
            if entity.name not in names:
                if not entity.quiet:
                    found.append(stream)
                continue
            whole = shown(stream, entity, self._describe(entity.name), self._settings)
            if "fx_rates" in whole.fill and not self._has_rates(stream, corporate, dated=dated):
                whole = replace(whole, fill={})
            found.append(whole)
        return tuple(found)

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for, those in the recycle bin and the archive too."""
        entity = ENTITIES[stream.name]
        now = self._opening.now()
        described = self._describe(entity.name)
        fields = asked_fields(stream, entity, described, wanted.fields)
        self._check_key(stream, described)
        self._tell_hidden(stream, unseen(stream, entity, described, wanted.fields))
        query = select(
            entity.name,
            fields,
            where=_conditions(stream, entity, wanted, now),
            order=() if stream.cursor is None else (stream.cursor, "Id"),
        )
        make = _maker(stream, entity, described, fields, wanted.fields, now)
        try:
            for page in self._raw(query, described, fields):
                yield [make(record) for record in page]
        except Refusal as refusal:
            refusal.raised(f"read {stream.name} of Salesforce")

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The ids of all records that exist now."""
        entity = ENTITIES[stream.name]
        query = select(entity.name, ("Id",), where=(entity.where,), order=("Id",))
        try:
            for page in never_ending(self._rest(query, "query"), WHERE):
                yield [(str(record["Id"]),) for record in page]
        except Refusal as refusal:
            refusal.raised(f"list the ids of {stream.name} of Salesforce")

    def close(self) -> None:
        """Let the connection go."""
        self._transport.close()

    def _raw(
        self, query: str, described: Described, fields: Sequence[str]
    ) -> Iterator[Sequence[Record]]:
        """Pages of records as they came; by a bulk job where there are many."""
        compound = any(described.types.get(name) in COMPOUND for name in fields)
        try:
            first = self._question(query, "queryAll")
        except Refusal as refusal:
            if refusal.code not in _TOO_SLOW or compound:
                raise
            yield from never_ending(self._bulk(query), WHERE)
            return
        if int(first.get("totalSize") or 0) > self._settings.bulk_above and not compound:
            jobs = self._bulk(query)
            try:
                begun = next(jobs, None)
            except Refusal:
                # Some objects and editions have no bulk jobs; pages do it, in more requests.
                begun = None
            else:
                yield from never_ending(_with(begun, jobs), WHERE)
                return
        yield from never_ending(self._rest(query, "queryAll", first), WHERE)

    def _bulk(self, query: str) -> Iterator[tuple[object, Sequence[Record]]]:
        wait = self._opening.limits.wait_seconds
        return bulk_pages(self._transport, query, self._settings.bulk_page, wait)

    def _question(self, query: str, way: str) -> Mapping[str, Any]:
        options = {"Sforce-Query-Options": f"batchSize={self._settings.page_size}"}
        path = f"{self._transport.root}/{way}"
        answer = self._transport.ask("GET", path, params={"q": query}, headers=options)
        return _checked(answer.json())

    def _rest(
        self, query: str, way: str, first: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[object, Sequence[Record]]]:
        page = self._question(query, way) if first is None else first
        while True:
            following = None if page.get("done") else page.get("nextRecordsUrl")
            yield following, page["records"]
            if following is None:
                return
            if not str(following).startswith("/services/data/"):
                raise BadAnswer.of(
                    f"the next page of {WHERE}", f"it is at {following}", "Sync again."
                )
            page = _checked(self._transport.data(str(following)))

    def _one(self, query: str) -> Mapping[str, Any]:
        try:
            records = self._question(query, "query")["records"]
        except Refusal as refusal:
            refusal.raised("sign in to Salesforce")
        return records[0] if records else {}

    def _objects(self) -> frozenset[str]:
        """The names of all objects that the user may query."""
        if self._listed is None:
            try:
                data = self._transport.data(f"{self._transport.root}/sobjects")
                self._listed = frozenset(
                    str(one["name"]) for one in data["sobjects"] if one.get("queryable", True)
                )
            except Refusal as refusal:
                refusal.raised("list the objects of Salesforce")
            except (KeyError, TypeError):
                raise BadAnswer.of(
                    f"the list of objects of {WHERE}", "another shape", "Sync again."
                ) from None
        return self._listed

    def _describe_all(self, names: Sequence[str]) -> None:
        """Describe the objects in as few requests as can be; what a batch cannot is left."""
        unknown = [name for name in dict.fromkeys(names) if name not in self._described]
        for start in range(0, len(unknown), _BATCH):
            some = unknown[start : start + _BATCH]
            urls = [f"v{self._settings.version}/sobjects/{name}/describe" for name in some]
            asked = {"batchRequests": [{"method": "GET", "url": url} for url in urls]}
            try:
                answer = self._transport.ask(
                    "POST", f"{self._transport.root}/composite/batch", json=asked
                ).json()
            except (Refusal, BadAnswer):
                # An edition without batches, or one answer that is too large: one by one then.
                return
            results = answer.get("results") if isinstance(answer, Mapping) else None
            for name, one in zip(some, results or (), strict=False):
                if one.get("statusCode") == 200:
                    self._described[name] = _described(one["result"]["fields"])

    def _describe(self, name: str) -> Described:
        if name not in self._described:
            if name not in self._objects():
                raise SourceRefused.of(
                    f"read {name} of Salesforce",
                    "the user of the connection does not see it",
                    "Give the user read access to the object, or leave the stream out.",
                )
            try:
                path = f"{self._transport.root}/sobjects/{name}/describe"
                fields = self._transport.data(path)["fields"]
            except Refusal as refusal:
                refusal.raised(f"describe {name} of Salesforce")
            self._described[name] = _described(fields)
        return self._described[name]

    def _check_key(self, stream: Stream, described: Described) -> None:
        needed = (*stream.key, *(() if stream.cursor is None else (stream.cursor,)))
        lost = [name for name in needed if not described.sees(name)]
        if lost:
            raise SourceRefused.of(
                f"read {stream.name} of Salesforce",
                f"the user of the connection does not see {', '.join(lost)}",
                "Give the user read access to these fields.",
            )

    def _tell_hidden(self, stream: Stream, hidden: Sequence[str]) -> None:
        if hidden:
            self._opening.notice(
                Notice(
                    stream.name,
                    "field_hidden",
                    f"{stream.name} is read without {', '.join(hidden)}: the user of the"
                    " connection does not see it, or the organisation does not have it",
                    "Give the user read access to the field where a figure needs it.",
                )
            )

    def _hidden(self, names: frozenset[str]) -> dict[str, str]:
        """Declared fields that the user may not see, of the streams that matter most."""
        found = {}
        for stream in STREAMS:
            entity = ENTITIES[stream.name]
            if stream.optional or entity.name not in names:
                continue
            for field in unseen(stream, entity, self._describe(entity.name)):
                found[f"{stream.name}.{field}"] = "the user of the connection does not see it"
        return found

    def _corporate(self) -> str | None:
        """The corporate currency of an organisation with several; unknown for one with one."""
        if ENTITIES["currencies"].name not in self._objects():
            return None
        where = ("IsCorporate = true",)
        found = self._one(select("CurrencyType", ("IsoCode",), where=where)).get("IsoCode")
        return None if found is None else str(found)

    def _has_rates(self, stream: Stream, corporate: str | None, *, dated: bool) -> bool:
        """Whether this stream's rates are rates to the client's currency."""
        if corporate is None or self._settings.base_currency != corporate:
            return False
        return dated == (stream.name == "dated_rates")


def _described(fields: Sequence[Mapping[str, Any]]) -> Described:
    return Described(
        {str(one["name"]): str(one["type"]) for one in fields},
        frozenset(str(one.get("relationshipName") or "") for one in fields) - {""},
    )


def _conditions(stream: Stream, entity: Entity, wanted: Wanted, now: datetime) -> tuple[str, ...]:
    conditions = [entity.where]
    if stream.cursor is not None and wanted.since is not None:
        since = not_before(stream.cursor, wanted.since)
        if "held_at" in entity.parts.values():
            # A meeting that is over is nobody's change, and yet it has taken place since.
            over = (not_before("EndDateTime", wanted.since), not_after("EndDateTime", now))
            since = f"{since} OR ({' AND '.join(over)})"
        conditions.append(since)
    if stream.cursor is not None and wanted.until is not None:
        conditions.append(not_after(stream.cursor, wanted.until))
    return tuple(conditions)


def _maker(
    stream: Stream,
    entity: Entity,
    described: Described,
    fields: Sequence[str],
    extra: Sequence[str],
    now: datetime,
) -> Callable[[Record], Record]:
    """The function that turns a record as it came into one of the stream's."""
    kinds = {name: stream.fields.get(name, described.kind(name)) for name in fields}
    kept = frozenset((*stream.fields, *extra))

    def make(record: Record) -> Record:
        # A bulk result names a parent's field by its whole path.
        found = {
            name: value_of(record[name] if name in record else flat(record, name), kind)
            for name, kind in kinds.items()
        }
        made = {name: part_of(found, part, now) for name, part in entity.parts.items()}
        return {name: value for name, value in {**found, **made}.items() if name in kept}

    return make


def _with(
    first: tuple[object, Sequence[Record]] | None,
    rest: Iterator[tuple[object, Sequence[Record]]],
) -> Iterator[tuple[object, Sequence[Record]]]:
    if first is not None:
        yield first
        yield from rest


def _checked(data: Any) -> Mapping[str, Any]:
    """A page of a question. Raises ``BadAnswer`` where it is none."""
    records = data.get("records") if isinstance(data, Mapping) else None
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise BadAnswer.of(f"records of {WHERE}", "an answer without records", "Sync again.")
    page: Mapping[str, Any] = data
    return page
