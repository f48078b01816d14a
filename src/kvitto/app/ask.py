"""Asking the warehouse, in the name of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kvitto.app.health import failed_sources
from kvitto.app.house import House
from kvitto.app.who import Who, require_team
from kvitto.errors import UnknownName, WrongUse, did_you_mean
from kvitto.model.finding import Finding
from kvitto.model.period import Period, parse_period
from kvitto.model.question import ComparisonKind, Filter, Question

if TYPE_CHECKING:
    from kvitto.metrics.answer import Measured
    from kvitto.metrics.bridge.step import Bridge
    from kvitto.metrics.catalogue import Catalogue
    from kvitto.metrics.context import ClientContext
    from kvitto.report.register import Registers
    from kvitto.warehouse.reader import Reader


def ask(
    house: House,
    who: Who,
    client: str,
    metrics: Sequence[str],
    period: str | Period,
    by: Sequence[str] = (),
    where: Sequence[str | Filter] = (),
    compare: ComparisonKind | str | None = None,
) -> Measured:
    """Measure, and keep the receipts, so that each code in the answer can be opened.

    ``where`` takes filters or texts such as ``stage=Won``, ``region!=West``,
    ``stage=Won|Lost``. Raises :class:`UnknownName` for an unknown metric,
    dimension or comparison, :class:`BadPeriod`, :class:`NotInScope`.
    """
    with asking(house, who, client) as asker:
        return asker.ask(
            metrics,
            period_for(house, client, period),
            by,
            tuple(part if isinstance(part, Filter) else parse_filter(part) for part in where),
            None if compare is None else comparison(compare),
        )


def period_for(house: House, client: str, period: str | Period) -> Period:
    """What people write as a period, read in the client's calendar."""
    if isinstance(period, Period):
        return period
    return parse_period(period, house.client(client).calendar(), house.today_of(client))


def parse_filter(text: str) -> Filter:
    """``dimension=value``, ``dimension!=value``; several values are set apart by ``|``.

    ``dimension=`` asks for rows without a value. Raises :class:`WrongUse`.
    """
    name, sign, values = text.partition("=")
    negated = name.endswith("!")
    name = name.rstrip("!").strip()
    if not sign or not name:
        raise WrongUse.of(
            f"the filter '{text}'", "it has no name and '='", "Write it as stage=Won or stage!=Won."
        )
    return Filter(name, tuple(value.strip() for value in values.split("|")), negated)


def comparison(name: ComparisonKind | str) -> ComparisonKind:
    """The comparison of that name. Raises :class:`UnknownName`."""
    known = [kind.value for kind in ComparisonKind]
    if name not in known:
        raise UnknownName.of(
            f"the comparison '{name}'", "there is none", did_you_mean(str(name), known)
        )
    return ComparisonKind(name)


@dataclass(frozen=True, slots=True)
class HouseAsker:
    """Asks one published version about one client and keeps every receipt."""

    house: House
    who: Who
    reader: Reader
    context: ClientContext
    catalogue: Catalogue

    @property
    def warehouse(self) -> str:
        """The id of the version that is asked."""
        return self.reader.version.id

    def ask(
        self,
        metrics: Sequence[str],
        period: Period,
        by: Sequence[str] = (),
        where: Sequence[Filter] = (),
        compare: ComparisonKind | None = None,
    ) -> Measured:
        """Measure; the scope is the person's, narrowed to the one client."""
        from kvitto.metrics.ask import ask as measure
        from kvitto.store.receipt import keep_receipts

        question = Question(
            self.who.scope.narrow(self.context.client),
            self.context.client,
            tuple(metrics),
            period,
            tuple(by),
            tuple(where),
            compare,
        )
        measured = measure(self.reader, self.catalogue, question, self.context)
        changed = keep_receipts(self.house.store, measured.receipts.values(), self.house.now())
        return recoded(measured, changed) if changed else measured

    def bridge(self, metric: str, one: str, other: str, period: Period) -> Bridge:
        """From one side's figure to the other's; the receipts of both figures are kept."""
        from kvitto.metrics.bridge.build import Pair
        from kvitto.metrics.bridge.build import bridge as build
        from kvitto.store.receipt import keep_receipts

        client = self.context.client
        pair = Pair(metric, one, other, period, self.who.scope.narrow(client))
        zones = self.house.zones(client)
        found = build(self.reader, self.catalogue, pair, self.context, zones)
        kept = [found.one.receipt, found.other.receipt]
        keep_receipts(self.house.store, kept, self.house.now())
        return found

    def registers(self) -> Registers:
        """What is kept about this client's data: health, systems, access, fields, checks."""
        from kvitto.app.register import registers_for

        return registers_for(self.house, self.who, self.context.client, self.findings())

    def findings(self) -> tuple[Finding, ...]:
        """What the audit found in this client's data, in this version."""
        from kvitto.audit.reading import read_findings

        return read_findings(self.reader, {self.context.client})


@contextmanager
def asking(
    house: House, who: Who, client: str, version: str | None = None, *, for_client: bool = False
) -> Iterator[HouseAsker]:
    """An open version to ask about one client, for somebody who may.

    ``for_client`` lets a client's own sign-in ask too: only for questions that
    a use case has fixed, never for free ones.
    """
    if for_client:
        who.scope.require(client)
    else:
        require_team(who, "ask the data", client)
    context = replace(house.context(client), failed=failed_sources(house, client))
    with house.readers.reading(version) as reader:
        yield HouseAsker(house, who, reader, context, house.catalogue_of(client))


def recoded(measured: Measured, changed: Mapping[str, str]) -> Measured:
    """The same answer with the codes under which its receipts are kept."""
    cells = []
    for cell in measured.answer.cells:
        compared = cell.compared
        if compared is not None and compared.receipt is not None:
            compared = replace(compared, receipt=changed.get(compared.receipt, compared.receipt))
        code = changed.get(cell.receipt, cell.receipt)
        cells.append(replace(cell, receipt=code, compared=compared))
    receipts = {
        changed.get(code, code): receipt.model_copy(update={"code": changed.get(code, code)})
        for code, receipt in measured.receipts.items()
    }
    answer = replace(measured.answer, cells=tuple(cells))
    return replace(measured, answer=answer, receipts=receipts)
