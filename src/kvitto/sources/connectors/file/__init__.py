"""Files: CSV, workbooks, Parquet, JSON; a file, a folder or a glob of the workspace."""

from kvitto.sources.connector import Connector, Reading, Settings
from kvitto.sources.connectors.file.read import find_files, read_files
from kvitto.sources.stream import Account


class FileSettings(Settings):
    """Files need none: ``path`` and ``tables`` of the source say all."""


def _check(reading: Reading) -> Account:
    staged = read_files(reading)
    return Account(reading.definition.path, reads=tuple(table.file for table in staged.tables))


def _fingerprint(reading: Reading) -> str:
    """The files' names, sizes and the instants at which they were last changed in any way."""
    parts = []
    for path in find_files(reading):
        seen = path.stat()
        parts.append(f"{path} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}")
    return "\n".join(parts)


CONNECTOR = Connector(
    kind="file",
    title="Files",
    reads="CSV and other delimited text, XLSX, XLSB, XLS, ODS, HTML tables, Parquet and JSON.",
    settings=FileSettings,
    read=read_files,
    check=_check,
    fingerprint=_fingerprint,
    settles="As the definition says (settles_days); at once where it says nothing.",
    limits="None of its own; the bulk is read by the engine and does not pass through memory.",
    tested="Public corpora of broken CSV files and workbooks, and exports of real tools.",
)
