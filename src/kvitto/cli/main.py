"""The ``kvitto`` command. Subcommands are imported when they are called.

``kvitto --help`` must answer at once, so the one-line descriptions stand here
and nothing heavy is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from kvitto import __version__
from kvitto.cli.option import GLOBAL, Settings, set_option, settings_of
from kvitto.errors import EXIT_FAILED, EXIT_FINE, EXIT_USAGE, KvittoError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("workspace:init", "Make a new workspace"),
    "check": ("workspace:check", "Check the workspace's files, all problems at once"),
    "sync": ("data:sync", "Read the sources and publish the next version of the data"),
    "sources": ("source:sources", "Show how fresh each source is, what ails it, what to do"),
    "source": ("connection:source", "Add a source, test its connection, keep its credentials"),
    "map": ("data:map_source", "Show what was understood of a source, guessed and unknown"),
    "audit": ("data:audit", "Show what is wrong in the data, and who decides"),
    "health": ("register:health", "Show how healthy the data is, and what the score is made of"),
    "systems": ("register:systems", "Show which systems hold data, who can open them"),
    "fields": ("register:fields", "Show what each field is worth: keep, complete or drop"),
    "recheck": ("register:recheck", "Hold a random sample against the truth"),
    "review": ("review:review", "Show records that may be one, merge them or keep them apart"),
    "labels": ("label:labels", "Show the labels that wait for a decision, with suggestions"),
    "label": ("label:label", "Decide what a label means, or see first what that changes"),
    "versions": ("data:versions", "List the published versions of the data"),
    "rollback": ("data:rollback", "Go back to an earlier version of the data"),
    "metrics": ("question:metrics", "List the metrics, or explain some"),
    "ask": ("question:ask", "Measure: values with receipts"),
    "reconcile": ("reconcile:reconcile", "Explain why two sources say different things"),
    "receipt": ("question:receipt", "Open a receipt, check its lines, ask again"),
    "draft": ("report:draft", "Compose the next edition of a report"),
    "editions": ("report:editions", "List the editions and where they stand"),
    "text": ("report:text", "Show or change the texts of a draft"),
    "vouch": ("report:vouch", "Stand by name for a phrase that does not resolve"),
    "gate": ("gate:gate", "Show which reports may be sent, and what holds the others"),
    "lint": ("report:lint", "Show what is missing or wrong in a draft"),
    "approve": ("report:approve", "Approve a draft by name"),
    "seal": ("report:seal", "Seal an approved edition for good"),
    "render": ("output:render", "Write an edition as HTML, PDF, XLSX, JSON"),
    "deliver": ("output:deliver", "Send a sealed edition, once to each recipient"),
    "run": ("month:run", "Sync, draft and check all reports of a client"),
    "person": ("person:person", "Add people who may sign in, list and change them"),
    "serve": ("month:serve", "Start the web app"),
    "demo": ("month:demo", "Show everything on real data in a new folder"),
}
"""Name: (module below ``kvitto.cli.command`` and its command, one line of help)."""

EXIT_STOPPED = 130
_BY_SIGNAL = 128


class LazyGroup(click.Group):
    """Knows its commands by name, and how each kind of failure ends."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The order in which a month goes."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"kvitto.cli.command.{module}"), attribute)
        _with_globals(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name for one that is not there."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from kvitto.errors import did_you_mean

            raise click.UsageError(
                f"there is no command '{args[0]}'. {did_you_mean(args[0], list(COMMANDS))}", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(  # type: ignore[override]  # the rest goes on as it is
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> None:
        """Run, and end with one of the exit codes: 0 fine, 1 data, 2 use, 3 failed."""
        given = list(sys.argv[1:] if args is None else args)
        sys.exit(
            _ended(
                lambda: super(LazyGroup, self).main(
                    given, prog_name or "kvitto", standalone_mode=False, **extra
                ),
                "--json" in given,
            )
        )


@click.group("kvitto", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kvitto")
@click.option("-w", "--workspace", metavar="DIR", help="The workspace [KVITTO_WORKSPACE, or here].")
@click.option("--today", metavar="DAY", help="Read relative periods from this day.")
@click.option("--as", "as_name", metavar="NAME", help="In whose name [$USER].")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no hints.")
@click.pass_context
def cli(
    ctx: click.Context, workspace: str | None, today: str | None, as_name: str | None, quiet: bool
) -> None:
    """Client reports with receipts: every figure opens to its definition, data and rows."""
    ctx.obj = Settings.read(workspace, today, as_name, quiet)


def main() -> None:
    """The console script's entrance."""
    from kvitto.cli.stop import honour_signals

    honour_signals()
    cli.main()


def _with_globals(command: click.Command) -> None:
    """The global options may stand after the command's name as well."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _with_globals(below)
        return
    taken = {name for parameter in command.params for name in parameter.opts}
    for option in GLOBAL:
        if option.names[0] not in taken:
            command.params.append(
                click.Option(
                    [name for name in option.names if name not in taken],
                    is_flag=option.is_flag,
                    default=None,
                    expose_value=False,
                    hidden=True,
                    callback=set_option,
                )
            )


def _ended(call: Any, as_json: bool) -> int:
    try:
        code = call()
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return _failed(error, as_json)
    return code if isinstance(code, int) else EXIT_FINE


def _failed(error: Exception | KeyboardInterrupt, as_json: bool) -> int:
    """Say what went wrong, and give the exit code of it."""
    from kvitto.cli.failure import show_error, show_unexpected, show_usage
    from kvitto.cli.stop import stopped_by

    signal = stopped_by()
    if signal is not None or isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("\nStopped. Nothing half-done is left behind.", err=True)
        return EXIT_STOPPED if signal is None else _BY_SIGNAL + signal
    if isinstance(error, KvittoError):
        show_error(error, as_json)
        return error.exit_code
    if isinstance(error, click.ClickException):
        show_usage(error, as_json)
        return EXIT_USAGE
    if isinstance(error, BrokenPipeError):
        return _pipe_closed()
    show_unexpected(error, as_json)
    return EXIT_FAILED


def _pipe_closed() -> int:
    """Whoever read our output has seen enough (``kvitto ask ... | head``)."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_FINE


__all__ = ["COMMANDS", "cli", "main", "settings_of"]
