"""Tasks and hours of the agency: ClickUp, Asana, Jira, Toggl."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Record, Task, TimeLog
from kvitto.app.agency.sheet import Form, Row

_CLICKUP = (
    "Task ID",
    "Task Name",
    "Status",
    "Assignees",
    "Priority",
    "Date Created",
    "Due Date",
    "Date Done",
    "Time Estimated",
    "List Name",
    "Space Name",
)
_ASANA = (
    "Task ID",
    "Created At",
    "Completed At",
    "Last Modified",
    "Name",
    "Section/Column",
    "Assignee",
    "Assignee Email",
    "Start Date",
    "Due Date",
    "Tags",
    "Projects",
)
_JIRA = (
    "Issue key",
    "Issue id",
    "Summary",
    "Issue Type",
    "Status",
    "Priority",
    "Assignee",
    "Created",
    "Due date",
    "Resolved",
    "Original estimate",
    "Project name",
)
_TOGGL = (
    "User",
    "Email",
    "Client",
    "Project",
    "Task",
    "Description",
    "Billable",
    "Start date",
    "Start time",
    "End date",
    "End time",
    "Duration",
    "Tags",
)
_CLICKUP_STATUS = {"todo": "to do", "doing": "in progress", "done": "complete"}
_ASANA_STATUS = {"todo": "To do", "doing": "Doing", "done": "Done"}
_JIRA_STATUS = {"todo": "To Do", "doing": "In Progress", "done": "Done"}
_JIRA_PRIORITY = {"low": "Low", "normal": "Medium", "high": "High"}


def clickup() -> tuple[FileLayout, ...]:
    """ClickUp's tasks as lines of JSON."""
    return (FileLayout("clickup-tasks", Task, _CLICKUP, _clickup, Form(kind="jsonl")),)


def asana() -> tuple[FileLayout, ...]:
    """Asana's tasks as CSV."""
    return (FileLayout("asana-tasks", Task, _ASANA, _asana, Form(end="\n")),)


def jira() -> tuple[FileLayout, ...]:
    """Jira's issues as a workbook."""
    return (FileLayout("jira-issues", Task, _JIRA, _jira, Form(kind="xlsx")),)


def toggl() -> tuple[FileLayout, ...]:
    """Toggl Track's detailed report as CSV."""
    form = Form(encoding="utf-8-sig", end="\n")
    return (FileLayout("Toggl_time_entries", TimeLog, _TOGGL, _toggl, form),)


def _time(at: datetime | date | None) -> str | None:
    if at is None:
        return None
    return at.strftime("%Y-%m-%d %H:%M:%S" if isinstance(at, datetime) else "%Y-%m-%d")


def _clickup(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Task)
    yield (
        str(record.id),
        record.title,
        _CLICKUP_STATUS[record.status],
        record.who,
        record.priority,
        _time(record.created),
        _time(record.due),
        _time(record.done),
        str(record.estimate),
        "Retainer",
        setting.profile.name,
    )


def _asana(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Task)
    email = next(one.email for one in setting.profile.agency if one.name == record.who)
    yield (
        record.id,
        record.created.date(),
        record.done.date() if record.done else "",
        (record.done or record.created).date(),
        record.title,
        _ASANA_STATUS[record.status],
        record.who,
        email,
        "",
        record.due,
        "deliverable" if record.is_deliverable else "",
        setting.profile.name,
    )


def _jira(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Task)
    yield (
        f"{setting.profile.country}-{record.id}",
        10_000 + record.id,
        record.title,
        "Deliverable" if record.is_deliverable else "Task",
        _JIRA_STATUS[record.status],
        _JIRA_PRIORITY[record.priority],
        record.who,
        record.created,
        record.due,
        record.done,
        int(record.estimate * 3600),
        setting.profile.name,
    )


def _toggl(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, TimeLog)
    end = record.start + timedelta(minutes=record.minutes)
    hours, minutes = divmod(abs(record.minutes), 60)
    sign = "-" if record.minutes < 0 else ""
    yield (
        record.who,
        record.email,
        setting.profile.name,
        "Retainer",
        "",
        record.title,
        "Yes" if record.billable else "No",
        record.start.date(),
        record.start.strftime("%H:%M:%S"),
        end.date(),
        end.strftime("%H:%M:%S"),
        f"{sign}{hours:02d}:{minutes:02d}:00",
        "",
    )
