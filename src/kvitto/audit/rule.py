"""The rules of a workspace -> decisions that can be carried out, or all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.audit.condition import read_condition
from kvitto.audit.probe import ROW, FieldDecision
from kvitto.errors import BadDefinition, Problem, did_you_mean
from kvitto.model.finding import Resolution
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import ClientDefinition, FieldRule, RulesDefinition, Workspace
from kvitto.workspace.document import read_document
from kvitto.workspace.duplicate_check import duplicate_problems
from kvitto.workspace.label_check import label_problems
from kvitto.workspace.record_check import record_problems
from kvitto.workspace.rule import rule_problems

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def read_rules(
    rules: Sequence[RulesDefinition] | Mapping[str, RulesDefinition],
    clients: Mapping[str, ClientDefinition],
    connection: DuckDBPyConnection | None = None,
) -> tuple[FieldDecision, ...]:
    """The decisions of the rules, in their order.

    With a connection each condition is also tried against its table. Raises
    :class:`BadDefinition` with every rule that cannot be carried out.
    """
    named = (
        dict(rules)
        if isinstance(rules, Mapping)
        else {f"rules {number + 1}": one for number, one in enumerate(rules)}
    )
    problems = [
        Problem(wrong.asked, wrong.found, wrong.todo, wrong.name)
        for wrong in (
            *rule_problems(named),
            *label_problems(named),
            *record_problems(named),
            *duplicate_problems(named),
        )
    ]
    decisions: list[FieldDecision] = []
    for name, definition in named.items():
        problems += [
            Problem(
                f"the client '{client}'", "there is none", did_you_mean(client, list(clients)), name
            )
            for client in definition.clients
            if client not in clients
        ]
        for rule in definition.fields:
            decision, problem = _decision(rule, definition, connection)
            if problem is not None:
                problems.append(Problem(problem.asked, problem.found, problem.todo, name))
            elif decision is not None:
                decisions.append(decision)
    if problems:
        raise BadDefinition(*problems)
    return tuple(decisions)


def check_rules(workspace: Workspace) -> tuple[Problem, ...]:
    """Conditions of the workspace's rules that cannot be read, with file and line.

    The rest of a rule is checked when the workspace is loaded; conditions are
    SQL and are read here.
    """
    problems: list[Problem] = []
    tables = canonical_tables()
    for name, definition in workspace.rules.items():
        path = Path(workspace.root) / "rules" / f"{name}.yml"
        for index, rule in enumerate(definition.fields):
            if rule.where is None or rule.table not in tables:
                continue
            condition, found, todo = read_condition(rule.where, tables[rule.table])
            if condition is None:
                document = read_document(path, f"rules/{name}.yml")[0]
                asked = f"the rule on {rule.table}.{rule.column}"
                problems.append(document.problem(asked, found, todo, ("fields", index, "where")))
    return tuple(problems)


def _decision(
    rule: FieldRule, definition: RulesDefinition, connection: DuckDBPyConnection | None
) -> tuple[FieldDecision | None, Problem | None]:
    tables = canonical_tables()
    if rule.table not in tables or not tables[rule.table].has(rule.column):
        return None, None
    asked = f"the rule on {rule.table}.{rule.column}"
    condition = None
    if rule.where is not None:
        condition, found, todo = read_condition(rule.where, tables[rule.table])
        if condition is None:
            return None, Problem(asked, found, todo)
        refused = None if connection is None else _refused(connection, rule.table, condition)
        if refused is not None:
            return None, Problem(asked, refused, "Write a condition such as: outcome = 'won'")
    where = f" where {rule.where}" if rule.where else ""
    decision = FieldDecision(
        rule.table,
        rule.column,
        Resolution(rule.missing),
        f"{rule.table}.{rule.column}: {rule.missing}{where}",
        rule.default,
        condition,
        rule.where,
        definition.clients or None,
    )
    return decision, None


def _refused(connection: DuckDBPyConnection, table: str, condition: str) -> str | None:
    """Why the engine cannot evaluate the condition; ``None`` if it can."""
    import duckdb

    try:
        connection.execute(
            f"SELECT count(*) FILTER (WHERE {condition})"
            f' FROM (SELECT * FROM "{table}" LIMIT 1) AS {ROW}'
        )
    except duckdb.Error as error:
        return "the condition cannot be evaluated: " + str(error).splitlines()[0]
    return None
