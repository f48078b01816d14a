"""Pages to Parquet, by way of the loading library, which writes as it goes.

Every column is text and declared; a column that is not declared, or of another
type, cannot come in (the schema is frozen), and no value is turned into
something else on the way. Each run has folders of its own, so nothing that was
left by an aborted run is ever loaded in place of new records.

Most runs bring a handful of records, and an ordered stream is cut at every
checkpoint. Setting the library up takes longer than writing these, so up to
:data:`FEW` records are held as columns and written at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.sources.pull.text import text_of
from kvitto.sources.stream import Page

if TYPE_CHECKING:
    import pyarrow

_DATASET = "fetched"

FEW = 25_000
"""Records that are written without setting the library up: a checkpoint's and a page more."""


def write_pages(
    pages: Iterator[Page], columns: Sequence[str], folder: Path, stream: str
) -> tuple[Path, ...]:
    """Write the pages' records below ``folder`` (new, this run's own) and give the files.

    No records give no file. What ``pages`` raises comes out as it was raised;
    nothing of the folder counts then.
    """
    trouble: list[BaseException] = []
    tables = _tables(pages, tuple(columns), trouble)
    first: list[pyarrow.Table] = []
    held = 0
    for table in tables:
        first.append(table)
        held += table.num_rows
        if held > FEW:
            return _loaded(chain(first, tables), columns, folder, stream, trouble)
    return _few(first, folder) if held else ()


def _few(tables: Sequence[pyarrow.Table], folder: Path) -> tuple[Path, ...]:
    import pyarrow
    from pyarrow import parquet

    path = folder / "few.parquet"
    parquet.write_table(pyarrow.concat_tables(tables), path, compression="zstd")
    return (path,)


def _loaded(
    tables: Iterator[pyarrow.Table],
    columns: Sequence[str],
    folder: Path,
    stream: str,
    trouble: list[BaseException],
) -> tuple[Path, ...]:
    dlt = load_dlt(folder)
    from dlt.destinations import filesystem

    pipeline = dlt.pipeline(
        _plain(stream),
        destination=filesystem(bucket_url=str(folder / "out")),
        dataset_name=_DATASET,
        pipelines_dir=str(folder / "work"),
    )
    resource = dlt.resource(
        tables,
        name="records",
        write_disposition="append",
        columns={name: {"data_type": "text", "nullable": True} for name in columns},
        schema_contract={"columns": "freeze", "data_type": "freeze"},
    )
    try:
        pipeline.run(resource, loader_file_format="parquet")
    except Exception:
        if trouble:
            raise trouble[0] from None
        raise
    return tuple(sorted((folder / "out" / _DATASET / "records").glob("*.parquet")))


def load_dlt(folder: Path) -> Any:
    """The library, told before its import to stay silent and to keep to ``folder``.

    It reports home unless told otherwise, reads settings from the working
    folder, writes an anonymous id, and defers signals while it loads.
    """
    os.environ.update(
        {
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "CRITICAL",
            "RUNTIME__INTERCEPT_SIGNALS": "false",
            "SCHEMA__NAMING": "direct",
            "EXTRACT__WORKERS": "1",
            "LOAD__WORKERS": "1",
            "DLT_DATA_DIR": str(folder / "data"),
            "DLT_PROJECT_DIR": str(folder),
        }
    )
    import dlt

    return dlt


def _tables(
    pages: Iterator[Page], columns: tuple[str, ...], trouble: list[BaseException]
) -> Iterator[pyarrow.Table]:
    import pyarrow

    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    try:
        for page in pages:
            if page:
                held = {name: [text_of(one.get(name)) for one in page] for name in columns}
                yield pyarrow.table(held, schema=schema)
    except BaseException as error:
        trouble.append(error)
        raise


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in name)
