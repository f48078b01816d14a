"""What the app holds between requests: the open house, the compiled pages, the assets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from time import monotonic

from starlette.requests import Request

from kvitto.app.house import House
from kvitto.errors import KvittoError
from kvitto.web.asset import Assets, VegaBundle
from kvitto.web.page import Pages
from kvitto.web.throttle import Throttle

_LOG = logging.getLogger("kvitto.web")
_LOOK_EVERY = 2.0
_WATCHED = (
    "clients",
    "sources",
    "metrics",
    "templates",
    "brands",
    "rules",
    "connections",
    "meanings",
    "decisions",
    "systems",
)


@dataclass(slots=True)
class Keeper:
    """Keeps the house open over many requests, and opens it anew when its files changed.

    Files that do not hold leave the house as it was: the app goes on with the
    last good definitions. ``clock`` gives seconds.
    """

    opened: House
    clock: Callable[[], float] = monotonic
    _stamp: object = None
    _looked: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._stamp, self._looked = _stamp_of(self.opened), self.clock()
        _warm(self.opened)

    def house(self) -> House:
        """The house as its files are now, looked at every two seconds."""
        if self.clock() - self._looked < _LOOK_EVERY:
            return self.opened
        with self._lock:
            self._looked = self.clock()
            stamp = _stamp_of(self.opened)
            if stamp != self._stamp:
                self._stamp = stamp
                self._reopen()
        return self.opened

    def renewed(self) -> House:
        """The house as its files are at this moment, for what depends on what others just did."""
        self._looked = float("-inf")
        return self.house()

    def _reopen(self) -> None:
        fresh = self.opened.reopened()
        try:
            _warm(fresh)
        except KvittoError:
            _LOG.warning("the definitions do not hold; the last good ones stay in use")
            return
        self.opened = fresh


def _warm(house: House) -> None:
    """What every page needs, opened before the first one asks; the store last of all."""
    _ = house.workspace, house.catalogue, house.templates
    house.check()
    _ = house.store


def _stamp_of(house: House) -> object:
    """Names, times and sizes of the definition files."""
    files = [house.root / "kvitto.yml"]
    for folder in _WATCHED:
        files.extend(sorted((house.root / folder).glob("*.y*ml")))
    found = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((file.name, state.st_mtime_ns, state.st_size))
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that a page needs besides the request.

    ``checking`` bounds how many passwords are checked at once: each takes
    memory and a core by intention. ``deciding`` is held while somebody decides
    about data, so that a second person is told of the first one's decision.
    """

    keeper: Keeper
    pages: Pages
    assets: Assets
    vega: VegaBundle
    throttle: Throttle
    checking: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    deciding: Lock = field(default_factory=Lock)

    @property
    def house(self) -> House:
        return self.keeper.house()

    @property
    def zone(self) -> str:
        """The time zone of the team's screens."""
        return self.house.workspace.agency.timezone


async def site_of(request: Request) -> Site:
    """The site of this application, for routes."""
    site: Site = request.app.state.site
    return site
