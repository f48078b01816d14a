"""Rules for records that may be one company or one person entered twice."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, le=1)]


class DuplicateRule(BaseModel):
    """What is done with pairs of ``table`` (accounts or contacts) that may be one.

    ``ask`` shows every pair that scores ``ask_above`` to a person; ``merge``
    merges those that score ``merge_above`` and asks about the rest; ``keep``
    looks for none. Scores are probabilities. Without a rule people are asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    do: Literal["ask", "merge", "keep"] = "ask"
    merge_above: Share = 0.99
    ask_above: Share = 0.8
