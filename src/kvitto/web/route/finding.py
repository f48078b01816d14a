"""What the audit found, and what was understood of the sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kvitto.app import audit
from kvitto.model.finding import Finding, Severity
from kvitto.web.access import Person, TheSite
from kvitto.web.site import Site

router = APIRouter()

ROWS = 100
"""Findings on one page."""

Page = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/findings")
def everywhere(request: Request, site: TheSite, who: Person, page: Page = 1) -> Response:
    """Findings in the data of all clients in scope, the worst first."""
    return _show(request, site, audit.findings(site.house, who), page)


@router.get("/clients/{client}/findings")
def of_client(
    request: Request,
    site: TheSite,
    who: Person,
    client: str,
    page: Page = 1,
    source: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Findings in one client's data, of one source where it is named."""
    found = audit.findings(site.house, who, client)
    mine = [row for row in found if source in ("", row.source)]
    return _show(request, site, mine, page, client, source)


def _show(
    request: Request,
    site: Site,
    found: Sequence[Finding],
    page: int,
    client: str = "",
    source: str = "",
) -> Response:
    order = list(Severity)
    rows = sorted(found, key=lambda row: (order.index(row.severity), -row.rows))
    counts = Counter(row.severity for row in rows)
    pages = max(1, -(-len(rows) // ROWS))
    page = min(page, pages)
    return site.pages.show(
        request,
        "findings.html",
        client=client,
        source=source,
        name=site.house.client(client).name if client else "",
        rows=rows[(page - 1) * ROWS : page * ROWS],
        counts=[(severity, counts[severity]) for severity in order if counts[severity]],
        page=page,
        page_count=pages,
    )
