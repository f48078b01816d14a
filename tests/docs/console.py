"""Runs the ``console`` blocks of a page, as a reader would, and compares what comes out.

A line that begins with ``$ `` is a command; the lines below it are what it must
print. ``...`` on a line of its own stands for any lines, ``...`` within a line
for any text. ``[exit 1]`` says the exit code, which is 0 otherwise.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page and what the page says it prints."""

    line: int
    command: str
    expected: tuple[str, ...]
    exit_code: int


def steps_of(page: Path) -> tuple[Step, ...]:
    """All commands of the page in order."""
    steps: list[Step] = []
    inside = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and line.startswith("$ "):
            steps.append(Step(number, line[2:], (), 0))
        elif inside and steps:
            steps[-1] = _with_output(steps[-1], line)
    return tuple(steps)


def run(step: Step, folder: Path) -> str:
    """What is wrong with the step, in words; empty if it does what the page says."""
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    printed = done.stdout + (done.stderr if done.returncode else "")
    if done.returncode != step.exit_code:
        return (
            f"line {step.line}: `{step.command}` ended with {done.returncode}, "
            f"not {step.exit_code}:\n{done.stdout}{done.stderr}"
        )
    if step.expected and not matches(step.expected, printed):
        wanted = "\n".join(step.expected)
        return f"line {step.line}: `{step.command}` printed\n{printed}\nand the page says\n{wanted}"
    return ""


def matches(expected: tuple[str, ...], printed: str) -> bool:
    """Whether the printed text is what the page says, dots standing for anything."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            words = r"\s+".join(
                r"[^\n]*?".join(re.escape(piece) for piece in word.split("..."))
                for word in line.split()
            )
            pattern += rf"\s*{words}\s*\n"
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def environment(home: Path) -> dict[str, str]:
    """A clean environment in which `kvitto` is this checkout's."""
    beside = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join([beside, os.environ.get("PATH", "")]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }


def _with_output(step: Step, line: str) -> Step:
    exit_code = re.fullmatch(r"\[exit (\d)\]", line.strip())
    if exit_code:
        return Step(step.line, step.command, step.expected, int(exit_code[1]))
    if not line.strip():
        return step
    return Step(step.line, step.command, (*step.expected, line), step.exit_code)
