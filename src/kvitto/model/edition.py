"""A report as data: the one document that every output is made from.

An edition holds finished words and figures in one language. Each figure
carries its raw value, its display text and its receipt code; renderers print
the display text, so that mail, screen, PDF and sheet cannot disagree. It is
versioned JSON; :func:`Edition.content_hash` seals it.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from kvitto.model.block import Block, TextBlock
from kvitto.model.finding import Finding
from kvitto.model.receipt import Receipt, digest_of
from kvitto.model.statement import Statement

FORMAT = 1
"""Version of this document's layout."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(StrEnum):
    """Where an edition stands. Only ``approved`` can be sealed, only ``sealed`` delivered."""

    draft = "draft"
    approved = "approved"
    sealed = "sealed"


class Section(_Part):
    """A part of the report. ``appendix`` sections come last and set smaller.

    ``answers`` names the question that the section answers: "achieved",
    "goals" or "next"; every report answers all three, in this order.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    appendix: bool = False
    answers: str = ""


class Vouch(_Part):
    """A person stands for a stretch of text that does not resolve."""

    text_id: str
    phrase: str
    by: str
    at: str
    reason: str = ""


class Review(_Part):
    """A decision by a named person: approved, returned, or changed after that.

    ``content`` is the hash of what was approved, reviews left aside.
    """

    action: str
    by: str
    at: str
    note: str = ""
    content: str = ""


class Labels(_Part):
    """The few words that renderers print themselves, in the edition's language."""

    receipt: str
    receipts: str
    page: str
    of: str
    contents: str
    appendix: str
    table_of: str
    missing: str
    provisional: str
    goal: str
    data_as_of: str
    prepared_by: str
    prepared_for: str
    period: str
    owner: str
    due: str
    need: str
    total: str
    value: str
    code: str
    metric: str
    definition: str
    sources: str
    lines: str
    check: str


class Edition(_Part):
    """One edition of one report for one client.

    ``number`` counts the editions of this (client, report, period) from 1;
    ``corrects`` names the edition that this one corrects. ``receipts`` is
    keyed by code and holds every receipt that any figure names. ``agreed`` is
    the KPI set of the series and ``kpi_change`` the reason why it is not the
    one of ``previous``, the sealed edition before. ``rules`` are the demands
    of the template that lint holds the edition to. ``names`` are proper names
    that texts may use (people, segments, products). Dates are ISO text,
    finished words are in ``language``.
    """

    format: int = FORMAT
    id: str
    client: str
    client_name: str
    report: str
    report_version: int
    title: str
    subtitle: str = ""
    audience: str = "client"
    period: str
    first_day: str
    last_day: str
    period_text: str
    language: str
    currency: str
    timezone: str
    brand: str
    agency: str
    manager: str = ""
    number: int = 1
    corrects: str | None = None
    data_as_of: str
    data_as_of_text: str
    warehouse: str
    agreed: tuple[str, ...] = ()
    kpi_change: str = ""
    previous: str | None = None
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    labels: Labels
    sections: tuple[Section, ...]
    statements: tuple[Statement, ...] = ()
    findings: tuple[Finding, ...] = ()
    receipts: dict[str, Receipt] = Field(default_factory=dict)
    vouches: tuple[Vouch, ...] = ()
    reviews: tuple[Review, ...] = ()

    def content_hash(self) -> str:
        """SHA-256 over the whole document in canonical JSON, in hex."""
        return digest_of(self.model_dump(mode="json"))

    def reviewed_hash(self) -> str:
        """SHA-256 over all but the reviews: what a reviewer approves."""
        return digest_of(self.model_dump(mode="json", exclude={"reviews"}))

    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order."""
        return tuple(block for section in self.sections for block in section.blocks)

    def texts(self) -> tuple[TextBlock, ...]:
        """All slots of text in reading order."""
        return tuple(block for block in self.blocks() if isinstance(block, TextBlock))


class Seal(_Part):
    """Stands beside a sealed edition: what was sealed, by whom, when.

    ``files`` maps the names of the receipts' line items to their SHA-256.
    """

    edition: str
    content_hash: str
    sealed_by: str
    sealed_at: str
    files: dict[str, str] = Field(default_factory=dict)
