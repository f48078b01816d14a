"""A new workspace: a copy of an example, or the files that a few answers give."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kvitto.errors import WrongUse
from kvitto.workspace.folder import MAIN_FILE
from kvitto.workspace.schema import SCHEMA_FOLDER, with_schema_line, write_schemas

RUNTIME_FOLDER = ".kvitto"
"""What runs leave behind; never kept in git."""

_OURS = (RUNTIME_FOLDER, SCHEMA_FOLDER, ".gitignore", ".git", "__pycache__")
_IGNORED = f"# Made by runs; can be made again.\n/{RUNTIME_FOLDER}/\n"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new workspace needs to know; ``client`` is the name of a first client, if any."""

    agency: str
    language: str = "en"
    currency: str = "EUR"
    timezone: str = "Europe/Stockholm"
    client: str | None = None


def create_workspace(target: Path, *, source: Path | Answers) -> bool:
    """Make the workspace; ``False`` where the folder already holds the very same one.

    ``source`` is the folder of an example or the answers. All is written beside
    first and ``kvitto.yml`` is put in place last: a folder that has it is whole.
    Raises :class:`WrongUse` for a folder that holds
    anything else, naming the first file that differs.
    """
    files = dict(_example(source) if isinstance(source, Path) else _answered(source))
    files[Path(".gitignore")] = _IGNORED.encode()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        _require_same(target, files)
        write_schemas(target)
        return False
    target.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
    try:
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        write_schemas(beside)
        for path in sorted(beside.iterdir(), key=lambda path: path.name == MAIN_FILE):
            os.replace(path, target / path.name)
        beside.rmdir()
    except BaseException:
        for path in target.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    return True


def identifier_of(name: str) -> str:
    """A name as an id: ``Norrsken & Söner AB`` is ``norrsken-soner-ab``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:64].strip("-") or "client"


def _example(folder: Path) -> Iterator[tuple[Path, bytes]]:
    if not folder.is_dir():
        raise WrongUse.of(f"the example {folder}", "there is no such folder", "Check the path.")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_file() or any(part in _OURS for part in name.parts):
            continue
        content = path.read_bytes()
        if path.suffix in (".yml", ".yaml"):
            content = with_schema_line(content.decode("utf-8"), name.parent.as_posix()).encode()
        yield name, content


def _require_same(target: Path, files: dict[Path, bytes]) -> None:
    for name, content in sorted(files.items()):
        path = target / name
        if name.name == ".gitignore":
            continue
        if not path.is_file() or path.read_bytes() != content:
            what = "differs from" if path.is_file() else "is missing, unlike in"
            raise WrongUse.of(
                f"make a workspace in {target}",
                f"the folder is not empty, and {name} {what} the new workspace",
                "Name an empty or a new folder.",
            )


def _answered(answers: Answers) -> Iterator[tuple[Path, bytes]]:
    main = _MAIN.format(
        agency=_text(answers.agency),
        timezone=_text(answers.timezone),
        currency=answers.currency,
        language=answers.language,
    )
    yield Path("kvitto.yml"), with_schema_line(main, "").encode()
    yield Path("data/.gitkeep"), b""
    if answers.client is None:
        return
    name = identifier_of(answers.client)
    client = _CLIENT.format(
        name=_text(answers.client),
        timezone=_text(answers.timezone),
        currency=answers.currency,
        language=answers.language,
    )
    yield Path(f"clients/{name}.yml"), with_schema_line(client, "clients").encode()
    source = _SOURCE.format(client=_text(name), folder=name)
    yield Path(f"sources/{name}.yml"), with_schema_line(source, "sources").encode()
    yield Path(f"data/{name}/.gitkeep"), b""


def _text(text: str) -> str:
    ordinary = re.match(r"^[^\W\d_][\w /.&()'-]*$", text) and text.strip() == text
    reserved = text.lower() in ("null", "true", "false", "yes", "no", "on", "off")
    return text if ordinary and not reserved else json.dumps(text, ensure_ascii=False)


_MAIN = """\
# Who we are, and what holds for all clients.
agency: {agency}
timezone: {timezone}
currency: {currency}
language: {language}
# mail:
#   host: mail.example.com
#   port: 587
#   tls: starttls
#   user: reports
#   password: env:SMTP_PASSWORD
#   sender: Reports <reports@example.com>
"""

_CLIENT = """\
# Who receives the reports, in which language, currency and time zone.
name: {name}
language: {language}
currency: {currency}
timezone: {timezone}
# recipients:
#   - {{name: Dana Whitfield, email: dana@example.com}}
reports:
  - template: R13
    kpis: [bookings_amount, deals_won, close_rate, average_deal_size]
# goals:
#   - {{metric: deals_won, period: 2027-Q1, target: 40, objective: Grow new business}}
"""

_SOURCE = """\
# Where the data comes from. Put the export into the folder, then: kvitto map
kind: file
client: {client}
path: data/{folder}/*
"""
