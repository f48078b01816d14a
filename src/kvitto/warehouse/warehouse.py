"""The versions on disk: which there are, which is current, how the next one gets in.

<root>/current                     the id of the version that readers see
<root>/versions/<id>.duckdb, .json one version and what is known of it
<root>/building/                   the next version while it is made
<root>/lock                        held by whoever builds or rolls back
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from kvitto.errors import UnknownName, WarehouseFailed, did_you_mean
from kvitto.warehouse.building import Building, Chosen
from kvitto.warehouse.disk import sync_file, sync_folder, write_whole
from kvitto.warehouse.engine import first_line, open_building
from kvitto.warehouse.lock import exclusive, is_pinned, pin
from kvitto.warehouse.reader import Reader
from kvitto.warehouse.schema import create_statements
from kvitto.warehouse.version import SourceState, Version, from_plain, to_plain


class Warehouse:
    """The published versions below ``root``. Opening it creates nothing.

    ``versions_kept`` is how many of the newest versions stay; the current one
    and those with an open reader stay beyond that.
    """

    def __init__(self, root: Path, versions_kept: int = 5) -> None:
        self.root = root
        self.versions_kept = versions_kept

    def versions(self) -> tuple[Version, ...]:
        """All versions, oldest first."""
        found = [self._read(path) for path in self._folder.glob("v*.json")]
        return tuple(sorted(found, key=lambda version: version.number))

    def current(self) -> Version:
        """The version that readers see. Raises :class:`WarehouseFailed` where there is none."""
        name = self._current_id()
        path = self._folder / f"{name}.json"
        if name is None or not path.exists():
            raise WarehouseFailed.of(
                "open the warehouse", "nothing is published yet", "Run: kvitto sync"
            )
        return self._read(path)

    def reader(self, version: str | None = None) -> Reader:
        """A reader of that version, of the current one where none is named.

        Raises :class:`UnknownName` for a version that is not there (any more).
        """
        for _ in range(3):
            chosen = self.current() if version is None else self._version(version)
            held = pin(self._folder / f"{chosen.id}.json")
            if held is not None:
                return Reader(chosen, self._file(chosen.id), held)
        raise WarehouseFailed.of(
            "open the warehouse", "its versions are being replaced", "Try again."
        )

    @contextmanager
    def building(
        self, rebuild: Collection[Chosen] = (), keep: Collection[Chosen] | None = None
    ) -> Iterator[Building]:
        """The next version, begun with the rows of all sources but those in ``rebuild``.

        ``keep`` names the sources that still exist; others are not carried on. A name
        is a source with all its clients, a pair (name, client) one client's part of it.
        Leaving the block without :meth:`Building.publish` throws it away.
        Raises :class:`Busy` where another run builds.
        """
        import duckdb

        with exclusive(self.root / "lock", "build the next warehouse"):
            self._sweep()
            try:
                building = self._begun(rebuild, keep)
                with closing(building.connection):
                    try:
                        yield building
                    except (
                        duckdb.IOException,
                        duckdb.FatalException,
                        duckdb.OutOfMemoryException,
                    ) as error:
                        raise _cannot_build(error) from error
            finally:
                self._sweep()

    def _begun(self, rebuild: Collection[Chosen], keep: Collection[Chosen] | None) -> Building:
        import duckdb

        path = self._building_folder / "next.duckdb"
        try:
            connection = open_building(path, self._building_folder / "spill")
            try:
                connection.execute("BEGIN")
                for statement in create_statements():
                    connection.execute(statement)
                connection.execute("COMMIT")
                building = Building(connection, path, self._previous(), self._publish)
                building.carry(rebuild, keep)
            except BaseException:
                connection.close()
                raise
        except (duckdb.Error, OSError) as error:
            raise _cannot_build(error) from error
        return building

    def rollback(self, to: str | None = None) -> Version:
        """Make an earlier version current again: ``to``, or the one before the current one."""
        with exclusive(self.root / "lock", "roll the warehouse back"):
            now = self.current()
            if to is None:
                earlier = [one for one in self.versions() if one.number < now.number]
                if not earlier:
                    raise WarehouseFailed.of(
                        "roll the warehouse back",
                        f"{now.id} is the oldest version that is kept",
                        "Sync again instead: kvitto sync",
                    )
                to = earlier[-1].id
            chosen = self._version(to)
            self._point_to(chosen.id)
            return chosen

    @property
    def _folder(self) -> Path:
        return self.root / "versions"

    @property
    def _building_folder(self) -> Path:
        return self.root / "building"

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.duckdb"

    def _current_id(self) -> str | None:
        try:
            return (self.root / "current").read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def _read(self, path: Path) -> Version:
        return from_plain(json.loads(path.read_text(encoding="utf-8")))

    def _version(self, name: str) -> Version:
        path = self._folder / f"{name}.json"
        if not path.exists():
            known = [version.id for version in self.versions()]
            raise UnknownName.of(
                f"the warehouse version '{name}'",
                "it is not there (any more)",
                did_you_mean(name, known),
            )
        return self._read(path)

    def _previous(self) -> tuple[Version, Path] | None:
        if self._current_id() is None:
            return None
        version = self.current()
        return version, self._file(version.id)

    def _sweep(self) -> None:
        """Remove what a run that ended early left: half-built files, files without a record."""
        shutil.rmtree(self._building_folder, ignore_errors=True)
        self._building_folder.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob("v*.duckdb"):
            if not path.with_suffix(".json").exists():
                path.unlink()

    def _publish(
        self, built: Path, digest: str, states: tuple[SourceState, ...], rows: dict[str, int]
    ) -> Version:
        known = self.versions()
        same = next((version for version in known if version.digest == digest), None)
        version = (
            self._add(built, digest, states, rows, known)
            if same is None
            else replace(same, sources=states)
        )
        self._record(version)
        self._point_to(version.id)
        self._retire(version)
        return version

    def _add(
        self,
        built: Path,
        digest: str,
        states: tuple[SourceState, ...],
        rows: dict[str, int],
        known: Sequence[Version],
    ) -> Version:
        number = known[-1].number + 1 if known else 1
        name = f"v{number:04d}-{digest[:8]}"
        sync_file(built)
        built.rename(self._file(name))
        sync_folder(self._folder)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Version(name, now, digest, states, MappingProxyType(rows))

    def _record(self, version: Version) -> None:
        text = json.dumps(to_plain(version), indent=1, sort_keys=True)
        write_whole(self._folder / f"{version.id}.json", text.encode())

    def _point_to(self, name: str) -> None:
        write_whole(self.root / "current", f"{name}\n".encode())

    def _retire(self, current: Version) -> None:
        """Remove what is older than the versions to keep and nobody reads."""
        for version in self.versions()[: -self.versions_kept]:
            path = self._folder / f"{version.id}.json"
            if version.id != current.id and not is_pinned(path):
                path.unlink(missing_ok=True)
                self._file(version.id).unlink(missing_ok=True)


def _cannot_build(error: BaseException) -> WarehouseFailed:
    failed = WarehouseFailed.of(
        "build the next warehouse",
        first_line(error),
        "The last good version stays in use. Free disk space or mend the folder and sync again.",
    )
    assert isinstance(failed, WarehouseFailed)
    return failed
