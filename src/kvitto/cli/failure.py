"""How failures are told: asked, found, what to do, and where to read more."""

from __future__ import annotations

import json
import os
import sys

import click

from kvitto.errors import KvittoError, Problem

DOCS = "docs/errors.md"


def show_error(error: KvittoError, as_json: bool) -> None:
    """One of our own failures; with ``--json`` as a document on standard output."""
    if as_json:
        _print_json(error.code, error.problems)
        return
    stderr = sys.stderr
    for problem in error.problems:
        place = problem.file or ""
        if problem.file is not None and problem.line is not None:
            place = f"{problem.file}:{problem.line}"
        if place:
            click.secho(place, fg="cyan", file=stderr)
        click.secho(f"Asked for: {problem.asked}", bold=True, file=stderr)
        click.echo(f"Found:     {problem.found}", file=stderr)
        click.echo(f"To do:     {problem.todo}", file=stderr)
        click.echo(file=stderr)
    click.secho(f"{error.code}, see {DOCS}#{error.code.lower()}", dim=True, file=stderr)


def show_usage(error: click.ClickException, as_json: bool) -> None:
    """The command line itself was not understood."""
    if as_json:
        problem = Problem("run the command", error.format_message(), "See: kvitto --help")
        _print_json("KV100", (problem,))
        return
    error.show(sys.stderr)


def show_unexpected(error: Exception, as_json: bool) -> None:
    """A failure that we did not foresee; the trace is shown with ``KVITTO_DEBUG=1``."""
    if os.environ.get("KVITTO_DEBUG"):
        import traceback

        traceback.print_exception(error)
    found = f"{type(error).__name__}: {error}"
    problem = Problem(
        "run the command", found, "Run it again with KVITTO_DEBUG=1 and report what it prints."
    )
    if as_json:
        _print_json("KV000", (problem,))
        return
    show_error(KvittoError(problem), False)


def _print_json(code: str, problems: tuple[Problem, ...]) -> None:
    listed = [
        {
            "asked": problem.asked,
            "found": problem.found,
            "todo": problem.todo,
            "file": problem.file,
            "line": problem.line,
        }
        for problem in problems
    ]
    document = {"error": {"code": code, "docs": f"{DOCS}#{code.lower()}", "problems": listed}}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
