"""Paging as it is declared, done by the loading library's paginators."""

from __future__ import annotations

from typing import Any

from dlt.common import jsonpath
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    BaseReferencePaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)
from requests import Request, Response

from kvitto.sources.connectors.rest.record import find
from kvitto.sources.connectors.rest.settings import (
    CursorPaging,
    HeaderPaging,
    KeysetPaging,
    LinkPaging,
    OffsetPaging,
    PagePaging,
    Paging,
)


def paginator_of(paging: Paging) -> BasePaginator:
    """A new paginator for one reading of one stream."""
    match paging:
        case CursorPaging():
            return JSONResponseCursorPaginator(
                _json_path(paging.path),
                paging.param if paging.where == "query" else None,
                paging.param if paging.where == "body" else None,
                has_more_path=_optional(paging.more),
            )
        case LinkPaging():
            return LinkPaginator(_json_path(paging.path))
        case HeaderPaging():
            return HeaderLinkPaginator(paging.rel)
        case OffsetPaging():
            return _offset(paging)
        case PagePaging():
            return PageNumberPaginator(
                base_page=paging.first,
                page_param=paging.param if paging.where == "query" else None,
                page_body_path=paging.param if paging.where == "body" else None,
                total_path=_optional(paging.total),
                has_more_path=_optional(paging.more),
            )
        case KeysetPaging():
            return KeysetPaginator(paging)
    return SinglePagePaginator()


def _offset(paging: OffsetPaging) -> BasePaginator:
    query = paging.where == "query"
    return OffsetPaginator(
        limit=paging.size,
        offset_param=paging.param if query else None,
        limit_param=paging.size_param if query else None,
        offset_body_path=None if query else paging.param,
        limit_body_path=None if query else paging.size_param,
        total_path=_optional(paging.total),
        has_more_path=_optional(paging.more),
    )


def _json_path(dotted: str) -> str:
    """A dotted path in the paginators' language: every name quoted, numbers as places."""
    parts = dotted.split(".")
    written = [f"[{part}]" if part.isdigit() else f'"{part}"' for part in parts]
    return ".".join(written)


def _optional(dotted: str | None) -> str | None:
    return None if dotted is None else _json_path(dotted)


class LinkPaginator(JSONLinkPaginator):
    """The next address out of the answer; an empty one is the end."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Take the next address."""
        super().update_state(response, data)
        self._next_reference = self._next_reference or None


class KeysetPaginator(BaseReferencePaginator):
    """The next request begins after the last record that came."""

    def __init__(self, paging: KeysetPaging) -> None:
        super().__init__()
        self._paging = paging

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Take the last record's field; no records, or the server's word, are the end."""
        last = find(data[-1], self._paging.field) if data else None
        self._next_reference = None if last is None else str(last)
        if self._paging.more is not None:
            more = jsonpath.find_values(_json_path(self._paging.more), response.json())
            if not (more and more[0]):
                self._next_reference = None

    def update_request(self, request: Request) -> None:
        """Ask for what comes after it."""
        request.params = {**(request.params or {}), self._paging.param: self._next_reference}
