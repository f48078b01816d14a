"""Names to items, loaded on first use.

Sources, engines, checks, detectors, blocks, formats and channels are found
here. Built-in items and those of other packages enter by the same door: an
entry point in the group ``kvitto.<kind>`` whose value is ``module:attribute``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from operator import attrgetter
from typing import Any, Generic, TypeVar

from kvitto.errors import BadDefinition, MissingExtra, UnknownName, did_you_mean

Item = TypeVar("Item")


@dataclass(slots=True)
class Registry(Generic[Item]):
    """The items of one kind; ``builtin`` maps a name to ``module:attribute``.

    Two packages that claim one name are refused, naming both. An item whose
    optional package is missing names the extra to install.
    """

    kind: str
    builtin: dict[str, str]
    extras: dict[str, str] = field(default_factory=dict)
    _paths: dict[str, str] | None = None
    _loaded: dict[str, Item] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """All known names, sorted."""
        return tuple(sorted(self._known()))

    def get(self, name: str) -> Item:
        """The item of that name, imported now if it was not before."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[tuple[str, Item]]:
        for name in self.names():
            yield name, self.get(name)

    def _known(self) -> dict[str, str]:
        if self._paths is None:
            paths = dict(self.builtin)
            for point in _entry_points(self.kind):
                if paths.get(point.name, point.value) != point.value:
                    raise BadDefinition.of(
                        f"register the {self.kind} '{point.name}'",
                        f"both {paths[point.name]} and {point.value} claim the name",
                        "Remove one of the two packages or rename its entry point.",
                    )
                paths[point.name] = point.value
            self._paths = paths
        return self._paths

    def _load(self, name: str) -> Item:
        known = self._known()
        if name not in known:
            raise UnknownName.of(
                f"the {self.kind} '{name}'", "there is none", did_you_mean(name, list(known))
            )
        module, _, attribute = known[name].partition(":")
        try:
            item: Any = attrgetter(attribute)(import_module(module))
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.startswith("kvitto"):
                raise
            extra = self.extras.get(name, name)
            raise MissingExtra.of(
                f"the {self.kind} '{name}'",
                f"the package '{error.name}' is not installed",
                f"Install it with: pip install 'kvitto[{extra}]'",
            ) from error
        found: Item = item
        return found


def _entry_points(kind: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"kvitto.{kind}"))
