"""One thing that is wrong with an edition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LintProblem:
    """``code`` names the rule, ``where`` the section, block or person concerned.

    What ``blocks`` keeps the edition from being approved and sealed; the rest
    is advice.
    """

    code: str
    where: str
    message: str
    todo: str
    blocks: bool = True
