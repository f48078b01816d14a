"""An open database, as the streams that its settings name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from kvitto.errors import BadSource, Problem, SourceRefused, did_you_mean
from kvitto.sources.connectors.sql.column import REMOVED, ROW
from kvitto.sources.connectors.sql.database import Login
from kvitto.sources.connectors.sql.declare import GRANT, Declared, declare
from kvitto.sources.connectors.sql.entrance import open_database
from kvitto.sources.connectors.sql.select import ids_sql, kept_sql, rows_sql
from kvitto.sources.connectors.sql.settings import SqlSettings
from kvitto.sources.connectors.sql.write import (
    check_key,
    with_row_keys,
    write_batches,
    write_keys,
)
from kvitto.sources.stream import Account, Notice, Opening, Page, Stream, Wanted, Written

_A_DAY = timedelta(days=1)
"""The source's day may be another than that of UTC."""


class SqlApi:
    """One read-only transaction: all streams of a run are seen at the same moment."""

    def __init__(self, opening: Opening, root: Path, *, has_password: bool) -> None:
        assert isinstance(opening.settings, SqlSettings)
        self._opening = opening
        self._settings: SqlSettings = opening.settings
        self._database = open_database(_login(opening, self._settings, root, has_password))

    @cached_property
    def declared(self) -> Declared:
        """The streams and the relations behind them."""
        return declare(self._database, self._settings, self._opening.source, self._opening.notice)

    def account(self) -> Account:
        """Connect and look the tables up."""
        target = self._settings.target
        label = f"{target.user} in {target.label}" if target.user else target.label
        found = self.declared
        reads = tuple(one.name for one in found.streams if one.name not in found.refused)
        return Account(label, reads=reads, refused=found.refused)

    def streams(self) -> Sequence[Stream]:
        """The streams that the settings name, with the columns that the database has."""
        return self.declared.streams

    def write(
        self, stream: Stream, wanted: Wanted, columns: Sequence[str], folder: Path
    ) -> Iterator[Written]:
        """The rows asked for, in files."""
        table = self._settings.table(stream.name)
        relation = self.declared.relations[stream.name]
        if relation.refused is not None:
            raise SourceRefused(Problem(f"read {stream.name}", relation.refused, GRANT))
        self._check_columns(stream, columns)
        if wanted.last is not None and self._opening.now().date() - wanted.last <= _A_DAY:
            self._tell_of_other_days(stream, wanted)
        fields = [field for field in columns if field != ROW]
        sql = rows_sql(self._database, relation, table, stream, wanted, fields)
        key = [relation.fields[field].name for field in stream.key if field in relation.fields]
        batches = self._database.batches(sql, len(fields))
        for written in write_batches(batches, fields, stream, folder):
            if not key:
                yield with_row_keys(written, fields)
                continue
            if not relation.identifies(key):
                check_key(written, stream, self._opening.source, table.asked)
            yield written

    def write_ids(self, stream: Stream, path: Path) -> int:
        """The keys of all rows, in a file."""
        relation = self.declared.relations[stream.name]
        sql = ids_sql(self._database, relation, stream)
        return write_keys(self._database.batches(sql, len(stream.key)), path)

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The same rows, one by one."""
        from pyarrow import parquet

        with tempfile.TemporaryDirectory(prefix="kvitto-sql-") as folder:
            fields = (*stream.fields, *wanted.fields)
            for written in self.write(stream, wanted, fields, Path(folder)):
                for batch in parquet.ParquetFile(written.file).iter_batches(1000):
                    yield batch.to_pylist()

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """The keys of all rows, one by one."""
        from pyarrow import parquet

        with tempfile.TemporaryDirectory(prefix="kvitto-sql-") as folder:
            path = Path(folder) / "ids.parquet"
            self.write_ids(stream, path)
            for batch in parquet.ParquetFile(path).iter_batches(10_000):
                yield [tuple(key.split("\x1f")) for key in batch.column(0).to_pylist()]

    def close(self) -> None:
        """End the transaction."""
        self._database.close()

    def _check_columns(self, stream: Stream, columns: Sequence[str]) -> None:
        """Columns that the source's file names beyond those that are there."""
        relation = self.declared.relations[stream.name]
        problems = [
            Problem(
                f"the column '{name}' of {stream.name}",
                "the database has no such column, or it is one of bytes",
                did_you_mean(name, list(relation.fields)),
                f"sources/{self._opening.source}.yml",
            )
            for name in columns
            if name not in (ROW, REMOVED)
            and (name not in relation.fields or relation.fields[name].kind == "bytes")
        ]
        if problems:
            raise BadSource(*problems)

    def _tell_of_other_days(self, stream: Stream, wanted: Wanted) -> None:
        """Rows of no day or of one to come are not among the days that are read."""
        table = self._settings.table(stream.name)
        relation = self.declared.relations[stream.name]
        rows = self._database.number(kept_sql(self._database, relation, table, wanted))
        if rows:
            self._opening.notice(
                Notice(
                    stream.name,
                    "days_not_read",
                    f"{rows} rows of {table.asked} have no day, or one after today, and are not"
                    " read",
                    "Fill the column, or keep the table with keeping: replace.",
                    rows=rows,
                )
            )


def _login(opening: Opening, settings: SqlSettings, root: Path, has_password: bool) -> Login:
    return Login(
        settings.target,
        opening.secret("password") if has_password else "",
        root,
        opening.allow_private,
        settings.db_schema,
        settings.rows_per_page,
        settings.timeout_seconds,
        settings.connect_seconds,
    )
