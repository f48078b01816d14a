"""How a REST interface is declared: the ``settings:`` of a source of the kind ``rest``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kvitto.errors import did_you_mean
from kvitto.model.table import canonical_tables
from kvitto.sources.connector import Settings
from kvitto.sources.stream import Deleting, FieldKind, Keeping
from kvitto.workspace.definition import ColumnMap

StreamName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PLACEHOLDERS = ("since", "until", "first", "last")
PLACEHOLDER = re.compile(r"\{(parent\.[A-Za-z0-9_.-]+|[a-z_]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BearerAuth(_Part):
    """``Authorization: Bearer`` with the secret ``token``."""

    kind: Literal["bearer"]


class KeyAuth(_Part):
    """The secret ``key`` in a header or in the query, under ``name``, behind ``prefix``."""

    kind: Literal["key"]
    where: Literal["header", "query"] = "header"
    name: str
    prefix: str = ""


class BasicAuth(_Part):
    """User and password: ``user`` as it stands here, else the secret ``user``; ``password``."""

    kind: Literal["basic"]
    user: str | None = None


class ProgramAuth(_Part):
    """OAuth 2 as the program itself: the secrets ``client_id`` and ``client_secret``."""

    kind: Literal["client_credentials"]
    token_url: str
    extra: dict[str, str] = Field(default_factory=dict)


class RefreshAuth(_Part):
    """OAuth 2 for a person: also the secret ``refresh_token``, renewed where the server does.

    ``authorise_url`` is the page on which a person allows it and ``scopes``
    what is asked for there, parted by blanks.
    """

    kind: Literal["refresh_token"]
    token_url: str
    authorise_url: str | None = None
    scopes: str = ""
    extra: dict[str, str] = Field(default_factory=dict)


class NoAuth(_Part):
    """No credential."""

    kind: Literal["none"]


Auth = Annotated[
    BearerAuth | KeyAuth | BasicAuth | ProgramAuth | RefreshAuth | NoAuth,
    Field(discriminator="kind"),
]


class SinglePage(_Part):
    """All records come in one answer."""

    kind: Literal["none"]


class CursorPaging(_Part):
    """The answer holds at ``path`` what ``param`` of the next request must be.

    ``more`` is the path of a true or false that says whether there is more.
    """

    kind: Literal["cursor"]
    path: str
    param: str
    where: Literal["query", "body"] = "query"
    more: str | None = None


class LinkPaging(_Part):
    """The answer holds the next address at ``path``."""

    kind: Literal["link"]
    path: str


class HeaderPaging(_Part):
    """The ``Link`` header names the next address under ``rel``."""

    kind: Literal["link_header"]
    rel: str = "next"


class OffsetPaging(_Part):
    """``param`` counts records. ``total`` and ``more`` are paths that tell the end.

    Without them the first empty page is the end.
    """

    kind: Literal["offset"]
    param: str = "offset"
    size_param: str | None = "limit"
    size: Annotated[int, Field(ge=1)] = 100
    where: Literal["query", "body"] = "query"
    total: str | None = None
    more: str | None = None


class PagePaging(_Part):
    """``param`` counts pages from ``first``. ``total`` is the path of the number of pages."""

    kind: Literal["page"]
    param: str = "page"
    first: Literal[0, 1] = 1
    where: Literal["query", "body"] = "query"
    total: str | None = None
    more: str | None = None


class KeysetPaging(_Part):
    """``param`` is the ``field`` of the last record that came; ``more`` as for a cursor."""

    kind: Literal["keyset"]
    param: str
    field: str = "id"
    more: str | None = None


Paging = Annotated[
    SinglePage
    | CursorPaging
    | LinkPaging
    | HeaderPaging
    | OffsetPaging
    | PagePaging
    | KeysetPaging,
    Field(discriminator="kind"),
]


class FieldDefinition(_Part):
    """A field: its kind, where it stands in the record, how its times are written.

    ``path`` is dotted (``org.id``, ``emails.0.value``); the field's name where
    it is not given. ``written``: ``iso`` as it is, ``utc`` without a zone but
    meant in UTC, ``seconds`` and ``milliseconds`` since 1970. ``true_for`` makes
    a flag of a text: true where it is one of these.
    """

    kind: FieldKind = "text"
    path: str | None = None
    written: Literal["iso", "utc", "seconds", "milliseconds"] = "iso"
    true_for: tuple[str, ...] = ()


class ParentDefinition(_Part):
    """The stream is asked once for each record of ``stream``.

    ``{parent.FIELD}`` in the path, the parameters and the body is that record's
    field. ``keep`` copies fields of it: our field -> the parent's field.
    """

    stream: str
    keep: dict[str, str] = Field(default_factory=dict)


class StreamDefinition(_Part):
    """One kind of record.

    ``params`` and ``body`` may hold ``{since}``, ``{until}``, ``{first}`` and
    ``{last}``; what holds one that has no value this time is left out.
    ``dates`` is how they are written: ``iso``, ``seconds``, ``milliseconds``,
    ``day`` or a pattern such as ``%Y-%m-%d %H:%M:%S`` (UTC). ``records`` is the
    path of the list of records in the answer (the answer itself where empty).
    ``ids_params`` replace parameters when only the ids are wanted.
    """

    path: str
    about: str = ""
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, Any] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    dates: str = "iso"
    records: str = ""
    paging: Paging | None = None
    key: tuple[str, ...] = ("id",)
    fields: dict[str, FieldKind | FieldDefinition]
    fill: dict[str, dict[str, str | ColumnMap]] = Field(default_factory=dict)
    keeping: Keeping = "replace"
    cursor: str | None = None
    ordered: bool = False
    overlap_minutes: Annotated[int, Field(ge=0)] = 10
    deleting: Deleting = "never"
    deleted_field: str | None = None
    ids_params: dict[str, Any] = Field(default_factory=dict)
    settles_days: Annotated[int, Field(ge=0)] = 0
    optional: bool = False
    parent: ParentDefinition | None = None

    @field_validator("path", "params")
    @classmethod
    def _placeholders(cls, given: Any) -> Any:
        for name in PLACEHOLDER.findall(str(given)):
            if name not in PLACEHOLDERS and not name.startswith("parent."):
                raise ValueError(f"nothing fills {{{name}}}. {did_you_mean(name, PLACEHOLDERS)}")
        return given

    @field_validator("fill")
    @classmethod
    def _canonical(cls, given: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        tables = canonical_tables()
        for table, columns in given.items():
            if table not in tables:
                raise ValueError(f"there is no table '{table}'. {did_you_mean(table, [*tables])}")
            known = [column.name for column in tables[table].declared]
            for column in columns:
                if column not in known:
                    raise ValueError(
                        f"{table} has no column '{column}'. {did_you_mean(column, known)}"
                    )
        return given

    @model_validator(mode="after")
    def _agrees(self) -> StreamDefinition:
        wanted = {"key": self.key, "cursor": (self.cursor,), "deleted_field": (self.deleted_field,)}
        kept = self.parent.keep if self.parent is not None else {}
        for where, names in wanted.items():
            for name in names:
                if name is not None and name not in self.fields and name not in kept:
                    raise ValueError(f"{where}: '{name}' is not one of the fields")
        for table, columns in self.fill.items():
            for column, value in columns.items():
                name = value if isinstance(value, str) else value.column
                if name is not None and name not in self.fields and name not in kept:
                    raise ValueError(f"fill: {table}: {column}: '{name}' is not one of the fields")
        if self.keeping != "replace" and self.cursor is None:
            raise ValueError(f"cursor: is needed where keeping: is {self.keeping}")
        if self.deleting == "flag" and self.deleted_field is None:
            raise ValueError("deleted_field: is needed where deleting: is flag")
        if "{parent." in f"{self.path}{self.params}{self.body}" and self.parent is None:
            raise ValueError("parent: is needed where {parent...} is used")
        return self

    def field(self, name: str) -> FieldDefinition:
        """The field ``name`` written out."""
        given = self.fields[name]
        return given if isinstance(given, FieldDefinition) else FieldDefinition(kind=given)


class CheckDefinition(_Part):
    """The request that shows whether the sign-in works, and what it tells of the account."""

    path: str
    label: str = ""
    timezone: str = ""
    currency: str = ""


class RestSettings(Settings):
    """A REST interface: address, sign-in, paging, limits, streams.

    ``name`` is what the service is called in messages. ``per_second`` bounds the
    requests, ``wait_headers`` are headers in which this server says how long to
    wait (seconds, milliseconds by name, an instant or a date).
    """

    base: str = Field(description="address that all paths are relative to")
    name: str = Field(default="the service", description="what the service is called in messages")
    auth: Auth = Field(default=NoAuth(kind="none"), description="how requests are signed")
    headers: dict[str, str] = Field(
        default_factory=dict, description="headers that go with every request"
    )
    paging: Paging = Field(
        default=SinglePage(kind="none"), description="paging of streams that declare none"
    )
    per_second: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="requests begun in a second at most"
    )
    wait_headers: tuple[str, ...] = Field(
        default=(), description="headers in which this server says how long to wait"
    )
    test: CheckDefinition | None = Field(
        default=None, description="request that shows whether the sign-in works"
    )
    streams: Annotated[dict[StreamName, StreamDefinition], Field(min_length=1)] = Field(
        description="the kinds of records to read, by the name of their table"
    )

    @model_validator(mode="after")
    def _parents(self) -> RestSettings:
        for name, stream in self.streams.items():
            seen = [name]
            above = stream.parent
            while above is not None:
                if above.stream not in self.streams:
                    raise ValueError(
                        f"streams: {name}: parent: there is no stream '{above.stream}'. "
                        f"{did_you_mean(above.stream, [*self.streams])}"
                    )
                if above.stream in seen:
                    raise ValueError(f"streams: {name}: parent: goes round in a circle")
                seen.append(above.stream)
                above = self.streams[above.stream].parent
        return self
