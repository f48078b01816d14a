"""The sources: how they fare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table

if TYPE_CHECKING:
    from kvitto.app.source import SourceRow


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def sources(ctx: click.Context, as_json: bool) -> int:
    """Show each source: last good sync, newest row, rows, lag, final up to, trouble, what to do.

    Ends with 1 where a source is in trouble.
    """
    from kvitto.app.source import sources as listed

    house, who = settings_of(ctx).open()
    rows = listed(house, who)
    if as_json:
        print_json({"sources": [row.document() for row in rows]})
    elif rows:
        headings = (
            "Source",
            "Kind",
            "Client",
            "Last good sync",
            "Rows",
            "Newest",
            "Lag",
            "Final to",
        )
        print_table(headings, [_cells(row) for row in rows], (4, 6))
        for row in rows:
            if row.todo:
                found = f"{row.trouble[0].found}. " if row.trouble else ""
                click.secho(
                    f"{row.name}: {found}{row.todo}",
                    fg="red" if row.trouble else "yellow" if row.ending else None,
                )
    else:
        click.echo("No source yet. Add one with: kvitto source add KIND")
    return 1 if any(row.trouble for row in rows) else 0


def _cells(row: SourceRow) -> tuple[str, ...]:
    return (
        row.name,
        row.kind,
        ", ".join(row.clients),
        (row.good_at or "never")[:16].replace("T", " "),
        str(row.rows),
        str(row.newest or ""),
        "" if row.lag is None else f"{row.lag} d",
        str(row.final_to or ""),
    )
