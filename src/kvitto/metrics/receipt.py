"""Making receipts: from a figure and what it was read from to what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.compiler import Key, Raw, figure_sql, member_sql
from kvitto.metrics.context import ClientContext
from kvitto.metrics.decision import decisions
from kvitto.metrics.fact import Facts
from kvitto.metrics.figure import exact_text, part_figure, unit_of
from kvitto.metrics.frame import Reading
from kvitto.metrics.gap import applied_gaps
from kvitto.metrics.gather import Gathered, groups
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Component, Read, components, settled, sources_of
from kvitto.metrics.priority_applied import told_by
from kvitto.metrics.relabelled import relabellings
from kvitto.metrics.span import trailing
from kvitto.metrics.wording import measure_in_words, rows_of
from kvitto.model.metric import Metric, Part
from kvitto.model.period import Period
from kvitto.model.receipt import Applied, PartUsed, Receipt, SourceUsed, digest_of, short_code
from kvitto.model.value import Figure, Missing, Status, Unit, UnitKind, Value

Used = tuple[Component, Read, Part, Raw, Key | None]


@dataclass(frozen=True)
class Measurement:
    """A figure with everything that it was read from."""

    metric: Metric
    period: Period
    member: Key
    figure: Figure
    used: tuple[Used, ...]
    constants: Mapping[str, str]


@dataclass
class Maker:
    """Makes the receipts of one answer; the same figure has the same receipt."""

    catalogue: Catalogue
    context: ClientContext
    facts: Facts
    places: Places
    gathered: Gathered
    receipts: dict[str, Receipt] = field(default_factory=dict)
    _sql: dict[tuple[str, Period], tuple[tuple[str, Reading], ...]] = field(default_factory=dict)
    _sources: dict[tuple[str, Period], tuple[SourceUsed, ...]] = field(default_factory=dict)

    def make(self, measurement: Measurement) -> str:
        """Make the receipt and give back its code."""
        metric, figure = measurement.metric, measurement.figure
        digest = digest_of(
            {
                "metric": metric.id,
                "version": metric.version,
                "definition": self.catalogue.digest(metric),
                "question": self._question(measurement),
                "constants": dict(measurement.constants),
                "value": _value(figure),
                "missing": _missing(figure),
                "data": self.facts.reader.version.digest,
                **_ordered(measurement),
            }
        )
        code = short_code(digest)
        if code not in self.receipts:
            self.receipts[code] = self._receipt(measurement, code, digest)
        return code

    def _receipt(self, measurement: Measurement, code: str, digest: str) -> Receipt:
        metric, figure, period = measurement.metric, measurement.figure, measurement.period
        return Receipt(
            code=code,
            metric=metric.id,
            name=metric.name("en"),
            definition=metric.explain("en"),
            definition_version=metric.version,
            client=self.context.client,
            question=self._question(measurement),
            period=period.label,
            first_day=period.start.isoformat(),
            last_day=period.last.isoformat(),
            value=_value(figure),
            missing=_missing(figure),
            why=figure.why if isinstance(figure, Missing) else "",
            unit=figure.unit.kind.value,
            currency=figure.unit.currency,
            noun=figure.unit.noun,
            n=figure.n,
            status=figure.status.value if isinstance(figure, Value) else Status.final.value,
            parts=tuple(_part_used(item, self.context) for item in measurement.used),
            formula=self.catalogue.formula(metric) if metric.formula else None,
            constants=dict(measurement.constants),
            as_of=_as_of(measurement),
            sql=self._sql_of(measurement),
            warehouse=self.facts.reader.version.id,
            sources=self._sources_of(metric, period),
            applied=(
                *_left_out(measurement),
                *self._told_by(measurement),
                *applied_gaps([read for _, read, _, _, _ in measurement.used], self.facts),
                *self._decisions(measurement),
            ),
            digest=digest,
        )

    def _question(self, measurement: Measurement) -> dict[str, object]:
        names = self.places.split.dimensions
        period = measurement.period
        return {
            "client": self.context.client,
            "metric": measurement.metric.id,
            "period": {
                "label": period.label,
                "first_day": period.start.isoformat(),
                "last_day": period.last.isoformat(),
                "grain": period.grain.value,
            },
            "dimensions": dict(zip(names, measurement.member, strict=False)),
            "where": [
                {"dimension": part.dimension, "values": list(part.values), "negated": part.negated}
                for part in self.places.filters
            ],
        }

    def _sql_of(self, measurement: Measurement) -> str:
        key = (measurement.metric.id, measurement.period)
        if key not in self._sql:
            self._sql[key] = tuple(self._statements(measurement))
        names = self.places.split.dimensions
        texts = []
        for text, reading in self._sql[key]:
            wanted = dict(self.places.by(reading.table))
            member = next(
                (
                    keys
                    for _, read, _, _, keys in measurement.used
                    if keys is not None and read.measure.part.table == reading.table
                ),
                None,
            )
            ends = [
                member_sql(reading, wanted[name], part)
                for name, part in zip(names, member or (), strict=False)
            ]
            texts.append(text + "".join(ends))
        return ";\n\n".join(texts)

    def _statements(self, measurement: Measurement) -> list[tuple[str, Reading]]:
        found = []
        for reading, measures, spans in groups(read for _, read, _, _, _ in measurement.used):
            text = figure_sql(
                self.context.client,
                reading,
                measures,
                spans[0],
                [place for _, place in self.places.by(reading.table)],
                self.places.where(reading.table),
            )
            found.append((text, reading))
        return found

    def _sources_of(self, metric: Metric, period: Period) -> tuple[SourceUsed, ...]:
        key = (metric.id, period)
        if key not in self._sources:
            found: dict[str, SourceUsed] = {}
            for part in components(metric, self.catalogue):
                last = trailing(period, part.months).last
                for state in sources_of(part.metric, self.facts, self.context.priorities):
                    found[state.name] = SourceUsed(
                        name=state.name,
                        kind=state.kind,
                        synced_at=state.synced_at,
                        complete_to=None if state.complete_to is None else f"{state.complete_to}",
                        rows=state.rows,
                        final=settled(state, last),
                    )
            self._sources[key] = tuple(found[name] for name in sorted(found))
        return self._sources[key]

    def _told_by(self, measurement: Measurement) -> tuple[Applied, ...]:
        """Which source won where several tell the same."""
        found: dict[tuple[str, str], Applied] = {}
        for component, read, _, raw, keys in measurement.used:
            member = keys if keys is not None else ()
            told = told_by(self.facts, self.places, read, member, component.metric, raw)
            if told is not None:
                found.setdefault((told.rule, told.why), told)
        return tuple(found.values())

    def _decisions(self, measurement: Measurement) -> tuple[Applied, ...]:
        found: dict[tuple[str, str, str], Applied] = {}
        for _, read, _, _, keys in measurement.used:
            member = keys if keys is not None else None
            if member is None and self.places.split.dimensions and measurement.member:
                continue
            made = (
                *decisions(self.facts, self.places, read, member or ()),
                *relabellings(self.facts, self.places, read, member or ()),
            )
            for applied in made:
                key = (applied.action, applied.rule, applied.why)
                if key not in found or found[key].rows < applied.rows:
                    found[key] = applied
        return tuple(found.values())


def _ordered(measurement: Measurement) -> dict[str, object]:
    """Who told the figure, where an order of sources says so; it is part of what was asked."""
    found = [
        [read.label, read.chosen.rule.name, read.chosen.said]
        for _, read, _, _, _ in measurement.used
        if read.chosen is not None
    ]
    return {"told_by": found} if found else {}


def _value(figure: Figure) -> str | None:
    return exact_text(figure.number) if isinstance(figure, Value) else None


def _missing(figure: Figure) -> str | None:
    return figure.kind.value if isinstance(figure, Missing) else None


def _part_used(used: Used, context: ClientContext) -> PartUsed:
    component, read, part, raw, _ = used
    unit = Unit(UnitKind.number)
    if component.metric.value is not None:
        unit = unit_of(component.metric, context.currency)
    figure = part_figure(component.metric, part, raw, unit, Status.final)
    return PartUsed(
        part=read.label,
        aggregation=part.aggregation.value,
        percentile=part.percentile,
        total=_value(figure),
        lines=raw.fit,
    )


def _as_of(measurement: Measurement) -> str | None:
    days = {read.span.as_of for _, read, _, _, _ in measurement.used if read.span.as_of}
    other = sorted(day.isoformat() for day in days if day != measurement.period.last)
    return other[0] if other else None


def _left_out(measurement: Measurement) -> tuple[Applied, ...]:
    """Rows that add nothing: their measure is empty, or a duration that is negative."""
    found: dict[tuple[str, str], Applied] = {}
    for _, _, part, raw, _ in measurement.used:
        table = rows_of(part.table)
        if raw.unknown:
            lacked = measure_in_words(part.measure)
            why = f"{raw.unknown} of {raw.rows} {table} lack {lacked} and add nothing"
            found[(part.table, "empty")] = Applied(
                action="unknown_value", rule="empty_measure", rows=raw.unknown, why=why
            )
        if raw.negative:
            why = f"{raw.negative} of {raw.rows} {table} end before they begin; they are left out"
            found[(part.table, "negative")] = Applied(
                action="unknown_value", rule="negative_duration", rows=raw.negative, why=why
            )
    return tuple(found.values())
