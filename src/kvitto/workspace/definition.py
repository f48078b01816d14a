"""What the files of a workspace say, as frozen data.

``kvitto.yml`` is a :class:`Agency`; each file below ``clients/``, ``sources/``,
``templates/``, ``brands/`` and ``rules/`` is one of the other classes here; those
below ``meanings/`` are in :mod:`kvitto.workspace.meaning`, those below ``decisions/``
in :mod:`kvitto.workspace.decision`, those below ``systems/`` in :mod:`kvitto.workspace.system`.
Unknown keys are errors. Secrets are never written: a field that needs one
names an environment variable (``env:SMTP_PASSWORD``).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kvitto.model.brand import Brand
from kvitto.model.metric import Metric
from kvitto.model.period import Calendar
from kvitto.workspace.decision import DecisionsDefinition
from kvitto.workspace.duplicate import DuplicateRule
from kvitto.workspace.label import ConceptRules
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.monitor import MonitorRule
from kvitto.workspace.priority import Priority
from kvitto.workspace.record_rule import FormRule, PlaceholderRule, TestRule
from kvitto.workspace.system import SystemsDefinition

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Language = Literal["en", "sv"]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MailSettings(_Definition):
    """The team's own mail server. ``password`` is a reference such as ``env:SMTP_PASSWORD``."""

    host: str = "localhost"
    port: int = 25
    user: str | None = None
    password: str | None = None
    tls: Literal["none", "starttls", "tls"] = "none"
    sender: str = "Reports <reports@example.com>"


class Agency(_Definition):
    """``kvitto.yml``: who we are and what holds for all clients."""

    agency: str
    timezone: str = "Europe/Stockholm"
    currency: CurrencyCode = "SEK"
    language: Language = "en"
    engine: str = "duckdb"
    state: str = "sqlite"
    mail: MailSettings = MailSettings()
    versions_kept: Annotated[int, Field(ge=1)] = 5


class Recipient(_Definition):
    """A person to whom a report is sent."""

    name: str
    email: str


class GoalDefinition(_Definition):
    """A target for a metric in a period; ``objective`` says why it matters to the client.

    ``target`` is in the metric's unit (a share as a fraction). ``kind``: a
    target to reach, or a cap to stay under.
    """

    metric: str
    period: str
    target: Decimal
    kind: Literal["target", "cap"] = "target"
    objective: str = ""
    where: dict[str, str] = Field(default_factory=dict)


class BaselineDefinition(_Definition):
    """The figure at the start, against which cumulative progress is measured."""

    metric: str
    period: str
    value: Decimal | None = None


class Work(_Definition):
    """Something that we did or plan: say what can be pointed at."""

    title: str
    kind: str = ""
    who: str = ""
    due: date | None = None
    done: date | None = None
    link: str = ""
    hours: Decimal | None = None
    status: Literal["todo", "doing", "blocked", "done", "cancelled"] = "todo"
    note: str = ""


class ActionDefinition(_Definition):
    """A next step with a named person and a date. ``side``: us or the client."""

    title: str
    who: str
    side: Literal["us", "client"]
    due: date | None = None
    need: str = ""
    status: Literal["open", "done", "dropped"] = "open"


class MeetingDefinition(_Definition):
    """The next call: when, how long, how to join, what is on the agenda."""

    at: datetime
    minutes: int = 30
    where: str = ""
    agenda: tuple[str, ...] = ()


class AnnotationDefinition(_Definition):
    """A dated event that may coincide with a change; ``until`` is its last day.

    On days of a ``holiday`` or ``outage`` nothing is expected of the data.
    """

    on: date
    until: date | None = None
    kind: Literal[
        "launch", "outage", "price", "holiday", "tracking_change", "definition_change", "other"
    ] = "other"
    text: str
    metric: str | None = None


class Materiality(_Definition):
    """How big a change must be to earn an arrow: relative, and for shares in points."""

    relative: float = 0.05
    points: float = 0.02


