"""YAML that is part of the product: known to be well-formed, so it is read fast."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any


def read_shipped(text: str) -> Any:
    """The content of a YAML text, with the rules of YAML 1.2 for ``yes``, ``no`` and ``on``.

    People's files go through :mod:`kvitto.workspace.document`, which knows lines.
    """
    import yaml

    return yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader, below


@lru_cache(maxsize=1)
def _loader() -> Any:
    import yaml

    safest: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    truth = "tag:yaml.org,2002:bool"

    class Loader(safest):  # type: ignore[misc]  # the fastest that there is
        """Takes only ``true`` and ``false`` for truth values."""

    Loader.yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0] != truth]
        for first, rules in safest.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver(
        truth, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"
    )
    return Loader
