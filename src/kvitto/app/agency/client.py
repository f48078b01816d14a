"""A client of the demo agency: what it is like, its faults, its sources, its definition."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.app.agency.layout import Feed
from kvitto.app.agency.plan import Plan
from kvitto.app.agency.profile import Profile
from kvitto.app.agency.state import Ident


@dataclass(frozen=True, slots=True)
class Client:
    """Everything about one client; ``data/<id>.yml`` holds its definition below the name."""

    profile: Profile
    plan: Plan
    ident: Ident
    feeds: tuple[Feed, ...]
    accent: str
    """The colour of its brand."""
