"""A folder of YAML -> frozen definitions, and back."""

from kvitto.workspace.check import check_references
from kvitto.workspace.creation import Answers, create_workspace
from kvitto.workspace.folder import check_workspace, load_workspace
from kvitto.workspace.schema import schema_for, write_schemas
from kvitto.workspace.writing import append_value, remove_value, write_value

__all__ = [
    "Answers",
    "append_value",
    "check_references",
    "check_workspace",
    "create_workspace",
    "load_workspace",
    "remove_value",
    "schema_for",
    "write_schemas",
    "write_value",
]