class SeriesDefinition(_Definition):
    """One report that the client gets: template, agreed KPIs, recipients."""

    template: str
    kpis: tuple[str, ...] = ()
    language: Language | None = None
    recipients: tuple[Recipient, ...] = ()
    kpi_change: str = ""


class ClientDefinition(_Definition):
    """``clients/<id>.yml``. The file's name is the client's id.

    ``live_page`` says who may open the page of current figures, which nobody
    has reviewed: the team, or the client too.
    """

    name: str
    language: Language = "en"
    currency: CurrencyCode = "EUR"
    timezone: str = "Europe/Stockholm"
    country: str | None = None
    week_start: Annotated[int, Field(ge=1, le=7)] = 1
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] = 1
    brand: str = "kvitto"
    manager: str = ""
    status: Literal["onboarding", "active", "paused", "ended"] = "active"
    objective: str = ""
    live_page: Literal["team", "client"] = "team"
    recipients: tuple[Recipient, ...] = ()
    reports: tuple[SeriesDefinition, ...] = ()
    goals: tuple[GoalDefinition, ...] = ()
    baselines: tuple[BaselineDefinition, ...] = ()
    done: tuple[Work, ...] = ()
    plan: tuple[Work, ...] = ()
    milestones: tuple[Work, ...] = ()
    actions: tuple[ActionDefinition, ...] = ()
    meeting: MeetingDefinition | None = None
    annotations: tuple[AnnotationDefinition, ...] = ()
    materiality: Materiality = Materiality()

    def calendar(self) -> Calendar:
        """How this client counts time."""
        return Calendar(self.timezone, self.week_start, self.fiscal_year_start_month, self.country)


class LookupMap(_Definition):
    """A column taken from another file of the source, by a shared key.

    ``table`` is the file's stem; ``key`` its column that equals our ``on``.
    """

    table: str
    column: str
    on: str
    key: str


class ColumnMap(_Definition):
    """How one canonical column is filled: from a column, a constant or another file.

    ``values`` translates raw labels; ``date_order`` and ``decimal`` answer what
    the data leaves open; ``factor`` multiplies a number (0.01 for cents).
    """

    column: str | None = None
    constant: str | None = None
    lookup: LookupMap | None = None
    values: dict[str, str] = Field(default_factory=dict)
    date_order: Literal["ymd", "dmy", "mdy"] | None = None
    decimal: Literal[",", "."] | None = None
    factor: Decimal | None = None


class TableMap(_Definition):
    """One file (or sheet) of a source and the canonical tables it fills.

    ``fill`` maps a canonical table to its columns; a plain text is the name of
    a column of the file. ``layout`` says which export of a known tool it is
    ("hubspot.deal_export") where its headers leave that open. ``columns`` names
    the columns of a file that has no header row. ``hidden`` says what becomes
    of rows that are hidden in a workbook, or filtered out of sight.
    """

    file: str
    sheet: str | None = None
    layout: str | None = None
    columns: tuple[str, ...] = ()
    fill: dict[str, dict[str, str | ColumnMap]] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    hidden: Literal["read", "leave_out"] = "read"
    skip: bool = False


class Follow(_Definition):
    """Rows that belong to the client of another row: ``on`` is our column, ``key`` theirs."""

    on: str
    table: str
    key: str


class ClientRule(_Definition):
    """Whose rows are whose, where one source serves several clients.

    ``column`` holds in each table that has it what tells the client (an
    account's id, a brand); ``map`` says which value is whose. ``tables`` are
    those for which it has to be asked for, as a field of the source's own. ``follow`` gives
    tables without that column the client of the row that they belong to. Rows
    of tables that have neither are of every client (``shared``) or of none
    (``skip``). A value that ``map`` does not know is a finding, and its rows
    are left out.
    """

    column: str
    map: dict[str, str]
    tables: tuple[str, ...] = ()
    follow: dict[str, Follow] = Field(default_factory=dict)
    rest: Literal["shared", "skip"] = "shared"


