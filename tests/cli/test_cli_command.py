"""The command line: quick, clear about trouble, the same from everywhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kvitto.cli.main import COMMANDS

HEAVY = {
    "duckdb", "sqlalchemy", "alembic", "pydantic", "rich", "babel", "scipy", "fastapi",
    "jinja2", "ruamel", "sqlglot", "typst", "vl_convert", "argon2", "numpy",
}  # fmt: skip


def test_the_command_imports_nothing_heavy() -> None:
    code = "import sys, kvitto.cli.main; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())


def test_the_help_names_every_command(process: Any) -> None:
    ran = process("--help")
    assert ran.code == 0
    assert all(f"  {name} " in ran.out for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(kvitto: Any, name: str) -> None:
    ran = kvitto(name, "--help")
    assert ran.code == 0
    assert f"kvitto {name}" in ran.out


def test_a_misspelt_command_is_suggested(kvitto: Any) -> None:
    ran = kvitto("synk")
    assert ran.code == 2
    assert "Did you mean 'sync'?" in ran.err


def test_a_folder_that_is_no_workspace_says_what_to_do(kvitto: Any, tmp_path: Path) -> None:
    ran = kvitto("sync", "-w", str(tmp_path))
    assert ran.code == 2
    assert "Asked for: open the workspace" in ran.err
    assert "kvitto init" in ran.err
    assert "docs/errors.md#kv100" in ran.err


def test_a_failure_is_a_document_with_json(kvitto: Any, synced: Path) -> None:
    command = ("ask", "bookings_amout", "-c", "northgate", "-p", "2017", "--json", "-w")
    ran = kvitto(*command, str(synced))
    assert ran.code == 2
    error = ran.json["error"]
    assert error["code"] == "KV101"
    assert error["problems"][0]["todo"] == "Did you mean 'bookings_amount'?"


def test_wrong_use_is_a_document_with_json_too(kvitto: Any) -> None:
    ran = kvitto("ask", "--json")
    assert ran.code == 2
    assert "METRIC" in ran.json["error"]["problems"][0]["found"]


def test_the_workspace_is_found_from_a_folder_below(process: Any, example: Path) -> None:
    ran = process("check", cwd=example / "data" / "crm")
    assert (ran.code, ran.out) == (0, "Everything holds.\n")


def test_the_environment_names_the_workspace(process: Any, example: Path, tmp_path: Path) -> None:
    assert process("check", cwd=tmp_path, KVITTO_WORKSPACE=str(example)).code == 0


@pytest.mark.parametrize("before", [True, False])
def test_global_options_stand_before_or_after_the_command(
    kvitto: Any, example: Path, before: bool
) -> None:
    options = ["-w", str(example)]
    args = [*options, "check"] if before else ["check", *options]
    assert kvitto(*args).code == 0


def test_a_day_that_is_none_is_refused(kvitto: Any, example: Path) -> None:
    ran = kvitto("--today", "2017-02-31", "check", "-w", str(example))
    assert ran.code == 2
    assert "2017-02-31" in ran.err


def test_today_comes_from_the_environment(process: Any, synced: Path) -> None:
    command = ("ask", "deals_won", "-c", "northgate", "-p", "last_month", "--json", "-w")
    ran = process(*command, str(synced), KVITTO_TODAY="2018-01-02")
    assert ran.json["period"] == "2017-12"
    wrong = process(*command, str(synced), KVITTO_TODAY="soon")
    assert wrong.code == 2
    assert "KVITTO_TODAY" in wrong.json["error"]["problems"][0]["asked"]


def test_check_lists_every_problem_with_file_and_line(kvitto: Any, example: Path) -> None:
    client = example / "clients" / "northgate.yml"
    text = client.read_text().replace("template: R13", "template: R31")
    client.write_text(text.replace("metric: deals_won", "metric: deals_one", 1))
    ran = kvitto("check", "--json", "-w", str(example))
    assert ran.code == 2
    todos = [problem["todo"] for problem in ran.json["problems"]]
    assert any("R13" in todo for todo in todos)
    assert any("deals_won" in todo for todo in todos)
    assert all(problem["file"] and problem["line"] for problem in ran.json["problems"])


def test_init_makes_a_workspace_that_holds(kvitto: Any, tmp_path: Path) -> None:
    target = str(tmp_path / "new")
    ran = kvitto("init", target, "--agency", "Bright Lane", "--client", "Northgate AB")
    assert ran.code == 0
    assert kvitto("check", "-w", target).code == 0


def test_init_asks_for_what_is_not_given(kvitto: Any, tmp_path: Path) -> None:
    kvitto("init", str(tmp_path / "new"), stdin="Norrsken & Söner\n")
    assert "Norrsken & Söner" in (tmp_path / "new" / "kvitto.yml").read_text(encoding="utf-8")


def test_init_leaves_a_full_folder_alone(kvitto: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = kvitto("init", str(tmp_path), "--from", "example")
    assert ran.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_pipe_that_closes_early_is_no_trouble(synced: Path) -> None:
    command = f"{sys.executable} -m kvitto metrics | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_ctrl_c_ends_with_a_word_and_130(example: Path) -> None:
    args = ["person", "add", "a@b.example", "--name", "A", "--role", "owner", "--password-stdin"]
    running = subprocess.Popen(
        [sys.executable, "-m", "kvitto", "-w", str(example), *args],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_until_it_reads(running.pid)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Stopped." in err
    assert "Traceback" not in err


def _wait_until_it_reads(pid: int) -> None:
    """Until the process waits on its standard input (a pipe)."""
    deadline = time.monotonic() + 20
    place = Path(f"/proc/{pid}/wchan")
    syscall = Path(f"/proc/{pid}/syscall")
    while time.monotonic() < deadline:
        waits = syscall.read_text().startswith("0 0x0 ") if os.access(syscall, os.R_OK) else False
        if waits or "pipe_read" in place.read_text():
            return
        time.sleep(0.02)
    raise AssertionError("it never asked for the password")


def test_metrics_are_listed_without_a_workspace(kvitto: Any, tmp_path: Path) -> None:
    ran = kvitto("metrics", "--json", "-w", str(tmp_path))
    ids = [metric["id"] for metric in ran.json["metrics"]]
    assert {"bookings_amount", "deals_won", "close_rate", "sales_cycle_length_median"} <= set(ids)
    assert ids == sorted(ids)


def test_a_metric_is_explained(kvitto: Any) -> None:
    ran = kvitto("metrics", "close_rate")
    assert "numerator" in ran.out
    assert "denominator" in ran.out


def test_progress_is_silent_with_json_and_quiet(kvitto: Any, example: Path) -> None:
    loud = kvitto("sync", "-w", str(example))
    assert "Reading crm" in loud.err
    assert kvitto("sync", "-w", str(example), "--json").err == ""
    assert kvitto("sync", "-w", str(example), "-q").err == ""


def test_people_are_added_listed_and_changed(kvitto: Any, example: Path) -> None:
    there = ("-w", str(example))
    made = kvitto(
        "person", "add", "Elin@Brightlane.example", "--name", "Elin", "--role", "manager",
        "-c", "northgate", "--json", *there,
    )  # fmt: skip
    assert len(made.json["password"]) >= 16
    kvitto("person", "change", "elin@brightlane.example", "--inactive", *there)
    listed = kvitto("person", "list", "--json", *there).json["people"]
    assert [(one["role"], one["clients"], one["active"]) for one in listed] == [
        ("manager", ["northgate"], False)
    ]
    wrong = kvitto("person", "change", "elin@brightlane.exmple", "--active", *there)
    assert "Did you mean 'elin@brightlane.example'" in wrong.err


def test_a_client_that_does_not_exist_is_named(kvitto: Any, synced: Path) -> None:
    ran = kvitto("ask", "deals_won", "-c", "southgate", "-p", "2017", "-w", str(synced))
    assert ran.code == 2
    assert "southgate" in ran.err


def test_json_has_no_colours_and_is_utf8(process: Any, synced: Path) -> None:
    ran = process("metrics", "--json", "-w", str(synced))
    assert "\x1b[" not in ran.out
    json.loads(ran.out)
