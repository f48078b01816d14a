"""The settings that hold for every command."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kvitto.app.house import House
    from kvitto.app.who import Who


@dataclass(frozen=True, slots=True)
class GlobalOption:
    """An option of the whole command that is understood after a subcommand too."""

    names: tuple[str, ...]
    field: str
    is_flag: bool = False


GLOBAL: tuple[GlobalOption, ...] = (
    GlobalOption(("-w", "--workspace"), "workspace"),
    GlobalOption(("--today",), "today"),
    GlobalOption(("--as", "--by", "as_name"), "as_name"),
    GlobalOption(("-q", "--quiet"), "quiet", True),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What was said before or after the command's name; nothing is opened yet."""

    workspace: Path | None = None
    today: date | None = None
    as_name: str | None = None
    quiet: bool = False

    @classmethod
    def read(
        cls, workspace: str | None, today: str | None, as_name: str | None, quiet: bool
    ) -> Settings:
        """From the texts of the command line; ``KVITTO_WORKSPACE`` stands in."""
        named = workspace or os.environ.get("KVITTO_WORKSPACE") or None
        return cls(None if named is None else Path(named), _day(today), as_name, quiet)

    def root(self) -> Path:
        """The workspace's folder: the named one, else the nearest one from here upwards."""
        from kvitto.app.house import find_root

        return self.workspace if self.workspace is not None else find_root(Path.cwd())

    def open(self) -> tuple[House, Who]:
        """The workspace and who is working in it."""
        from kvitto.app.house import local_person, open_house

        house = open_house(self.root(), self.today)
        return house, local_person(house, self.as_name)


def settings_of(ctx: click.Context) -> Settings:
    """The settings of the running command."""
    found = ctx.find_object(Settings)
    return found if found is not None else Settings()


def set_option(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """A global option that was given after the command's name wins."""
    if value is None or value is False:
        return
    now = settings_of(ctx)
    name = parameter.name
    if name == "workspace":
        now = replace(now, workspace=Path(str(value)))
    elif name == "today":
        now = replace(now, today=_day(str(value)))
    elif name == "as_name":
        now = replace(now, as_name=str(value))
    elif name == "quiet":
        now = replace(now, quiet=True)
    ctx.obj = now


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is not a day; write it as 2017-12-31") from error
