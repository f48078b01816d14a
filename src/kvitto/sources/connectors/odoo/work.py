"""Projects, tasks, hours, milestones and ratings."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.sources.connectors.odoo.entity import (
    ACCOUNT,
    CONTACT,
    Entity,
    Row,
    changing,
)
from kvitto.workspace.definition import ColumnMap


def _phase(row: Row) -> Mapping[str, object]:
    """A project's standing, from its last update; one put away is done."""
    words = {"on_hold": "paused", "done": "done"}
    word = words.get(str(row["last_update_status"]), "active")
    return {"standing": "done" if row["active"] is False else word}


PROJECTS = Entity(
    changing(
        "projects",
        {
            "name": "text",
            "active": "flag",
            "partner_id": "text",
            "user_id": "text",
            "date_start": "day",
            "date": "day",
            "allocated_hours": "number",
            "last_update_status": "text",
            "standing": "text",
        },
        {
            "projects": {
                "project_id": "id",
                "name": "name",
                "started_on": "date_start",
                "planned_end_on": "date",
                "budget_hours": "allocated_hours",
                "status": "standing",
            }
        },
        "projects, without templates",
    ),
    "project.project",
    (("is_template", "=", False),),
    made=("standing",),
    make=_phase,
    unset=("allocated_hours",),
)

TASKS = Entity(
    changing(
        "tasks",
        {
            "name": "text",
            "project_id": "text",
            "user_ids": "text",
            "stage_id.name": "text",
            "state": "text",
            "priority": "text",
            "active": "flag",
            "create_date": "instant",
            "date_deadline": "instant",
            "date_end": "instant",
            "allocated_hours": "number",
        },
        {
            "tasks": {
                "task_id": "id",
                "project_id": "project_id",
                "title": "name",
                "assignee_id": "user_ids",
                "status": ColumnMap(
                    column="state",
                    values={
                        "01_in_progress": "doing",
                        "02_changes_requested": "doing",
                        "03_approved": "doing",
                        "04_waiting_normal": "blocked",
                        "1_done": "done",
                        "1_canceled": "cancelled",
                    },
                ),
                "priority": ColumnMap(
                    column="priority",
                    values={"0": "low", "1": "normal", "2": "high", "3": "urgent"},
                ),
                "created_at": "create_date",
                "due_on": "date_deadline",
                "done_at": "date_end",
                "estimate_hours": "allocated_hours",
            }
        },
        "tasks of projects; of several assignees the first",
    ),
    "project.task",
    (("project_id", "!=", False), ("is_template", "=", False)),
    unset=("allocated_hours",),
)

TIME_LOGS = Entity(
    changing(
        "time_logs",
        {
            "name": "text",
            "date": "day",
            "unit_amount": "number",
            "user_id": "text",
            "project_id": "text",
            "task_id": "text",
        },
        {
            "time_logs": {
                "log_id": "id",
                "task_id": "task_id",
                "project_id": "project_id",
                "user_id": "user_id",
                "worked_on": "date",
                "hours": "unit_amount",
            }
        },
        "timesheet lines",
    ),
    "account.analytic.line",
    (("project_id", "!=", False),),
)

MILESTONES = Entity(
    changing(
        "milestones",
        {"name": "text", "project_id": "text", "deadline": "day", "reached_date": "day"},
        {
            "milestones": {
                "milestone_id": "id",
                "project_id": "project_id",
                "name": "name",
                "planned_on": "deadline",
                "done_on": "reached_date",
            }
        },
        "milestones of projects",
    ),
    "project.milestone",
)

RATINGS = Entity(
    changing(
        "ratings",
        {
            "res_model": "text",
            "res_id": "text",
            "rating": "number",
            "feedback": "text",
            "partner_id": "text",
            ACCOUNT: "text",
            CONTACT: "text",
            "rated_on": "instant",
            "response": "text",
        },
        {
            "survey_responses": {
                "response_id": "response",
                "survey_kind": ColumnMap(constant="csat"),
                "scale_max": ColumnMap(constant="5"),
                "score": "rating",
                "comment": "feedback",
                "account_id": ACCOUNT,
                "contact_id": CONTACT,
                "responded_at": "rated_on",
            }
        },
        "answers to satisfaction requests (smiley faces: 5, 3 and 1)",
    ),
    "rating.rating",
    (("consumed", "=", True),),
    made=(ACCOUNT, CONTACT, "response"),
    make=lambda row: {"response": f"rating-{row['id']}"},
)

WORK = (PROJECTS, TASKS, TIME_LOGS, MILESTONES, RATINGS)
