"""A declared REST interface, read by the loading library's client under our guards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.rest.record import filled, find, flattened, path_of, values_of
from kvitto.sources.connectors.rest.settings import RestSettings, StreamDefinition
from kvitto.sources.connectors.rest.stream import streams_of
from kvitto.sources.http.address import check_url, origin
from kvitto.sources.http.answer import check_status
from kvitto.sources.http.page import never_ending
from kvitto.sources.http.session import guarded_session
from kvitto.sources.pull.extract import load_dlt
from kvitto.sources.pull.text import key_of
from kvitto.sources.stream import Account, Opening, Page, Record, Stream, Wanted

_ABSENT = object()


class RestApi:
    """An open connection to the service that the settings declare."""

    def __init__(self, opening: Opening) -> None:
        assert isinstance(opening.settings, RestSettings)
        self._settings: RestSettings = opening.settings
        check_url(self._settings.base, allow_private=opening.allow_private)
        self._folder = tempfile.TemporaryDirectory(prefix="kvitto-rest-")
        load_dlt(Path(self._folder.name))
        from kvitto.sources.connectors.rest.auth import sign
        from kvitto.sources.connectors.rest.client import Client

        self._session = guarded_session(
            opening,
            per_second=self._settings.per_second,
            where=self._settings.name,
            waits=self._settings.wait_headers,
        )
        self._session.origins.add(origin(self._settings.base))
        self._session.headers["Accept"] = "application/json"
        self._session.headers.update(self._settings.headers)
        sign(self._session, opening, self._settings)
        self._client = Client(self._settings.base, self._session)

    def account(self) -> Account:
        """Ask what the settings name under ``test:``, or the first page of the first stream."""
        test = self._settings.test
        host = urlsplit(self._settings.base).hostname or self._settings.base
        if test is None:
            first = next(stream for stream in self._streams() if stream.parent is None)
            next(iter(self._pages(first, Wanted(), None)), None)
            return Account(host)
        response = self._client.get(test.path)
        check_status(response, self._session.patience)
        data = response.json()

        def told(path: str) -> str | None:
            value = find(data, path) if path else None
            return None if value is None else str(value)

        return Account(told(test.label) or host, told(test.timezone), told(test.currency))

    def streams(self) -> Sequence[Stream]:
        """The streams that are declared; nothing is asked."""
        return streams_of(self._settings)

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for, flattened as declared."""
        definition = self._settings.streams[stream.name]
        yield from self._flat(definition, wanted)

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The keys of all records, by reading the stream with ``ids_params``."""
        definition = self._settings.streams[stream.name]
        params = {**definition.params, **definition.ids_params}
        slim = definition.model_copy(update={"params": params})
        for page in self._flat(slim, Wanted()):
            keys = (key_of(record, stream.key) for record in page)
            yield [tuple(part or "" for part in key) for key in keys]

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()
        self._folder.cleanup()

    def _streams(self) -> Iterator[StreamDefinition]:
        yield from self._settings.streams.values()

    def _flat(self, definition: StreamDefinition, wanted: Wanted) -> Iterator[Page]:
        if definition.parent is None:
            for page in self._pages(definition, wanted, None):
                yield [flattened(definition, record, None, wanted.fields) for record in page]
            return
        above = self._settings.streams[definition.parent.stream]
        asked = Wanted(wanted.since, wanted.until, wanted.first, wanted.last)
        for parents in self._flat(above, asked):
            for parent in parents:
                for page in self._pages(definition, wanted, parent):
                    yield [flattened(definition, record, parent, wanted.fields) for record in page]

    def _pages(
        self, definition: StreamDefinition, wanted: Wanted, parent: Record | None
    ) -> Iterator[Sequence[Record]]:
        """The raw records, page by page, until the end that the paging declares."""
        values = values_of(definition, wanted, parent)
        paging = definition.paging or self._settings.paging
        pages = self._client.pages(
            path_of(definition.path, values),
            definition.method,
            _mapping(filled(definition.params, values)),
            None if definition.body is None else _mapping(filled(definition.body, values)),
            paging,
            lambda response: self._records(definition, response),
            missing=parent is not None,
        )
        yield from never_ending(pages, self._settings.name)

    def _records(self, definition: StreamDefinition, response: requests.Response) -> list[Record]:
        """The list of records in an answer. A wrong shape is never an empty list."""
        data = response.json()
        found = find(data, definition.records, _ABSENT)
        if found is None:
            return []
        if isinstance(found, list) and all(isinstance(one, Mapping) for one in found):
            return found
        where = definition.records or "the answer itself"
        held = ", ".join(sorted(map(str, data))[:12]) if isinstance(data, Mapping) else ""
        raise BadAnswer.of(
            f"a list of records of {self._settings.name} at '{where}'",
            f"there is none; the answer holds {held or 'no fields'}"
            if found is _ABSENT
            else f"there is something else ({type(found).__name__})",
            "Correct records: of the stream, or look whether the interface has changed.",
        )


def _mapping(given: object) -> dict[str, Any]:
    return dict(given) if isinstance(given, Mapping) else {}
