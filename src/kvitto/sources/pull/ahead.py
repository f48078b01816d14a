"""Asking for the next streams while one is being merged, of servers that bear it.

Most runs find nothing new: what they wait for is the server's answers, one
after the other. A connection that may be asked side by side
(:class:`~kvitto.sources.stream.ParallelApi`) is asked for the streams that
follow in threads of their own. What is asked, and in which order within a
stream, stays the same: the ids that exist are listed after the last changed
record has come, for one that is made in between would pass for deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

from kvitto.errors import SourceBusy, SourceRefused, SourceUnreachable
from kvitto.sources.stream import Account, Page, ParallelApi, Stream, Wanted

MOST = 1_000
"""Records of a stream that are held ahead of its turn, and the rest of their page."""

ENDING = (SourceRefused, SourceBusy, SourceUnreachable)
"""Errors after which nothing more is begun until the run has looked at them."""

_PATIENCE = 1.0

Ids = Sequence[tuple[str, ...]]
Item = TypeVar("Item", bound=Sized)


@dataclass(frozen=True, slots=True)
class Question:
    """What will be asked of a stream; ``ids`` whether the ids that exist are, too."""

    stream: Stream
    wanted: Wanted
    ids: bool


@dataclass(slots=True)
class _Found(Generic[Item]):
    """The first items of an answer, and what gives the rest of it."""

    items: list[Item] = field(default_factory=list)
    rest: Iterator[Item] | None = None
    trouble: BaseException | None = None

    def all(self) -> Iterator[Item]:
        yield from self.items
        if self.trouble is not None:
            raise self.trouble
        if self.rest is not None:
            yield from self.rest


@dataclass(slots=True)
class _Begun:
    question: Question
    done: Event = field(default_factory=Event)
    pages: _Found[Page] | None = None
    ids: _Found[Ids] | None = None


class ReadAhead:
    """An :class:`Api` that answers from what it has asked ahead, else asks ``api``."""

    def __init__(self, api: ParallelApi) -> None:
        self._api = api
        self._begun: dict[str, _Begun] = {}
        self._ids: dict[str, _Found[Ids]] = {}
        self._queue: SimpleQueue[_Begun | None] = SimpleQueue()
        self._halted = False
        self._threads = [
            Thread(target=self._work, name=f"ahead-{place}", daemon=True)
            for place in range(api.at_once)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def room(self) -> int:
        """How many streams may still be begun, besides those that wait for their turn."""
        return 2 * self._api.at_once - len(self._begun)

    def begin(self, question: Question) -> None:
        """Ask for a stream ahead of its turn; to be called in the order of the turns."""
        self._halted = False
        begun = _Begun(question)
        self._begun[question.stream.name] = begun
        self._queue.put(begun)

    def account(self) -> Account:
        """As of the connection."""
        return self._api.account()

    def streams(self) -> Sequence[Stream]:
        """As of the connection."""
        return self._api.streams()

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """What was asked ahead, where it is what is asked now; else asked now."""
        begun = self._begun.pop(stream.name, None)
        if begun is not None:
            begun.done.wait()
            if begun.question.wanted == wanted and begun.pages is not None:
                if begun.ids is not None:
                    self._ids[stream.name] = begun.ids
                return begun.pages.all()
        return self._api.pages(stream, wanted)

    def ids(self, stream: Stream) -> Iterator[Ids]:
        """What was listed behind the pages, else listed now."""
        found = self._ids.pop(stream.name, None)
        return self._api.ids(stream) if found is None else found.all()

    def close(self) -> None:
        """Begin nothing more and let the connection go, soon also where an answer is due."""
        self._halted = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._api.close()

    def _work(self) -> None:
        while (begun := self._queue.get()) is not None:
            try:
                if not self._halted:
                    self._ask(begun)
            finally:
                begun.done.set()

    def _ask(self, begun: _Begun) -> None:
        stream = begun.question.stream
        begun.pages = _first(lambda: self._api.pages(stream, begun.question.wanted))
        whole = begun.pages.rest is None and begun.pages.trouble is None
        if whole and begun.question.ids and not self._halted:
            begun.ids = _first(lambda: self._api.ids(stream))
        troubles = (one.trouble for one in (begun.pages, begun.ids) if one is not None)
        if any(isinstance(trouble, ENDING) for trouble in troubles):
            self._halted = True


def _first(ask: Callable[[], Iterator[Item]]) -> _Found[Item]:
    """The answer's first pages, and its trouble if it has one."""
    found: _Found[Item] = _Found()
    held = 0
    try:
        rest = iter(ask())
        for page in rest:
            found.items.append(page)
            held += len(page)
            if held >= MOST:
                found.rest = rest
                break
    except BaseException as trouble:
        found.trouble = trouble
    return found
