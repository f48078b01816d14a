"""Connecting sources: adding one, testing its sign-in, signing in with the browser."""

from kvitto.app.connect.add import Added, add
from kvitto.app.connect.authorise import Connected, connect
from kvitto.app.connect.check import Tested, check_sources
from kvitto.app.connect.kind import Asked, Kind, kind_named, kinds
from kvitto.app.connect.new import NewSource
from kvitto.app.connect.secret import keep, key_place, new_key

__all__ = [
    "Added",
    "Asked",
    "Connected",
    "Kind",
    "NewSource",
    "Tested",
    "add",
    "check_sources",
    "connect",
    "keep",
    "key_place",
    "kind_named",
    "kinds",
    "new_key",
]
