"""A server that stands in for the vendor's, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class StandIn(Protocol):
    """A running server with state.

    ``settings`` and ``secrets`` are what a source's file would hold for it. It
    listens on the loopback address only.
    """

    @property
    def settings(self) -> Mapping[str, Any]:
        """The ``settings:`` of a source that reads it."""
        ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """The credentials by the names under which the connector asks for them."""
        ...

    def change(self) -> None:
        """Change a record that was there before, as a person would."""
        ...

    def delete(self) -> None:
        """Take a record away."""
        ...

    def expire(self) -> None:
        """From now on refuse the credentials."""
        ...

    def throttle(self, times: int) -> None:
        """Turn the next requests away for a moment, saying how long to wait."""
        ...
