"""Opening a receipt: what a figure is made of, and whether it still holds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kvitto.app.ask import asking
from kvitto.app.evidence import read_lines, sealed_lines_in
from kvitto.app.house import House
from kvitto.app.live import live_id, may_open_live
from kvitto.app.place import may_read
from kvitto.app.who import Who
from kvitto.errors import UnknownName
from kvitto.model.receipt import Receipt

if TYPE_CHECKING:
    from kvitto.metrics.line import LineCheck
    from kvitto.metrics.line import LineItem as LineItem
    from kvitto.metrics.rerun import Rerun


LINES = "lines.parquet"

REMEMBERED_RECEIPTS = 64
"""How many opened receipts are kept in memory."""

REMEMBERED_LINES = 5000
"""Receipts with more lines than this are not."""


@dataclass(frozen=True, slots=True)
class OpenedReceipt:
    """A receipt and what was asked of it.

    ``lines`` are the records that add up to the value and ``check`` says that
    they do; ``rerun`` is the same question asked of today's data. Each is
    ``None`` where it was not asked for. ``editions`` are the sealed editions
    that print this receipt; ``sealed_lines`` says that the lines come from one
    of them.
    """

    receipt: Receipt
    lines: tuple[LineItem, ...] | None = None
    check: LineCheck | None = None
    rerun: Rerun | None = None
    editions: tuple[str, ...] = ()
    sealed_lines: bool = False


_REMEMBERED: dict[tuple[Path, str, tuple[str, ...]], OpenedReceipt] = {}


def open_receipt(
    house: House, who: Who, code: str, *, lines: bool = False, rerun: bool = False
) -> OpenedReceipt:
    """The receipt of that code.

    A client's sign-in may open those of its sealed editions and its live page.

    Raises :class:`UnknownName`, with the same words where the person may not see it.
    """
    from kvitto.store.receipt import editions_showing, find_receipt

    receipt = find_receipt(house.store, code)
    shown_in = tuple(
        name
        for name in editions_showing(house.store, receipt.code)
        if _may_open(house, who, receipt.client, name)
    )
    if receipt.client not in who.scope or not (who.is_team or shown_in):
        raise UnknownName.of(
            f"the receipt {receipt.code!r}",
            "no receipt of that code is kept here",
            "Check the code; O and 0, I and 1 are read as the same.",
        )
    sealed = tuple(name for name in shown_in if name != live_id(receipt.client))
    found = OpenedReceipt(receipt, editions=sealed)
    if lines and not rerun:
        return _remembered(house, who, found)
    if lines or rerun:
        with TemporaryDirectory(prefix="kvitto-") as folder:
            found = _with_lines(house, who, found, Path(folder), lines)
            if rerun:
                found = _rerun(house, who, found, Path(folder))
    return found if lines else replace(found, lines=None)


def _may_open(house: House, who: Who, client: str, shown_in: str) -> bool:
    if shown_in == live_id(client):
        return may_open_live(house, who, client)
    return may_read(house, who, shown_in.split("/")[1])


def _remembered(house: House, who: Who, found: OpenedReceipt) -> OpenedReceipt:
    """The receipt with its lines, from memory where they were just read.

    The lines of a receipt never change: they come from one version, or from a
    sealed edition. Long lists are not kept. Whoever comes here may see them.
    """
    key = (house.root, found.receipt.digest, found.editions)
    kept = _REMEMBERED.get(key)
    if kept is None:
        with TemporaryDirectory(prefix="kvitto-") as folder:
            kept = _with_lines(house, who, found, Path(folder), True)
        if len(kept.lines or ()) <= REMEMBERED_LINES:
            _REMEMBERED[key] = kept
            for oldest in list(_REMEMBERED)[:-REMEMBERED_RECEIPTS]:
                _REMEMBERED.pop(oldest, None)
    return replace(found, lines=kept.lines, check=kept.check, sealed_lines=kept.sealed_lines)


def _with_lines(
    house: House, who: Who, found: OpenedReceipt, folder: Path, needed: bool
) -> OpenedReceipt:
    """The lines as sealed, where an edition prints the receipt; else out of its version.

    A version that was removed meanwhile is an error only where they are ``needed``.
    """
    from kvitto.metrics.line import check_lines, write_lines

    receipt, path = found.receipt, folder / LINES
    sealed = sealed_lines_in(house, found.editions, receipt.code)
    if sealed is not None:
        shutil.copyfile(sealed, path)
    else:
        try:
            with asking(house, who, receipt.client, receipt.warehouse, for_client=True) as asker:
                write_lines(asker.reader, asker.catalogue, receipt, asker.context, path)
        except UnknownName:
            if needed:
                raise
            return found
    return replace(
        found,
        lines=read_lines(path),
        check=check_lines(path, receipt),
        sealed_lines=sealed is not None,
    )


def _rerun(house: House, who: Who, found: OpenedReceipt, folder: Path) -> OpenedReceipt:
    from kvitto.metrics.rerun import rerun

    old = folder / LINES
    with asking(house, who, found.receipt.client) as asker:
        result = rerun(
            asker.reader,
            asker.catalogue,
            found.receipt,
            asker.context,
            old if old.exists() else None,
        )
    return replace(found, rerun=result)
