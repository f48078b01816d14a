"""The keeper of the receipts' codes.

A code is short enough to be read out, so two receipts can want the same one;
the later of the two gets a longer code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from kvitto.errors import StoreFailed, UnknownName
from kvitto.model.receipt import Receipt, short_code
from kvitto.store.engine import Store, insert_or
from kvitto.store.table import EDITION_RECEIPTS, RECEIPTS

_LENGTHS = (8, 12, 16, 24, 32)
_AT_ONCE = 500


def keep_receipts(store: Store, receipts: Iterable[Receipt], at: datetime) -> Mapping[str, str]:
    """Keep them, and say which codes became longer: the code as given, the code as kept.

    Keeping the same receipt again changes nothing. Only codes that changed
    are in the answer, which is nearly always empty.
    """
    wanted = {receipt.digest: receipt for receipt in receipts}
    changed: dict[str, str] = {}
    digests = list(wanted)
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        kept = _keep(store, {digest: wanted[digest] for digest in part}, at)
        changed |= {
            wanted[digest].code: code
            for digest, code in kept.items()
            if wanted[digest].code != code
        }
    return changed


def find_receipt(store: Store, code: str) -> Receipt:
    """The receipt of that code, however it is typed. Raises :class:`UnknownName`."""
    tidy = tidy_code(code)
    with store.read() as connection:
        document = connection.execute(
            select(RECEIPTS.c.document).where(RECEIPTS.c.code == tidy)
        ).scalar()
    if document is None:
        raise UnknownName.of(
            f"the receipt {tidy or code!r}",
            "no receipt of that code is kept here",
            "Check the code; O and 0, I and 1 are read as the same.",
        )
    return Receipt.model_validate_json(document)


def tidy_code(text: str) -> str:
    """The code as it is kept: upper case, in groups of four, look-alikes put right."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    letters = letters.translate(str.maketrans("OILU", "011V"))
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def editions_showing(store: Store, code: str) -> tuple[str, ...]:
    """The sealed editions in which a receipt is printed."""
    query = select(EDITION_RECEIPTS.c.edition).where(EDITION_RECEIPTS.c.code == tidy_code(code))
    with store.read() as connection:
        return tuple(sorted(connection.execute(query).scalars()))


def note_edition_receipts(store: Store, edition: str, codes: Sequence[str]) -> None:
    """Write down which receipts a sealed edition prints; again is no trouble."""
    if not codes:
        return
    rows = [{"edition": edition, "code": code} for code in sorted(set(codes))]
    with store.write() as connection:
        connection.execute(insert_or(connection, EDITION_RECEIPTS).on_conflict_do_nothing(), rows)


def _keep(store: Store, wanted: Mapping[str, Receipt], at: datetime) -> dict[str, str]:
    """Each digest with the code it is kept under; again where another took a code meanwhile."""
    kept = _kept(store, list(wanted))
    for _ in _LENGTHS:
        missing = [receipt for digest, receipt in sorted(wanted.items()) if digest not in kept]
        if not missing:
            return kept
        _add(store, missing, at)
        kept = _kept(store, list(wanted))
    raise StoreFailed.of(
        "keep the receipts",
        "other runs took their codes again and again",
        "Run it again when the others have finished.",
    )


def _kept(store: Store, digests: Sequence[str]) -> dict[str, str]:
    query = select(RECEIPTS.c.digest, RECEIPTS.c.code).where(RECEIPTS.c.digest.in_(digests))
    with store.read() as connection:
        return {row.digest: row.code for row in connection.execute(query)}


def _add(store: Store, receipts: Sequence[Receipt], at: datetime) -> None:
    """Add those whose code is free; two that want one code, here or elsewhere, are told apart."""
    with store.write() as connection:
        wanted = [receipt.code for receipt in receipts]
        query = select(RECEIPTS.c.code, RECEIPTS.c.digest).where(RECEIPTS.c.code.in_(wanted))
        taken: dict[str, str] = {row.code: row.digest for row in connection.execute(query)}
        rows = []
        for receipt in receipts:
            code = _free_code(connection, receipt, taken)
            taken[code] = receipt.digest
            document = receipt.model_copy(update={"code": code}).model_dump_json()
            rows.append(
                {
                    "code": code,
                    "digest": receipt.digest,
                    "client": receipt.client,
                    "document": document,
                    "created_at": at,
                }
            )
        connection.execute(insert_or(connection, RECEIPTS).on_conflict_do_nothing(), rows)


def _free_code(connection: Connection, receipt: Receipt, taken: dict[str, str]) -> str:
    if taken.get(receipt.code, receipt.digest) == receipt.digest:
        return receipt.code
    for length in _LENGTHS:
        code = short_code(receipt.digest, length)
        query = select(RECEIPTS.c.digest).where(RECEIPTS.c.code == code)
        holder = taken.get(code) or connection.execute(query).scalar()
        if holder in (None, receipt.digest):
            return code
    return receipt.digest[:40]
