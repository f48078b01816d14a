"""Rules about whole records: tests, forms that were sent twice, placeholders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TestRule(_Definition):
    """Records that somebody made to try things out, and the team's own.

    ``emails`` and ``names`` are patterns with ``*`` ("qa+*@*", "Acme Test*");
    ``domains`` are those of the team ("norrsken.se"; those below it too). They
    add to what is known anyway. What hangs on such a record goes the same way.
    """

    __test__ = False

    do: Literal["review", "exclude", "keep"] = "review"
    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class FormRule(_Definition):
    """The same form by the same person again, not more than so many minutes later."""

    do: Literal["merge", "ask", "keep"] = "ask"
    within_minutes: Annotated[int, Field(ge=1, le=1440)] = 10


class PlaceholderRule(_Definition):
    """Words that stand for nothing, beside those that are known ("Select", "n/a").

    With ``empty`` they count as missing, and the rules about missing fields hold.
    """

    words: tuple[str, ...] = ()
    do: Literal["empty", "keep"] = "keep"
