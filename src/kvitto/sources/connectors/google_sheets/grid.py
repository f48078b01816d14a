"""The cells of one sheet, block by block, as rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.google_sheets.cell import ERRORS, address, cell_text, letters
from kvitto.sources.connectors.google_sheets.tab import Chosen, Merge

_RENDERINGS = ("SERIAL_NUMBER", "FORMATTED_STRING")


class Asking(Protocol):
    """What gives the JSON at a path."""

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """The JSON."""
        ...


@dataclass(slots=True)
class Grid:
    """One sheet being read.

    ``errors`` are cells whose formula has no value, by what they show;
    ``filled`` are cells that took the text of the merged cell that they are
    part of; ``kept`` are merged cells with a number, which stands once.
    """

    spreadsheet: str
    chosen: Chosen
    block: int
    errors: dict[str, list[str]] = field(default_factory=dict)
    filled: int = 0
    kept: int = 0
    width: int = 0

    def rows(self, service: Asking) -> Iterator[list[str]]:
        """The rows that hold anything, in order; each as long as it is filled."""
        texts: dict[Merge, str] = {}
        for first, serial, shown in self._blocks(service):
            for place, (one, other) in enumerate(_paired(serial, shown)):
                row = self._row(first + place, one, other)
                self._spread(first + place, row, one, texts)
                while row and not row[-1]:
                    row.pop()
                if row:
                    self.width = max(self.width, len(row))
                    yield row

    def _row(self, number: int, serial: Sequence[Any], shown: Sequence[Any]) -> list[str]:
        cells = []
        for column, held in enumerate(serial):
            if isinstance(held, str) and held in ERRORS:
                place = address(number, column + self._left)
                self.errors.setdefault(held, []).append(place)
                cells.append("")
            else:
                cells.append(cell_text(held, shown[column] if column < len(shown) else None))
        return cells

    def _spread(
        self, number: int, row: list[str], serial: Sequence[Any], texts: dict[Merge, str]
    ) -> None:
        """Give the rows of a merged cell its text; a number must not be counted again."""
        for merge in self.chosen.sheet.merges:
            column = merge.left - self._left
            if not merge.top <= number < merge.bottom or merge.bottom - merge.top < 2 or column < 0:
                continue
            if number == merge.top:
                held = serial[column] if column < len(serial) else None
                number_held = isinstance(held, int | float) or _is_decimal(held)
                if number_held and not isinstance(held, bool):
                    self.kept += 1
                elif column < len(row) and row[column]:
                    texts[merge] = row[column]
            elif merge in texts:
                row.extend([""] * (column + 1 - len(row)))
                row[column] = texts[merge]
                self.filled += 1

    def _blocks(self, service: Asking) -> Iterator[tuple[int, list[Any], list[Any]]]:
        """First row's number, counted from 0, and the block's rows in both renderings."""
        if self.chosen.range is not None:
            top = _top(self.chosen.range)
            yield (top, *self._both(service, self.chosen.range.upper()))
            return
        sheet = self.chosen.sheet
        if not sheet.rows or not sheet.columns:
            return
        step = max(1, self.block // sheet.columns)
        last = letters(sheet.columns - 1)
        for first in range(0, sheet.rows, step):
            end = min(first + step, sheet.rows)
            yield (first, *self._both(service, f"A{first + 1}:{last}{end}"))

    def _both(self, service: Asking, part: str) -> tuple[list[Any], list[Any]]:
        named = f"{_quoted(self.chosen.sheet.title)}!{part}"
        serial, shown = (self._values(service, named, how) for how in _RENDERINGS)
        if len(serial) != len(shown):
            # Somebody wrote between the two questions; the second pair is of one moment or fails.
            serial, shown = (self._values(service, named, how) for how in _RENDERINGS)
        if len(serial) != len(shown):
            raise BadAnswer.of(
                f"read the sheet '{self.chosen.sheet.title}'",
                "it changes while it is read",
                "Try again when nobody is writing.",
            )
        return serial, shown

    def _values(self, service: Asking, named: str, dates: str) -> list[Any]:
        data = service.get(
            f"/v4/spreadsheets/{self.spreadsheet}/values:batchGet",
            {
                "ranges": named,
                "majorDimension": "ROWS",
                "valueRenderOption": "UNFORMATTED_VALUE",
                "dateTimeRenderOption": dates,
            },
        )
        ranges = data.get("valueRanges") if isinstance(data, Mapping) else None
        if not isinstance(ranges, list) or not ranges:
            raise BadAnswer.of(
                f"read the sheet '{self.chosen.sheet.title}'",
                "the answer holds no range",
                "Look whether endpoint in the settings is the address of the Sheets API.",
            )
        return list(ranges[0].get("values") or ())

    @property
    def _left(self) -> int:
        """The first column that is read, counted from 0."""
        if self.chosen.range is None:
            return 0
        column = 0
        for sign in self.chosen.range.split(":")[0].upper():
            if sign.isalpha():
                column = column * 26 + ord(sign) - 64
        return column - 1


def _paired(serial: Sequence[Any], shown: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    yield from zip(serial, shown, strict=True)


def _top(part: str) -> int:
    digits = "".join(sign for sign in part.split(":")[0] if sign.isdigit())
    return int(digits) - 1 if digits else 0


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def _is_decimal(value: object) -> bool:
    from decimal import Decimal

    return isinstance(value, Decimal)
