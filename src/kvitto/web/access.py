"""What stands before every route: the form token and the session.

Deny by default: the form check and the look-up of the visitor hang on the
whole application, the demand for a signed-in person on all routes but those of
the door.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from kvitto.app.house import Who
from kvitto.app.person import session_of
from kvitto.web.session import FIELD, SignInNeeded, Visitor, check_form, fresh_token, read_token
from kvitto.web.site import Site, site_of

_READING = ("GET", "HEAD", "OPTIONS")


async def guard_form(request: Request) -> None:
    """Refuse what would change something and does not carry the session's token."""
    if request.method in _READING:
        return
    form = await request.form(max_files=0, max_fields=500)
    sent = form.get(FIELD, "")
    check_form(request, "" if isinstance(sent, UploadFile) else sent)


def visitor_of(request: Request, site: Annotated[Site, Depends(site_of)]) -> Visitor:
    """Who sends this request; a browser without a session gets a token of its own."""
    token = read_token(request)
    session = session_of(site.house, token) if token else None
    visitor = Visitor(token or fresh_token(), session.who if session else None)
    request.state.visitor = visitor
    return visitor


async def signed_in(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Who:
    """The signed-in person. Raises :class:`SignInNeeded`."""
    if visitor.who is None:
        raise SignInNeeded
    return visitor.who


async def of_the_team(who: Annotated[Who, Depends(signed_in)]) -> Who:
    """The signed-in person, one of us; a client's sign-in learns of no page behind it."""
    if not who.is_team:
        raise HTTPException(404)
    return who


TheSite = Annotated[Site, Depends(site_of)]
TheVisitor = Annotated[Visitor, Depends(visitor_of)]
Person = Annotated[Who, Depends(signed_in)]
TeamPerson = Annotated[Who, Depends(of_the_team)]
