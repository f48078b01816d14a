"""Every file of the public samples: recognised, or set aside with a reason; no row is lost."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from kvitto.conform import ConformReport, Understanding, conform, understand
from kvitto.sources import Staged, read_source
from kvitto.warehouse import Warehouse
from kvitto.workspace.definition import ClientDefinition, SourceDefinition

SHARED = Path(__file__).parents[3] / "shared" / "data"
SEEDS = SHARED / "fivetran_layouts"
PLATFORMS = (
    "amazon_ads",
    "apple_search",
    "facebook_ads",
    "google_ads",
    "linkedin",
    "microsoft_ads",
    "pinterest",
    "reddit_ads",
    "snapchat",
    "tiktok",
    "twitter",
)
TOOLS = (
    "dynamics_365_crm",
    "ga4_export",
    "hubspot",
    "intercom",
    "klaviyo",
    "mailchimp",
    "marketo",
    "pardot",
    "qualtrics",
    "salesforce",
    "zendesk",
)
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "salesforce_devorg": ("salesforce_devorg/data/*.csv", {}),
    "ravenstack": ("ravenstack_saas/*.csv", {"ignore": ["*leej*"]}),
    "ravenstack_iso": ("ravenstack_saas/*leej*.csv", {}),
    "retail": ("online_retail/*.parquet", {}),
    "bank": ("bank_marketing/*.csv", {}),
    "maven": ("maven_crm/original/*.csv", {}),
    "maven_us": ("maven_crm/variants/*us_mdyyyy.csv", {}),
    "maven_eu": ("maven_crm/variants/*gtxpro*.csv", {}),
}

shared = pytest.mark.skipif(not SEEDS.is_dir(), reason="shared/data is not beside the repository")


def pattern(tool: str) -> str:
    if tool in PLATFORMS:
        return f"fivetran_layouts/dbt_ad_reporting/{tool}*.csv"
    return f"fivetran_layouts/dbt_{tool}/*.csv"


def seed_files() -> list[tuple[str, str]]:
    if not SEEDS.is_dir():
        return [("none", "none")]
    return [
        (tool, path.name)
        for tool in (*PLATFORMS, *TOOLS)
        for path in sorted(SHARED.glob(pattern(tool)))
    ]


def defined(path: str, more: dict[str, Any]) -> SourceDefinition:
    plain = {"client": "acme", "path": path, "as_of": "2024-06-30", **more}
    return SourceDefinition.model_validate(plain)


@lru_cache(maxsize=32)
def read(tool: str) -> tuple[Staged, Understanding]:
    path, more = SAMPLES.get(tool) or (pattern(tool), {})
    definition = defined(path, more)
    staged = read_source(tool.replace("_", "-"), definition, SHARED)
    return staged, understand(staged, definition)


def lines_of(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sum(any(cell.strip() for cell in row) for row in csv.reader(stream)) - 1


@shared
def test_there_are_as_many_files_as_the_vendors_publish() -> None:
    assert len(seed_files()) == 319


@shared
@pytest.mark.parametrize(("tool", "name"), seed_files())
def test_a_seed_is_recognised_or_set_aside_and_every_row_counted(tool: str, name: str) -> None:
    _, understanding = read(tool)
    files = [file for file in understanding.files if file.staged.file == name]
    aside = [finding for finding in understanding.findings if finding.table == name]
    assert all(file.layout for file in files)
    assert any(file.fills for file in files) or [one.code for one in aside] == ["file_set_aside"]
    used = sum(file.staged.rows for file in files if file.fills and not file.derived)
    (path,) = SEEDS.glob(f"*/{name}") if tool in PLATFORMS else SEEDS.glob(f"dbt_{tool}/{name}")
    assert used + sum(one.rows for one in aside) == lines_of(path)


USED = {
    **dict.fromkeys(PLATFORMS, 2),
    "linkedin": 3,
    "dynamics_365_crm": 10,
    "ga4_export": 1,
    "hubspot": 26,
    "intercom": 5,
    "klaviyo": 5,
    "mailchimp": 8,
    "marketo": 11,
    "pardot": 5,
    "qualtrics": 5,
    "salesforce": 12,
    "zendesk": 6,
}
"""Files of each tool that fill a canonical table; the others are set aside."""


@shared
@pytest.mark.parametrize("tool", [*PLATFORMS, *TOOLS])
def test_as_many_files_of_a_tool_are_used_as_hold_records(tool: str) -> None:
    _, understanding = read(tool)
    assert len({file.staged.file for file in understanding.files if file.fills}) == USED[tool]


LARGE = ("bank", "ravenstack", "retail")
"""Samples of many rows, and nothing in them that the others do not have."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("seeds") / "warehouse")


@shared
@pytest.mark.parametrize(
    "tool",
    [
        *(pytest.param(one, marks=pytest.mark.live) for one in LARGE),
        *PLATFORMS,
        *TOOLS,
        *(one for one in SAMPLES if one not in LARGE),
    ],
)
def test_a_tool_s_files_conform_without_an_answer_and_lose_no_row(
    warehouse: Warehouse, tool: str
) -> None:
    staged, understanding = read(tool)
    path, more = SAMPLES.get(tool) or (pattern(tool), {})
    with warehouse.building(rebuild=[staged.name]) as building:
        report = conform(
            building.connection,
            staged.name,
            defined(path, more),
            staged,
            understanding,
            ClientDefinition(name="Acme", timezone="UTC", currency="EUR"),
            "b1",
        )
    assert report.rows_in == sum(table.rows + table.rejected for table in staged.tables)
    assert report.rows_in == sum(report.rows.values()) + report.left_out
    assert excluded(report) == report.left_out


def excluded(report: ConformReport) -> int:
    return sum(finding.rows for finding in report.findings if finding.resolution == "exclude")
