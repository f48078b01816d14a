"""HTTP under guard, for every source over an interface.

Imported only where a connection is opened: ``requests`` and ``urllib3`` come with it.
"""

from kvitto.sources.http.answer import Answer
from kvitto.sources.http.client import Http
from kvitto.sources.http.once import Once
from kvitto.sources.http.page import never_ending
from kvitto.sources.http.session import GuardedSession, guarded_session
from kvitto.sources.http.token import BearerToken, FetchedToken, client_credentials, refreshed

__all__ = [
    "Answer",
    "BearerToken",
    "FetchedToken",
    "GuardedSession",
    "Http",
    "Once",
    "client_credentials",
    "guarded_session",
    "never_ending",
    "refreshed",
]
