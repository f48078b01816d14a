"""What an edition must hold before it may leave: one file per group of rules."""

from kvitto.report.lint.check import lint
from kvitto.report.lint.problem import LintProblem

__all__ = ["LintProblem", "lint"]
