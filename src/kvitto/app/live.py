"""A client's live page: the agreed KPIs now, with the same questions as the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from kvitto.app.ask import HouseAsker, asking
from kvitto.app.evidence import amounts_of
from kvitto.app.house import House
from kvitto.app.who import Who
from kvitto.errors import NotAllowed
from kvitto.model.block import Tile, TilesBlock
from kvitto.model.edition import Edition
from kvitto.model.locale import Formatter
from kvitto.model.period import Grain, Period, period_of

if TYPE_CHECKING:
    from kvitto.report.outline import Template
    from kvitto.warehouse import SourceState
    from kvitto.workspace.definition import ClientDefinition, SeriesDefinition


@dataclass(frozen=True, slots=True)
class Live:
    """The tiles of the month that the data reaches into.

    ``as_of`` is the last day that every source is complete to; ``stale`` says
    that this day is not in the current month, so the tiles are older than they
    could be. ``provisional`` says that some figure may still change. Texts are
    in the client's language.
    """

    client: str
    client_name: str
    language: str
    currency: str
    period: str
    period_text: str
    as_of: date
    as_of_text: str
    synced_text: str
    stale: bool
    provisional: bool
    tiles: tuple[Tile, ...]


def live_id(client: str) -> str:
    """Under this name the store keeps which receipts a live page shows; no edition has it."""
    return f"live:{client}"


def may_open_live(house: House, who: Who, client: str) -> bool:
    """The team always; a client's sign-in where the team has said so in the client's file."""
    return client in who.scope and (who.is_team or house.client(client).live_page == "client")


def live(house: House, who: Who, client: str) -> Live:
    """The agreed KPIs of the client's first report, compared and with their trend.

    A published version never changes, so the page is computed once per
    version, client and day. Raises :class:`NotAllowed` for a client's sign-in
    that the team has not opened the page to, and :class:`WarehouseFailed`
    where nothing was synced yet.
    """
    who.scope.require(client)
    if not may_open_live(house, who, client):
        raise NotAllowed.of(
            "see the current figures",
            "they are shown to the team, before anybody has reviewed them",
            "Read the sealed reports, or ask your contact at the agency.",
        )
    version = house.warehouse.current().id
    key = _Key(
        house,
        id(house.workspace),
        who.scope.narrow(client).clients,
        client,
        version,
        house.today_of(client),
    )
    return _computed(key, _Asker(who))


@dataclass(frozen=True)
class _Key:
    """What a page depends on; the scope is part of it, so that no page is another's.

    ``opened`` tells definitions that were read anew from those before: the
    house keeps its workspace alive, so no two have one identity.
    """

    house: House
    opened: int
    scope: frozenset[str]
    client: str
    version: str
    today: date


@dataclass(frozen=True, eq=False)
class _Asker:
    """In whose name the questions are asked; a page is the same for everybody who may see it."""

    who: Who

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asker)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _computed(key: _Key, asker: _Asker) -> Live:
    from kvitto.store.receipt import note_edition_receipts

    house, client = key.house, key.client
    definition = house.client(client)
    with asking(house, asker.who, client, key.version, for_client=True) as ask:
        mine = [state for state in ask.reader.version.sources if state.client == client]
        as_of = _reached(mine, key.today)
        period = period_of(as_of, Grain.month, definition.calendar())
        edition = _composed(house, ask, definition, period)
    note_edition_receipts(house.store, live_id(client), list(edition.receipts))
    return _live(definition, key, edition, mine, as_of, period)


def _composed(
    house: House, asker: HouseAsker, definition: ClientDefinition, period: Period
) -> Edition:
    from kvitto.report.compose import compose

    return compose(
        _template(),
        _series(house, definition),
        definition,
        asker.context.client,
        house.workspace.agency.agency,
        period,
        definition.language,
        asker,
        now=house.now(),
        amounts=amounts_of(asker),
    )


def _template() -> Template:
    """A report of one block: the agreed KPIs as tiles."""
    from kvitto.report.blocks.tiles import TilesSpec
    from kvitto.report.outline import SectionSpec, Template

    tiles = TilesSpec(kind="tiles", id="kpis")
    section = SectionSpec(id="now", title={"en": "Now"}, blocks=(tiles,))
    return Template(
        id="live",
        version=1,
        title={"en": "Live"},
        subtitle={},
        audience="manager",
        grain=Grain.month,
        kpis=(),
        rules=(),
        sections=(section,),
    )


def _series(house: House, definition: ClientDefinition) -> SeriesDefinition:
    """The first report that agrees on KPIs; its template's, where it names none itself."""
    from kvitto.workspace.definition import SeriesDefinition

    for series in definition.reports:
        template = house.templates.get(series.template)
        kpis = series.kpis or (() if template is None else template.kpis)
        if kpis:
            return series.model_copy(update={"kpis": kpis})
    standard = house.templates.get("R13")
    return SeriesDefinition(template="R13", kpis=() if standard is None else standard.kpis)


def _reached(sources: list[SourceState], today: date) -> date:
    return min([*(state.complete_to for state in sources if state.complete_to), today])


def _live(
    definition: ClientDefinition,
    key: _Key,
    edition: Edition,
    sources: list[SourceState],
    as_of: date,
    period: Period,
) -> Live:
    formatter = Formatter.of(definition.language)
    tiles = tuple(
        tile for block in edition.blocks() if isinstance(block, TilesBlock) for tile in block.tiles
    )
    zone = definition.calendar().zone
    synced = [datetime.fromisoformat(state.synced_at).astimezone(zone) for state in sources]
    return Live(
        key.client,
        definition.name,
        definition.language,
        definition.currency,
        period.label,
        formatter.period(period),
        as_of,
        formatter.day(as_of),
        formatter.moment(min(synced)) if synced else "",
        key.today not in period,
        any(tile.figure.status == "provisional" for tile in tiles),
        tiles,
    )
