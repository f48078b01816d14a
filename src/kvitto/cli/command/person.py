"""People who may sign in to the web app."""

from __future__ import annotations

import secrets
import sys

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table

ROLES = ("owner", "manager", "client")


@click.group()
def person() -> None:
    """Add people who may sign in, list and change them."""


@person.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("-c", "--client", "clients", multiple=True, help="A client they may see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def add(
    ctx: click.Context,
    email: str,
    name: str,
    role: str,
    clients: tuple[str, ...],
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add EMAIL. Without --password-stdin a password is made and printed once."""
    from kvitto.app.person import create_person
    from kvitto.app.who import Role

    house, who = settings_of(ctx).open()
    made = not password_stdin
    password = _made() if made else sys.stdin.readline().rstrip("\r\n")
    row = create_person(
        house, who, name=name, email=email, role=Role(role), clients=clients, password=password
    )
    if as_json:
        document: dict[str, object] = {"email": row.email, "role": row.role}
        print_json(document | ({"password": password} if made else {}))
        return
    click.echo(f"{row.email} may sign in as {row.role}.")
    if made:
        click.echo(f"Password (shown once): {password}")


@person.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def listing(ctx: click.Context, as_json: bool) -> None:
    """List everybody who may sign in."""
    from kvitto.app.person import people

    house, who = settings_of(ctx).open()
    rows = people(house, who)
    if as_json:
        listed = [
            {
                "name": row.name,
                "email": row.email,
                "role": row.role,
                "clients": list(row.clients),
                "active": row.active,
            }
            for row in rows
        ]
        print_json({"people": listed})
        return
    print_table(
        ("Name", "Address", "Role", "Clients", ""),
        [
            (
                row.name,
                row.email,
                row.role,
                ", ".join(row.clients) or "all",
                "" if row.active else "may not sign in",
            )
            for row in rows
        ],
    )


@person.command("change")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES))
@click.option("-c", "--client", "clients", multiple=True, help="The clients they may see from now.")
@click.option("--active/--inactive", default=None, help="Whether they may sign in.")
@click.option("--new-password", is_flag=True, help="Make a new password and print it once.")
@click.pass_context
def change(
    ctx: click.Context,
    email: str,
    role: str | None,
    clients: tuple[str, ...],
    active: bool | None,
    new_password: bool,
) -> None:
    """Change the rights or the password of EMAIL; their open sessions end."""
    from kvitto.app.person import change_person
    from kvitto.app.who import Role

    house, who = settings_of(ctx).open()
    password = _made() if new_password else None
    row = change_person(
        house,
        who,
        email,
        role=None if role is None else Role(role),
        clients=clients or None,
        active=active,
        password=password,
    )
    click.echo(f"{row.email}: {row.role}, {'active' if row.active else 'may not sign in'}")
    if password is not None:
        click.echo(f"Password (shown once): {password}")


def _made() -> str:
    return secrets.token_urlsafe(12)
