"""HubSpot, open: owners, pipelines, objects by last change, histories, ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.hubspot.entity import DEALS, ENTITIES, Entity
from kvitto.sources.connectors.hubspot.link import Links
from kvitto.sources.connectors.hubspot.path import Paths
from kvitto.sources.connectors.hubspot.record import (
    changes,
    finished,
    flat,
    is_closed,
    owner,
    stages,
    teams,
)
from kvitto.sources.connectors.hubspot.search import PAGE, Filter, changed
from kvitto.sources.connectors.hubspot.settings import HubspotSettings
from kvitto.sources.connectors.hubspot.stream import STREAMS
from kvitto.sources.http import BearerToken, Http, Once, guarded_session, never_ending, refreshed
from kvitto.sources.stream import Account, FieldKind, Notice, Opening, Page, Stream, Wanted

_WHERE = "HubSpot"
_LIST_PAGE = 100
_HISTORY_PAGE = 50
_PER_SECOND = 9.0
_SEARCHES_PER_SECOND = 5.0
_STAGE = ("dealstage",)
_KINDS: Mapping[str, FieldKind] = {
    "number": "number",
    "datetime": "instant",
    "date": "day",
    "bool": "flag",
}


class HubspotApi:
    """An open connection to one HubSpot account."""

    at_once = 4

    def __init__(self, opening: Opening) -> None:
        assert isinstance(opening.settings, HubspotSettings)
        self._settings = opening.settings
        self._opening = opening
        self._paths = Paths(self._settings.version)
        auth = self._auth()
        base = self._settings.base
        self._http = Http(opening, base, auth=auth, per_second=_PER_SECOND, where=_WHERE)
        self._search = Http(
            opening, base, auth=auth, per_second=_SEARCHES_PER_SECOND, where="HubSpot's search"
        )
        if self._settings.sign_in == "token":
            for http in (self._http, self._search):
                http.hide(opening.secret("token"))
        self._links = Links(self._http, self._paths, opening)
        self._known: dict[str, dict[str, FieldKind]] = {}
        self._once = Once()
        self._just_seen: dict[object, list[list[Mapping[str, Any]]]] = {}

    def _auth(self) -> Any:
        if self._settings.sign_in == "token":
            return BearerToken(self._opening.secret("token"))
        session = guarded_session(self._opening, where="HubSpot's sign-in")
        return refreshed(
            session,
            f"{self._settings.base.rstrip('/')}/oauth/v1/token",
            self._opening.secret,
            self._opening.keep_secret,
            now=self._opening.now,
        )

    def account(self) -> Account:
        """The portal, and which objects the credential may read (one record of each is asked)."""
        details = self._http.get(self._paths.account)
        reads: list[str] = []
        refused: dict[str, str] = {}
        for name, entity in ENTITIES.items():
            path = self._paths.objects(entity.type)
            answer = self._http.answer("GET", path, params={"limit": 1}, expect={403})
            if answer.status == 403:
                refused[name] = "the private app lacks the scope"
            else:
                reads.append(name)
        return Account(
            f"{details.get('uiDomain') or 'HubSpot'} (portal {details.get('portalId')})",
            timezone=details.get("timeZone"),
            currency=details.get("companyCurrency"),
            reads=tuple(reads),
            refused=refused,
        )

    def streams(self) -> Sequence[Stream]:
        """The streams, with the properties of one's own that the settings name."""
        own = {str(name): wanted for name, wanted in self._settings.properties.items()}
        found = []
        for stream in STREAMS:
            names = own.get(stream.name, ())
            kinds = self._kinds(stream.name, names) if names else {}
            found.append(replace(stream, fields={**stream.fields, **kinds}) if kinds else stream)
        return found

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for; those of objects in the order of their last change."""
        match stream.name:
            case "owners":
                for page in self._owners():
                    yield [owner(one) for one in page]
            case "teams":
                yield teams(one for page in self._owners() for one in page)
            case "pipelines":
                yield [_pipeline(one) for one in self._pipelines("deals")]
            case "stages":
                yield [stage for one in self._pipelines("deals") for stage in stages(one)]
            case "deal_stages":
                yield from self._histories(_STAGE, wanted)
            case "deal_changes":
                yield from self._histories(self._settings.history, wanted)
            case _:
                yield from self._objects(stream, wanted)

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The ids of all objects that are not archived."""
        path = self._paths.objects(ENTITIES[stream.name].type)
        for page in self._listed(path, {"properties": "hs_object_id", "archived": False}):
            yield [(str(one["id"]),) for one in page]

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()
        self._search.close()

    def _objects(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        entity = ENTITIES[stream.name]
        if wanted.fields:
            self._kinds(stream.name, wanted.fields)
        closed = self._closed(stream.name)
        entered = closed.values() if stream.name == "deals" else ()
        asked = (*_asked(entity, stream), *entered, *wanted.fields)
        for page in self._changed(entity, asked, wanted.since, wanted.until):
            records = [flat(one, asked) for one in page]
            self._links.add(entity.type, entity.links, records)
            yield [finished(stream.name, record, closed) for record in records]

    def _changed(
        self,
        entity: Entity,
        properties: Sequence[str],
        since: datetime | None,
        until: datetime | None,
    ) -> Iterator[list[Mapping[str, Any]]]:
        asked = (entity.type, since, until)
        if not properties and asked in self._just_seen:
            # The histories ask for the deals that were listed a moment ago; searches are few.
            yield from self._just_seen[asked]
            return
        path = self._paths.objects(entity.type, "search")

        def ask(filters: Sequence[Filter], order: str) -> Mapping[str, Any]:
            body = {
                "limit": PAGE,
                "properties": list(dict.fromkeys((*properties, entity.cursor, "hs_object_id"))),
                "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
                "filterGroups": [{"filters": list(filters)}] if filters else [],
            }
            answer: Mapping[str, Any] = self._search.post(path, json=body)
            return answer

        listed: list[list[Mapping[str, Any]]] = []
        for page in changed(ask, entity.cursor, since, until, entity.has):
            listed = [*listed, page][:2]
            yield page
        if len(listed) < 2:
            self._just_seen[asked] = listed

    def _histories(self, names: Sequence[str], wanted: Wanted) -> Iterator[Page]:
        """What the properties of changed deals were, each deal's history whole."""
        # Few changed deals are asked for all histories at once, for both streams.
        few = (DEALS.type, wanted.since, wanted.until) in self._just_seen
        for page in self._changed(DEALS, (), wanted.since, wanted.until):
            modified = {one["id"]: one["properties"].get(DEALS.cursor) for one in page}
            ids = list(modified)
            for start in range(0, len(ids), _HISTORY_PAGE):
                asked = tuple(ids[start : start + _HISTORY_PAGE])
                found = self._past(asked, names, few=few)
                # In the order of the deals' changes, whatever order the answer has.
                part = [found[one] for one in asked if one in found]
                yield [
                    change for one in part for change in changes(one, names, modified[one["id"]])
                ]

    def _past(
        self, ids: tuple[str, ...], names: Sequence[str], *, few: bool
    ) -> Mapping[str, Mapping[str, Any]]:
        """Deals with what the properties were, by id; of ``few`` deals asked for once."""
        every = tuple(dict.fromkeys((*_STAGE, *self._settings.history))) if few else tuple(names)
        body = {
            "properties": [],
            "propertiesWithHistory": list(every),
            "inputs": [{"id": one} for one in ids],
        }

        def ask() -> dict[str, Mapping[str, Any]]:
            path = self._paths.objects("deals", "batch/read")
            return {str(one["id"]): one for one in _results(self._http.post(path, json=body))}

        found: dict[str, Mapping[str, Any]] = self._once.get(ids, ask) if few else ask()
        return found

    def _closed(self, name: str) -> dict[str, str]:
        """The stages in which a record is closed -> the property of when it came there."""
        if name not in ("deals", "tickets"):
            return {}
        listed = (
            str(stage["id"])
            for pipeline in self._pipelines(name)
            for stage in pipeline.get("stages") or []
            if is_closed(stage)
        )
        return {stage: f"hs_v2_date_entered_{stage}" for stage in listed}

    def _pipelines(self, kind: str) -> list[Mapping[str, Any]]:
        path = self._paths.pipelines(kind)
        found: list[Mapping[str, Any]] = self._once.get(
            path, lambda: _results(self._http.get(path))
        )
        return found

    def _owners(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """All owners, of which the teams are made too: asked for once."""
        path = self._paths.owners
        yield from self._once.get(
            path,
            lambda: [
                page
                for archived in (False, True)
                for page in self._listed(path, {"archived": archived})
            ],
        )

    def _listed(
        self, path: str, params: Mapping[str, object]
    ) -> Iterator[Sequence[Mapping[str, Any]]]:
        """All pages of a list."""

        def pages() -> Iterator[tuple[object, Sequence[Mapping[str, Any]]]]:
            after: object = None
            while True:
                more = {} if after is None else {"after": after}
                answer = self._http.get(path, {"limit": _LIST_PAGE, **params, **more})
                after = ((answer.get("paging") or {}).get("next") or {}).get("after")
                yield after, _results(answer)
                if after is None:
                    return

        yield from never_ending(pages(), _WHERE)

    def _kinds(self, name: str, wanted: Sequence[str]) -> dict[str, FieldKind]:
        """The kinds of properties; one that HubSpot does not know is told and still asked for."""
        kind = ENTITIES[name].type
        if kind not in self._known:
            listed = _results(self._http.get(self._paths.properties(kind)))
            self._known[kind] = {
                str(one["name"]): _KINDS.get(str(one.get("type")), "text") for one in listed
            }
        known = self._known[kind]
        missing = [one for one in wanted if one not in known]
        if missing:
            self._opening.notice(
                Notice(
                    name,
                    "property_unknown",
                    f"HubSpot's {kind} have no property {', '.join(missing)}",
                    "Correct the name (it is the internal one), or take it out of the file.",
                    severity="error",
                )
            )
        return {one: known.get(one, "text") for one in wanted}


def _asked(entity: Entity, stream: Stream) -> tuple[str, ...]:
    ours = {"id", *entity.links, *entity.made}
    return tuple(name for name in stream.fields if name not in ours)


def _pipeline(found: Mapping[str, Any]) -> dict[str, object]:
    return {
        "id": found.get("id"),
        "label": found.get("label"),
        "archived": bool(found.get("archived")),
    }


def _results(answer: Any) -> list[Mapping[str, Any]]:
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if isinstance(found, list) and all(isinstance(one, Mapping) for one in found):
        return found
    raise BadAnswer.of(
        "a list of results from HubSpot",
        "an answer without one",
        "Look whether the version in the source's settings still exists.",
    )
