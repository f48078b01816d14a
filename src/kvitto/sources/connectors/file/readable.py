"""Text files made readable in bulk: what they are, what they were rewritten from, what is odd."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from kvitto.errors import BadSource
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.connectors.file.content import LONGEST_LINE, TextScan, scan_text
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.connectors.file.recut import Marks, marks_of, recut
from kvitto.sources.connectors.file.rewrite import Guess, guess_encoding, rewrite
from kvitto.sources.staged import Decision


@dataclass(frozen=True, slots=True)
class Readable:
    """A file of plain UTF-8, decisions and findings on the way, and whether it shows errors.

    ``marks`` divided its cells and rows before it was written anew with commas.
    """

    path: Path
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]
    long_lines: int
    errors: bool
    marks: Marks | None = None


def make_readable(place: Place) -> Readable:
    """The file itself where it is plain UTF-8 with one delimiter, else a rewritten copy beside."""
    ready = _as_text(place)
    if place.written is not None:
        return ready
    marks = marks_of(ready.path, None if place.told is None else place.told.delimiter)
    if marks is None:
        return ready
    target = _beside(place)
    recut(ready.path, marks, target)
    return replace(ready, path=target, marks=marks)


def _beside(place: Place) -> Path:
    return place.folder / f"{len(list(place.folder.iterdir())):04d}-{place.path.name}.csv"


def _as_text(place: Place) -> Readable:
    scan = scan_text(place.path)
    told = None if place.told is None else place.told.encoding
    guess: Guess | None = None
    if told is not None:
        encoding, decision = told, Decision("encoding", told, "told", "it stands in the definition")
    elif scan.encoding is not None:
        encoding = scan.encoding
        decision = Decision("encoding", encoding, "found", "all of its bytes agree")
    else:
        guess = guess_encoding(place.path)
        encoding = guess.encoding
        decision = Decision("encoding", encoding, "guessed", guess.why)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf-8-sig") and _is_plain(scan):
        return Readable(place.path, (decision,), (), 0, scan.errors)
    target = _beside(place)
    try:
        unknown = rewrite(place.path, encoding, target)
    except LookupError:
        raise BadSource.of(
            f"read {place.file}",
            f"the encoding '{encoding}' is not known",
            "Write encoding: utf-8, cp1252, utf-16 or another known one.",
        ) from None
    return Readable(
        target,
        (decision,),
        (*_text_findings(place, scan, encoding, unknown), *_guess_findings(place, guess)),
        len(scan.long_lines),
        scan.errors,
    )


def _guess_findings(place: Place, guess: Guess | None) -> tuple[Finding, ...]:
    """A guess that something depends on, with a word that shows it."""
    if guess is None or not guess.differing:
        return ()
    others = ", ".join(f"as {encoding} '{text}'" for encoding, text in guess.differing)
    return (
        place_finding(
            place,
            "guessed_encoding",
            f"{place.file} does not say its encoding; it is read as {guess.encoding}, so that a"
            f" word of it is '{guess.word}' ({others})",
            f"If '{guess.word}' is right, write encoding: {guess.encoding}; else the right one.",
        ),
    )


def _is_plain(scan: TextScan) -> bool:
    return scan.encoding == "utf-8" and not (scan.mixed or scan.zeros or scan.long_lines)


def _text_findings(
    place: Place, scan: TextScan, encoding: str, unknown: int
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if unknown:
        found.append(
            place_finding(
                place,
                "wrong_encoding",
                f"{unknown} characters of {place.file} cannot be read as {encoding}",
                "Name the right encoding in the definition, as in encoding: cp1252.",
                rows=unknown,
                severity=Severity.warning,
            )
        )
    if scan.long_lines:
        listed = ", ".join(str(line) for line in scan.long_lines[:10])
        found.append(
            place_finding(
                place,
                "line_too_long",
                f"{len(scan.long_lines)} lines of {place.file} are longer than"
                f" {LONGEST_LINE:,} bytes and are left out (line {listed})",
                "Look for a quote that never closes in the export, and export again.",
                rows=len(scan.long_lines),
                records=tuple(str(line) for line in scan.long_lines[:20]),
                severity=Severity.error,
                resolution=Resolution.exclude,
            )
        )
    return tuple(found)
