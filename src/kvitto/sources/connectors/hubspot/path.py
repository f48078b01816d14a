"""Addresses of HubSpot's interface, of which the version is one part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of one version: a date (``2026-03``), or the older numbers (``v3``)."""

    version: str

    def objects(self, kind: str, action: str = "") -> str:
        """Objects of a kind; ``action`` is ``search`` or ``batch/read``."""
        return self._of("objects", kind, action)

    def associations(self, one: str, other: str) -> str:
        """What is tied to what, for many at once."""
        if self.version == "v3":
            return f"crm/v4/associations/{one}/{other}/batch/read"
        return self._of("associations", one, other, "batch/read")

    def pipelines(self, kind: str) -> str:
        """The pipelines of deals or tickets, with their stages."""
        return self._of("pipelines", kind)

    def properties(self, kind: str) -> str:
        """The properties that objects of a kind have."""
        return self._of("properties", kind)

    @property
    def owners(self) -> str:
        """The people who own records."""
        return self._of("owners")

    @property
    def account(self) -> str:
        """Whom the credential belongs to."""
        return f"account-info/{self.version}/details"

    def _of(self, area: str, *rest: str) -> str:
        start = f"crm/v3/{area}" if self.version == "v3" else f"crm/{area}/{self.version}"
        return "/".join((start, *(part for part in rest if part)))
