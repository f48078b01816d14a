"""The metrics that can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kvitto.app.house import DEFINITION
from kvitto.model.metric import Metric


def list_metrics(root: Path, names: Sequence[str] = ()) -> tuple[Metric, ...]:
    """All metrics by id, or the named ones; with those of the workspace, where there is one.

    Raises :class:`UnknownName` with the nearest name.
    """
    from kvitto.metrics.catalogue import load_catalogue

    extra: tuple[Metric, ...] = ()
    if (root / DEFINITION).is_file():
        from kvitto.workspace.folder import load_workspace

        extra = load_workspace(root).metrics
    catalogue = load_catalogue(extra)
    if names:
        return tuple(catalogue.get(name) for name in names)
    return tuple(sorted(catalogue, key=lambda metric: metric.id))
