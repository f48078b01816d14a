"""The tree of failures of a run.

What is wrong in a client's *data* is never an exception: it is a
:class:`kvitto.model.finding.Finding`. What is wrong with the *run* is one of
the classes below, split by who must act. Every class has a code that leads to
``docs/errors.md``; every message says what was asked, what was found and what
to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

EXIT_FINE = 0
EXIT_DATA = 1
EXIT_USAGE = 2
EXIT_FAILED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person can mend, with the place where it stands.

    ``line`` is counted from 1; ``None`` where the place has no lines.
    """

    asked: str
    found: str
    todo: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else self.file
        if self.file is not None and self.line is not None:
            place = f"{self.file}:{self.line}"
        head = f"{place}: " if place else ""
        return f"{head}{self.asked}: {self.found}. {self.todo}"


class KvittoError(Exception):
    """Root of the tree. ``code`` leads to a section of ``docs/errors.md``."""

    code: ClassVar[str] = "KV000"
    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    @classmethod
    def of(
        cls,
        asked: str,
        found: str,
        todo: str,
        *,
        file: str | None = None,
        line: int | None = None,
    ) -> Self:
        """One error with one problem: what was asked, what was found, what to do."""
        return cls(Problem(asked, found, todo, file, line))


class WrongUse(KvittoError):
    """The question or the command cannot be carried out as it was put."""

    code = "KV100"
    exit_code = EXIT_USAGE


class UnknownName(WrongUse):
    """A name that nothing answers to; the message suggests the nearest one."""

    code = "KV101"


class BadPeriod(WrongUse):
    """A period that cannot be read or has no days."""

    code = "KV102"


class NotInScope(WrongUse):
    """The person, token or run may not see this client."""

    code = "KV103"


class NotAllowed(WrongUse):
    """The role may not do this."""

    code = "KV104"


class WrongState(WrongUse):
    """The edition is not in a state in which this step can be taken."""

    code = "KV105"


class BadDefinition(KvittoError):
    """Files of the workspace that do not hold; all problems together."""

    code = "KV200"
    exit_code = EXIT_USAGE


class BadSource(KvittoError):
    """A source that cannot be read; the last good warehouse stays."""

    code = "KV300"
    exit_code = EXIT_FAILED


class NeedsAnswer(BadSource):
    """The source can be read in more than one way and a person must say which."""

    code = "KV301"
    exit_code = EXIT_DATA


class SourceRefused(BadSource):
    """The server knows us not, or not any more: credentials, scopes, permissions."""

    code = "KV302"


class SourceUnreachable(BadSource):
    """No answer: no network, no such host, a time-out, a server that fails again and again."""

    code = "KV303"


class SourceBusy(BadSource):
    """The server asks to wait longer than this run may, or the run's budget of requests is spent.

    What was read before is kept; the next run goes on from there.
    """

    code = "KV304"


class BadAnswer(BadSource):
    """The server answered with something else than asked: HTML, broken JSON, too much, no end."""

    code = "KV305"


class AddressRefused(BadSource):
    """The address is private, or not one that this source may speak to."""

    code = "KV306"


class SecretMissing(BadSource):
    """A credential that a definition names is not to be had, or cannot be opened."""

    code = "KV307"


class WarehouseFailed(KvittoError):
    """The warehouse could not be built, published or opened."""

    code = "KV400"


class Busy(KvittoError):
    """Another run holds the lock."""

    code = "KV401"


class StoreFailed(KvittoError):
    """The state of people and runs could not be opened or brought up to date."""

    code = "KV402"


class CurrencyMixed(KvittoError):
    """Amounts in different currencies were about to be added."""

    code = "KV500"


class Unresolved(KvittoError):
    """A draft holds text or figures that do not resolve; it cannot be sealed."""

    code = "KV600"
    exit_code = EXIT_DATA


class SealBroken(KvittoError):
    """A sealed edition does not match its hash."""

    code = "KV601"


class WriteFailed(KvittoError):
    """A draft or an edition could not be written; what was there before still is."""

    code = "KV602"


class RenderFailed(KvittoError):
    """An edition could not be written in the asked form."""

    code = "KV700"


class DeliveryFailed(KvittoError):
    """A delivery did not happen, or nobody can know whether it did."""

    code = "KV800"


class MissingExtra(KvittoError):
    """An optional package is needed; the message names the extra to install."""

    code = "KV900"
    exit_code = EXIT_USAGE


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that looks most like ``name``, or ``None``."""
    from difflib import get_close_matches

    found = get_close_matches(name, known, n=1, cutoff=0.5)
    return found[0] if found else None


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The advice for an unknown name: the nearest one, or the list of all."""
    near = nearest(name, known)
    if near is not None:
        return f"Did you mean '{near}'?"
    listed = ", ".join(sorted(known)[:12]) or "nothing yet"
    return f"Known: {listed}."