class LimitsDefinition(_Definition):
    """How hard a source may be asked, and what is taken for a mistake of its.

    ``requests`` in a run and ``per_second``; ``wait_seconds`` that it may ask
    us to wait in all; ``megabytes`` of one answer; ``deleted_share`` of the
    records that may be gone at once.
    """

    requests: Annotated[int, Field(ge=1)] = 20_000
    per_second: Annotated[float, Field(gt=0)] | None = None
    wait_seconds: Annotated[int, Field(ge=0)] = 300
    megabytes: Annotated[int, Field(ge=1)] = 64
    deleted_share: Annotated[float, Field(ge=0, le=1)] = 0.5


class ConnectionDefinition(_Definition):
    """``connections/<id>.yml``: one sign-in that several sources share.

    ``kind`` is the connector that it is for. ``secrets`` are references
    (``env:NAME``, ``secret:NAME``, ``keyring:NAME``), never the secrets. What
    a source says itself comes before what its connection says.
    """

    kind: str
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    allow_private: bool = False
    limits: LimitsDefinition | None = None


class SourceDefinition(_Definition):
    """``sources/<id>.yml``: where the data comes from and whose it is.

    ``kind`` is a connector ("file", "hubspot", ...). ``client`` is whose data
    it is; ``clients`` tells the rows of several apart instead. ``path`` is a
    file, folder or glob, relative to the workspace. ``settings`` are the
    connector's own, ``secrets`` references to its credentials, ``connection``
    a sign-in shared with other sources. ``since`` is the first day to read.
    ``as_of`` is the day the export shows; the day of the sync where it is not
    given. ``settles_days`` is how long a day may still change; the connector
    knows where it is not given. ``vendor`` picks a field map (hubspot,
    salesforce, ...). ``allow_private`` lets it speak to an address of the own
    network.
    """

    kind: str = "file"
    client: str | None = None
    clients: ClientRule | None = None
    path: str = ""
    connection: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    since: date | None = None
    allow_private: bool = False
    limits: LimitsDefinition | None = None
    vendor: str | None = None
    as_of: date | None = None
    settles_days: Annotated[int, Field(ge=0)] | None = None
    currency: CurrencyCode | None = None
    timezone: str | None = None
    tables: tuple[TableMap, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def serves(self) -> tuple[str, ...]:
        """The clients whose data this is, sorted."""
        if self.clients is not None:
            return tuple(sorted(set(self.clients.map.values())))
        return () if self.client is None else (self.client,)


class FieldRule(_Definition):
    """What is done when a required field is empty: a person looks, a default fills, or out."""

    table: str
    column: str
    missing: Literal["review", "default", "exclude", "keep"] = "review"
    default: str | None = None
    where: str | None = None


class RulesDefinition(_Definition):
    """``rules/<name>.yml``: rules of the audit, for all clients or the named ones."""

    clients: tuple[str, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    labels: dict[str, dict[str, str]] = Field(default_factory=dict)
    concepts: dict[str, ConceptRules] = Field(default_factory=dict)
    tests: TestRule | None = None
    forms: FormRule | None = None
    placeholders: PlaceholderRule | None = None
    monitors: tuple[MonitorRule, ...] = ()
    duplicates: tuple[DuplicateRule, ...] = ()
    priorities: tuple[Priority, ...] = ()


class MetricFile(_Definition):
    """``metrics/<name>.yml``: metrics of the workspace's own."""

    metrics: tuple[Metric, ...]


class Workspace(_Definition):
    """All definitions of a workspace, checked against each other."""

    root: str
    agency: Agency
    clients: dict[str, ClientDefinition]
    sources: dict[str, SourceDefinition]
    connections: dict[str, ConnectionDefinition] = Field(default_factory=dict)
    brands: dict[str, Brand] = Field(default_factory=dict)
    rules: dict[str, RulesDefinition] = Field(default_factory=dict)
    decisions: dict[str, DecisionsDefinition] = Field(default_factory=dict)
    systems: dict[str, SystemsDefinition] = Field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    meanings: dict[str, MeaningFile] = Field(default_factory=dict)
    templates: dict[str, str] = Field(default_factory=dict)
