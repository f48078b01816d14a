"""Causes: only a segment of an exact decomposition may be named as one.

An event coincides; it is never a cause. Everything else that a sentence gives
as a reason is a claim that nothing here has measured.
"""

from __future__ import annotations

from kvitto.model.block import Mark
from kvitto.model.statement import Statement
from kvitto.report.narrative.claim import about_at
from kvitto.report.narrative.fact import REST, UNNAMED
from kvitto.report.narrative.phrase import Found
from kvitto.report.narrative.reading import Token
from kvitto.report.narrative.resolving import Evidence
from kvitto.report.narrative.scope import Line

Span = tuple[int, int]
_STOPS = frozenset((".", ";", "!", "?", ":"))


def resolve_cause(line: Line, found: Found[str], evidence: Evidence) -> Mark | None:
    """Bound to the contribution or the coincidence that is meant; ``None`` if no claim."""
    if found.payload == "coincide":
        return _coincidence(line, found, evidence)
    region = _region(line, found)
    text = line.reading.view[found.start : found.end]
    if any(region[0] <= start and end <= region[1] for start, end in line.mentions.events):
        return _mark(
            line,
            found,
            None,
            f"'{text}': an event is not a measured cause; write that it coincides",
        )
    strange = _strange(line, region)
    if strange:
        return _mark(
            line, found, None, f"'{text}': nothing measured supports '{strange}' as a cause"
        )
    named = [each for each in line.mentions.segments if region[0] <= each.start < region[1]]
    if not named:
        return _mark(line, found, None, f"'{text}' names no segment of a measured contribution")
    about = about_at(line, found.start, found.start, evidence)
    last: Statement | None = None
    for each in named:
        last = _supporting(evidence, about.metrics, about.comparison, each.payload, found.payload)
        if last is None:
            why = f"'{text}': the contribution of {_name(each.payload)} does not go that way"
            return _mark(line, found, None, why)
    return _mark(line, found, last, "")


def _coincidence(line: Line, found: Found[str], evidence: Evidence) -> Mark | None:
    text = line.reading.view[found.start : found.end]
    if not line.mentions.events:
        if not line.mentions.metrics:
            return _mark(line, found, None, f"'{text}' names no event that was noted")
        return None
    told = {line.reading.view[start:end].lower() for start, end in line.mentions.events}
    for statement in evidence.statements:
        if statement.kind == "coincidence" and statement.event.rstrip(".").lower() in told:
            return _mark(line, found, statement, "")
    return _mark(line, found, None, f"'{text}': the event does not lie in the period")


def _region(line: Line, found: Found[str]) -> Span:
    """Where the cause is named: before "led to", after "because of", up to the clause's end."""
    tokens = line.reading.tokens
    if found.payload == "cause_backward":
        before = [token for token in tokens if token.end <= found.start]
        stops = [token.end for token in before if _ends_clause(line, token)]
        return (stops[-1] if stops else 0), found.start
    after = [token for token in tokens if token.start >= found.end]
    stops = [token.start for token in after if _ends_clause(line, token)]
    stops += [
        each.start for each in line.lexicon.causes.find(line.reading) if each.start >= found.end
    ]
    return found.end, min(stops, default=len(line.reading.view))


def _ends_clause(line: Line, token: Token) -> bool:
    joins = line.lexicon.set("coordinating") | {","}
    turn = token.text in line.lexicon.set("boundaries") and token.text not in joins
    return token.text in _STOPS or turn


def _strange(line: Line, region: Span) -> str:
    """The first word of the region that is neither known nor a small word."""
    mentions = line.mentions
    known = [(each.start, each.end) for each in mentions.metrics]
    known += [(each.start, each.end) for each in mentions.segments]
    known += [(each.start, each.end) for each in mentions.comparisons]
    known += [(each.start, each.end) for each in mentions.whens]
    known += [(each.start, each.end) for each in line.numbers]
    known += [(each.start, each.end) for each in line.directions]
    plain = line.lexicon.set("plain_in_cause")
    for token in line.tokens_between(*region):
        covered = any(start <= token.start and token.end <= end for start, end in known)
        if not covered and len(token.text) > 1 and token.text not in plain and token.text.isalnum():
            return line.reading.view[token.start : token.end]
    return ""


def _supporting(
    evidence: Evidence, metrics: frozenset[str], comparison: str, segment: str, kind: str
) -> Statement | None:
    for statement in evidence.statements:
        about = statement.kind == "contribution" and statement.subject in metrics
        if not about or statement.comparison != comparison or not statement.magnitude:
            continue
        for part in statement.contributions:
            name = REST if part.rest else part.segment or UNNAMED
            along = part.total * statement.magnitude > 0
            if name == segment and part.total and along is (kind != "concession"):
                return statement
    return None


def _name(segment: str) -> str:
    return {REST: "the rest", UNNAMED: "rows without a value"}.get(segment, segment)


def _mark(line: Line, found: Found[str], statement: Statement | None, why: str) -> Mark:
    start, end = line.reading.typed(found.start, found.end)
    return Mark(
        start=start,
        end=end,
        what="cause",
        state="unresolved" if statement is None else "bound",
        receipt=statement.evidence[0] if statement and statement.evidence else None,
        statement=statement.id if statement else None,
        why=why,
    )
