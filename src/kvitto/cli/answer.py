"""An answer as JSON and as a table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kvitto.model.locale import Formatter
from kvitto.model.metric import Metric
from kvitto.model.question import Answer, Cell, Compared
from kvitto.model.value import Figure, Missing, Number, Unit, UnitKind


def answer_document(answer: Answer) -> dict[str, object]:
    """The answer as data. A value is a number: a share as a fraction, money with its currency."""
    return {
        "client": answer.question.client,
        "period": answer.question.period.label,
        "rows": [_row(cell) for cell in answer.cells],
    }


def plain_number(number: Number) -> int | float:
    """The number as JSON writes it: whole ones without a point."""
    if isinstance(number, Decimal):
        return int(number) if number == number.to_integral_value() else float(number)
    return number


def answer_rows(
    answer: Answer, metric_of: Callable[[str], Metric], language: str
) -> tuple[list[str], list[list[str]], list[int]]:
    """Headings, rows and the columns that are set right."""
    formatter = Formatter.of(language)
    dimensions = list(dict.fromkeys(name for cell in answer.cells for name, _ in cell.dimensions))
    compared = any(cell.compared is not None for cell in answer.cells)
    headings = ["Metric", *(name.capitalize() for name in dimensions), "Value", "n", "Status"]
    headings += ["Against", "Change"] if compared else []
    right = [len(dimensions) + 1, len(dimensions) + 2]
    right += [len(dimensions) + 4, len(dimensions) + 5] if compared else []
    rows = []
    for cell in answer.cells:
        places = dict(cell.dimensions)
        row = [metric_of(cell.metric).name(language)]
        row += [places.get(name) or "(none)" if name in places else "" for name in dimensions]
        row += _figure_columns(cell.figure, formatter)
        row += _compared_columns(cell, formatter) if compared else []
        rows.append([*row, cell.receipt])
    return [*headings, "Receipt"], rows, right


def notes(answer: Answer) -> tuple[str, ...]:
    """What has to be known before figures are held against each other: changed definitions."""
    listed = (cell.compared.note for cell in answer.cells if cell.compared is not None)
    return tuple(dict.fromkeys(note for note in listed if note))


def shown(figure: Figure, formatter: Formatter) -> str:
    """The figure for people; a missing one says what kind of missing it is."""
    if isinstance(figure, Missing):
        return figure.kind.value.replace("_", " ")
    return formatter.figure(figure)


def _figure_columns(figure: Figure, formatter: Formatter) -> list[str]:
    status = "" if isinstance(figure, Missing) else figure.status.value
    return [shown(figure, formatter), formatter.decimal(figure.n), status]


def _compared_columns(cell: Cell, formatter: Formatter) -> list[str]:
    compared = cell.compared
    if compared is None:
        return ["", ""]
    if compared.relative is not None and cell.figure.unit.kind is not UnitKind.share:
        change = formatter.signed(compared.relative, Unit(UnitKind.share))
    elif compared.change is not None and cell.figure.unit.kind is UnitKind.share:
        change = f"{formatter.decimal(compared.change * 100, 1)} pp"
        change = f"+{change}" if compared.change > 0 else change
    elif compared.change is not None:
        change = formatter.signed(compared.change, cell.figure.unit)
    else:
        change = ""
    return [shown(compared.figure, formatter), change]


def _row(cell: Cell) -> dict[str, object]:
    row: dict[str, object] = {"metric": cell.metric, "dimensions": dict(cell.dimensions)}
    row |= _figure(cell.figure)
    row["receipt"] = cell.receipt
    row["comparison"] = None if cell.compared is None else _comparison(cell.compared)
    return row


def _figure(figure: Figure) -> dict[str, object]:
    row: dict[str, object] = {}
    if isinstance(figure, Missing):
        row["missing"] = figure.kind.value
    else:
        row["value"] = plain_number(figure.number)
    row |= _unit(figure.unit)
    row["n"] = figure.n
    row["status"] = None if isinstance(figure, Missing) else figure.status.value
    return row


def _unit(unit: Unit) -> dict[str, object]:
    if unit.kind is UnitKind.money:
        return {"unit": unit.kind.value, "currency": unit.currency}
    if unit.kind is UnitKind.duration:
        return {"unit": unit.noun or "days"}
    return {"unit": unit.kind.value}


def _comparison(compared: Compared) -> dict[str, object]:
    row: dict[str, object] = {
        "kind": compared.kind.value,
        "period": None if compared.period is None else compared.period.label,
    }
    row |= _figure(compared.figure)
    row |= {
        "change": compared.change,
        "relative": compared.relative,
        "receipt": compared.receipt,
        "aligned": compared.aligned,
    }
    if compared.note:
        row["note"] = compared.note
    if compared.aligned:
        row["current"] = _figure(compared.current)
    return row
