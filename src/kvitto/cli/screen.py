"""Printing: tables, JSON and progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from kvitto.cli.option import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from kvitto.app.progress import Progress

_WIDE = 1000
"""Width of a table that is not printed on a terminal: nothing is cut off."""


def print_json(content: object) -> None:
    """The content as JSON, readable and in UTF-8."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False, default=str))


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """An aligned table; columns in ``right`` are set right-aligned."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, heading in enumerate(headings):
        figure = index in right
        table.add_column(heading, justify="right" if figure else "left", no_wrap=figure)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console(stderr=False).print(table)


def say(settings: Settings, text: str = "") -> None:
    """A hint for people; not said with ``--quiet``."""
    if not settings.quiet:
        click.echo(text, err=True)


@contextmanager
def progress(settings: Settings, as_json: bool = False) -> Iterator[Progress]:
    """Tells the steps on standard error: a bar on a terminal, else a line per step."""
    terminal = sys.stderr.isatty()
    if settings.quiet or (as_json and not terminal):
        yield lambda step, done, total: None
        return
    if not terminal:
        yield _StepLines()
        return
    with _bar() as bar:
        yield bar


class _StepLines:
    """One line per step, for logs."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._last:
            self._last = step
            click.echo(step, err=True)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns: tuple[Any, ...] = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield tell


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False)
