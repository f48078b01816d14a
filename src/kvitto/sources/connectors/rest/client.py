"""The loading library's REST client with our session: its paging, our guards.

Three things are changed. A refusal is ours to judge. Records are found where
they were declared, and nowhere is not the same as none. What a paginator says
of a strange answer becomes an error of the source.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException
from dlt.sources.helpers.rest_client.paginators import BasePaginator

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.rest.paging import paginator_of
from kvitto.sources.connectors.rest.settings import Paging
from kvitto.sources.http.answer import check_status
from kvitto.sources.http.session import GuardedSession
from kvitto.sources.stream import Record

Find = Callable[[requests.Response], list[Record]]


class _Client(RESTClient):
    """Finds the records with a function instead of a path."""

    find: Find

    def extract_response(self, response: requests.Response, data_selector: Any) -> list[Any]:
        """The records of one answer."""
        return list(self.find(response))


class Client:
    """Pages of records of one service."""

    def __init__(self, base: str, session: GuardedSession) -> None:
        self._session = session
        self._base = base.rstrip("/") + "/"
        self._config = RuntimeConfiguration()

    def get(self, path: str) -> requests.Response:
        """The answer to one request, whatever its status."""
        return self._client().get(path)

    def pages(
        self,
        path: str,
        method: Any,
        params: dict[str, Any],
        body: dict[str, Any] | None,
        paging: Paging,
        find: Find,
        *,
        missing: bool,
    ) -> Iterator[tuple[object, Sequence[Record]]]:
        """(what the next page is asked by, records) for each page.

        ``missing``: that there is nothing at the path (404) means no records.
        """
        client = self._client()
        client.find = find
        paginator = paginator_of(paging)
        pages = client.paginate(
            path,
            method,
            params=copy.deepcopy(params),
            json=copy.deepcopy(body),
            paginator=paginator,
            data_selector="$",
            hooks={"response": [self._judge(missing=missing)]},
        )
        while True:
            try:
                page = next(pages)
            except StopIteration:
                return
            except (ValueError, TypeError) as error:
                raise self._strange(error) from None
            yield _place(paginator, page.request), list(page)

    def _client(self) -> _Client:
        return _Client(self._base, session=self._session, config=self._config)

    def _judge(self, *, missing: bool) -> Callable[..., None]:
        def judge(response: requests.Response, *_: Any, **__: Any) -> None:
            if response.is_redirect:
                return
            if missing and response.status_code == 404:
                raise IgnoreResponseException
            check_status(response, self._session.patience)

        return judge

    def _strange(self, error: Exception) -> Exception:
        """A paginator's complaint quotes whole answers; only its first sentence is told."""
        return BadAnswer.of(
            f"pages of {self._session.patience.where}",
            str(error).split(".", 1)[0][:200],
            "Correct paging: in the source's file, or look whether the interface has changed.",
        )


def _place(paginator: BasePaginator, request: requests.Request) -> object:
    """What tells the next request from all others; ``None`` where there is none."""
    if not paginator.has_next_page:
        return None
    return (request.url, sorted((request.params or {}).items(), key=str), repr(request.json))
