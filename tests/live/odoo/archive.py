"""Odoo's package out of the distribution's unstable suite, without changing the system's apt.

The archive is the one that the machine already uses: its own sources are read
and asked for another suite, in a state folder of our own. Signatures are
checked by the keys that stand there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

APT = Path("/etc/apt")
SUITE = "sid"
PACKAGE = "odoo-19"
SECONDS = 300
LEFT_OUT = ("*/i18n/*", "*/usr/share/doc/*")


class NotFound(Exception):
    """The package cannot be had; the message says why."""


def download(state: Path) -> Path:
    """The package's file, fetched into ``state``. Raises :class:`NotFound`."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NotFound(f"the package {PACKAGE} comes with apt, which is not here")
    options = _options(state)
    _run(["apt-get", "update", "-qq", *options], state)
    for old in state.glob(f"{PACKAGE}_*.deb"):
        old.unlink()
    _run(["apt-get", "download", "-qq", *options, PACKAGE], state)
    found = sorted(state.glob(f"{PACKAGE}_*.deb"))
    if not found:
        raise NotFound(f"apt-get download brought no {PACKAGE}")
    return found[-1]


def unpack(package: Path, folder: Path) -> None:
    """The package's files below ``folder``, without translations; its file is removed."""
    excluded = [f"--exclude={pattern}" for pattern in LEFT_OUT]
    reading = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    words = ["tar", "-x", "-C", str(folder), "--no-same-owner", *excluded]
    done = subprocess.run(words, stdin=reading.stdout, check=False, timeout=SECONDS)
    if reading.wait(SECONDS) != 0 or done.returncode != 0:
        raise NotFound(f"{package.name} cannot be unpacked")
    package.unlink()


def _options(state: Path) -> list[str]:
    lists, cached = state / "lists", state / "cache"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (cached / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    sources = state / "unstable.sources"
    sources.write_text(_sources())
    told = {
        "Dir::State": state,
        "Dir::State::Lists": lists,
        "Dir::State::status": os.devnull,
        "Dir::Cache": cached,
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": os.devnull,
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Acquire::Languages": "none",
    }
    return [word for name, value in told.items() for word in ("-o", f"{name}={value}")]


def _sources() -> str:
    """The machine's own archive, asked for the unstable suite."""
    codename = _codename()
    for address, key in _archives(codename):
        signed = f"Signed-By: {key}\n" if key else ""
        return f"Types: deb\nURIs: {address}\nSuites: {SUITE}\nComponents: main\n{signed}"
    raise NotFound(f"no source of apt below {APT} serves the suite '{codename}'")


def _codename() -> str:
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    named = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if named.get("ID", "").strip('"') != "debian":
        raise NotFound(f"the package {PACKAGE} comes from Debian, which this system is not")
    return named.get("VERSION_CODENAME", SUITE).strip('"')


def _archives(codename: str) -> Iterator[tuple[str, str]]:
    """Addresses that serve the suite ``codename``, each with its key."""
    for file in sorted(APT.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.+)$", stanza, re.MULTILINE))
            if codename in fields.get("Suites", "").split() and "URIs" in fields:
                yield fields["URIs"].split()[0], fields.get("Signed-By", "")
    for file in (APT / "sources.list", *sorted(APT.glob("sources.list.d/*.list"))):
        if file.exists():
            pattern = rf"^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+{re.escape(codename)}\s"
            for options, address in re.findall(pattern, file.read_text(), re.MULTILINE):
                signed = re.search(r"signed-by=(\S+)", options)
                yield address, signed.group(1) if signed else ""


def _run(words: list[str], folder: Path) -> None:
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise NotFound(f"{' '.join(words[:2])}: {done.stderr.strip()[-400:]}")
