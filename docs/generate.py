"""Writes the pages of ``docs/reference`` from what the code registers and declares.

``python docs/generate.py`` writes them; a test fails when they are behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"


def pages() -> dict[str, str]:
    """The name of each page and its whole text."""
    return {
        "commands.md": "\n".join(commands()) + "\n",
        "metrics.md": "\n".join(metrics()) + "\n",
        "settings.md": "\n".join(settings()) + "\n",
        "tables.md": "\n".join(tables()) + "\n",
        "items.md": "\n".join(items()) + "\n",
    }


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    import click

    from kvitto.cli.main import COMMANDS, cli

    yield "# Commands\n"
    yield "Exit codes: 0 fine, 1 trouble in the data or the text, 2 wrong use, 3 failed.\n"
    yield "Before the command, for all of them:\n"
    yield from _options(cli.params)
    context = click.Context(cli, info_name="kvitto")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield from _command(f"kvitto {name}", command)


def _command(path: str, command: Any) -> Iterator[str]:
    import click

    own = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(own))
    yield f"\n## {path}\n"
    yield f"`{path} {usage}`\n"
    yield cleandoc(command.help or "").replace("\b", "").strip() + "\n"
    yield from _options(command.params)
    if isinstance(command, click.Group):
        for name in command.list_commands(own):
            child = command.get_command(own, name)
            assert child is not None
            yield from _command(f"{path} {name}", child)


def _options(parameters: list[Any]) -> Iterator[str]:
    import click

    rows = [
        (", ".join(option.opts), option.help or "")
        for option in parameters
        if isinstance(option, click.Option) and not option.hidden
    ]
    if rows:
        yield "| option | meaning |"
        yield "|---|---|"
        for names, meaning in rows:
            yield f"| `{names}` | {_cell(meaning)} |"


def metrics() -> Iterator[str]:
    """Every metric of the catalogue."""
    from kvitto.metrics.catalogue import load_catalogue

    catalogue = load_catalogue()
    yield "# Metrics\n"
    yield (
        "One definition each: what is measured, which rows count, which date puts a row into a "
        "period, how it adds up. `kvitto metrics ID` shows the same on the command line.\n"
    )
    for metric in sorted(catalogue, key=lambda each: each.id):
        yield f"\n## {metric.id}\n"
        yield f"**{metric.name('en')}** ({metric.name('sv')}), version {metric.version}\n"
        yield f"{metric.explains['en']}\n"
        yield "| | |"
        yield "|---|---|"
        for label, text in _facts(metric):
            if text:
                yield f"| {label} | {_cell(text)} |"


def _facts(metric: Any) -> Iterator[tuple[str, str]]:
    for label in ("value", "numerator", "denominator"):
        part = getattr(metric, label)
        if part is not None:
            yield label, _part(part)
    yield "formula", f"`{metric.formula}`" if metric.formula else ""
    yield "unit", metric.unit.value + (f" ({metric.noun})" if metric.noun else "")
    yield "good news is", metric.good.value
    yield (
        "adds up",
        {"full": "over everything", "semi": "not over time", "none": "never"}[
            metric.additivity.value
        ],
    )
    yield "at least", f"{metric.min_n} rows before a change is judged" if metric.min_n else ""
    yield "about one person", "yes; kept out of reports to clients" if metric.person_level else ""
    yield "dimensions", ", ".join(metric.dimensions)
    yield "beware", metric.disputes


def _part(part: Any) -> str:
    what = part.aggregation.value
    if part.percentile is not None:
        what += f" {part.percentile:g}"
    words = [f"{what} of `{part.measure}`" if part.measure else what, f"over `{part.table}`"]
    if part.where:
        words.append(f"where `{part.where}`")
    words.append("as of the period's end" if part.as_of else f"by `{part.at}`")
    return " ".join(words)


def settings() -> Iterator[str]:
    """Every key of every file of a workspace."""
    from kvitto.workspace.schema import SCHEMA_KINDS, schema_for

    files = {
        "kvitto": "kvitto.yml",
        "client": "clients/NAME.yml",
        "source": "sources/NAME.yml",
        "metrics": "metrics/NAME.yml",
        "brand": "brands/NAME.yml",
        "rules": "rules/NAME.yml",
    }
    yield "# Settings\n"
    yield "What the files of a workspace may say. An unknown key is an error.\n"
    for kind, model in SCHEMA_KINDS.items():
        schema = schema_for(kind)
        yield f"\n## {files[kind]}\n"
        yield _paragraph(model.__doc__) + "\n"
        yield from _keys(schema)
        for name, part in sorted(schema.get("$defs", {}).items()):
            if "properties" in part:
                yield f"\n### {name}\n"
                yield _paragraph(part.get("description")) + "\n"
                yield from _keys(part)


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | is | unless given |"
    yield "|---|---|---|"
    for key, field in schema["properties"].items():
        default = "must be given" if key in schema.get("required", ()) else _default(field)
        yield f"| `{key}` | {_cell(_kind(field))} | {default} |"


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return "" if default in (None, "", [], {}, ()) else f"`{_cell(str(default))}`"


def _kind(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "anyOf" in field:
        kinds = [_kind(option) for option in field["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"names to {_kind(inner)}" if isinstance(inner, dict) else "names to values"
    words = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "yes or no",
    }
    kind = str(field.get("format") or field.get("type") or "anything")
    return words.get(kind, kind)


def tables() -> Iterator[str]:
    """Every canonical table and column."""
    from kvitto.model.table import PROVENANCE, TENANT, canonical_tables

    yield "# Canonical tables\n"
    ours = ", ".join(f"`{column.name}`" for column in PROVENANCE)
    yield (
        f"Every table begins with `{TENANT}` and ends with {ours}. Every instant `x_at` (UTC) has "
        "its local date `x_on` beside it. Money is a decimal, never a binary float.\n"
    )
    for table in canonical_tables().values():
        yield f"\n## {table.name}\n"
        yield f"{_sentence(table.meaning)} Key: {', '.join(f'`{key}`' for key in table.key)}.\n"
        yield "| column | type | meaning |"
        yield "|---|---|---|"
        for column in table.declared:
            extra = f" → `{column.references}`" if column.references else ""
            values = f" ({', '.join(column.values)})" if column.values else ""
            yield f"| `{column.name}` | {column.type}{extra} | {_cell(column.meaning + values)} |"


def items() -> Iterator[str]:
    """Everything that is registered: sources, checks, blocks, formats, channels."""
    from kvitto.audit.catalogue import CHECKS
    from kvitto.deliver.channel import channels
    from kvitto.metrics.dimension import known_dimensions
    from kvitto.render.format import FORMATS
    from kvitto.report.block import kinds
    from kvitto.report.template import load_templates
    from kvitto.sources.connector import CONNECTORS

    yield "# Registered items\n"
    yield ("Another package adds one through an entry point in the group named in brackets.\n")
    for title, group, registry in (
        ("Connectors", "kvitto.source", CONNECTORS),
        ("Checks", "kvitto.check", CHECKS),
        ("Blocks", "kvitto.block", kinds()),
        ("Formats", "kvitto.format", FORMATS),
        ("Channels", "kvitto.channel", channels()),
    ):
        yield f"\n## {title} (`{group}`)\n"
        yield "| name | what |"
        yield "|---|---|"
        for name, path in sorted(registry.builtin.items()):
            words = import_module(path.partition(":")[0]).__doc__ or ""
            yield f"| `{name}` | {_cell(_paragraph(words))} |"
    yield "\n## What a format cannot show\n"
    yield "| format | cannot show | becomes |"
    yield "|---|---|---|"
    for name, form in FORMATS:
        for limit in form.limits:
            yield f"| `{name}` | {_cell(limit.what)} | {_cell(limit.becomes)} |"
    yield "\n## Dimensions\n"
    yield "| name | is called |"
    yield "|---|---|"
    for name, dimension in known_dimensions().items():
        yield f"| `{name}` | {dimension.name('en')} |"
    yield "\n## Reports\n"
    yield "| template | title | for |"
    yield "|---|---|---|"
    for name, template in sorted(load_templates(None).items()):
        title = template.title["en"].format(period="PERIOD", next="NEXT", client="CLIENT")
        yield f"| `{name}` | {title} | {template.audience} |"


def _paragraph(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split()).replace("``", "`")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
