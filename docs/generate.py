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
        "layouts.md": "\n".join(layouts()) + "\n",
        "sources.md": "\n".join(sources()) + "\n",
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

    catalogue = load_catalogue((), {})
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
        "connection": "connections/NAME.yml",
        "metrics": "metrics/NAME.yml",
        "meaning": "meanings/NAME.yml",
        "brand": "brands/NAME.yml",
        "rules": "rules/NAME.yml",
        "decisions": "decisions/CLIENT.yml",
        "systems": "systems/CLIENT.yml",
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
    if "anyOf" in field or "oneOf" in field:
        options = field.get("anyOf") or field["oneOf"]
        kinds = [_kind(option) for option in options if option.get("type") != "null"]
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


def layouts() -> Iterator[str]:
    """Every export that is recognised by its headers."""
    from kvitto.conform.layout import LEVELS, layouts, vendors

    yield "# Layouts\n"
    yield (
        "Exports that are recognised by their headers, without a map. A file is one where all the "
        "headers of its line are there, in one of the spellings. Where two fit equally well, the "
        "sync asks: answer with `layout:` below `tables:`, or with `vendor:`.\n"
    )
    levels = ", ".join(level.replace("_", " ") for level in LEVELS)
    yield (
        "The same advertising spend stands in reports of several levels. One level is used for "
        f"each platform, the first that is there of: {levels}.\n"
    )
    for vendor in vendors().values():
        yield f"\n## {vendor.name}\n"
        yield "| layout | told by | fills |"
        yield "|---|---|---|"
        for layout in layouts():
            if layout.vendor == vendor.id:
                told = ", ".join(f"`{forms[0]}`" for forms in layout.requires)
                parts = ", ".join(f"`{part.table}`" for part in layout.parts)
                fills = parts or f"nothing: {layout.aside}"
                yield f"| `{layout.id}` | {_cell(told)} | {_cell(fills)} |"


def sources() -> Iterator[str]:
    """Every kind of source: what it reads, how it is set up, its streams and their care."""
    from kvitto.sources.connector import CONNECTORS

    yield "# Sources\n"
    yield (
        "What `kind:` of a source's file may be. The keys that all kinds share stand in "
        "[settings](settings.md); how to add a kind of one's own in "
        "[add a source](../how-to/add-a-source.md). Credentials are never written into the file: "
        "it says where they are (`secrets: {token: env:NAME}`).\n"
    )
    yield "| kind | | reads |"
    yield "|---|---|---|"
    listed = [(name, CONNECTORS.get(name)) for name in sorted(CONNECTORS.builtin)]
    for name, connector in listed:
        yield f"| [`{name}`](#{name}) | {connector.title} | {_cell(connector.reads)} |"
    for name, connector in listed:
        yield f"\n## {name}\n"
        yield f"**{connector.title}**. {connector.reads}\n"
        yield "| | |"
        yield "|---|---|"
        extra = f"`pip install 'kvitto[{connector.extra}]'`" if connector.extra else ""
        for label, text in (
            ("a day is final", connector.settles),
            ("limits", connector.limits),
            ("tested against", connector.tested),
            ("needs", extra),
        ):
            if text:
                yield f"| {label} | {_cell(text)} |"
        yield from _source_settings(connector)
        yield from _source_secrets(connector)
        yield from _source_streams(connector)


def _source_settings(connector: Any) -> Iterator[str]:
    schema = connector.settings.model_json_schema()
    if schema.get("properties"):
        yield "\n### Settings\n"
        yield from _described_keys(schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part:
            yield f"\n#### {name}\n"
            yield _paragraph(part.get("description")) + "\n"
            yield from _described_keys(part)


def _described_keys(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | is | unless given | meaning |"
    yield "|---|---|---|---|"
    for key, field in schema["properties"].items():
        default = "must be given" if key in schema.get("required", ()) else _default(field)
        meaning = _cell(field.get("description", ""))
        yield f"| `{key}` | {_cell(_kind(field))} | {default} | {meaning} |"


def _source_secrets(connector: Any) -> Iterator[str]:
    if connector.secrets:
        yield "\n### Credentials\n"
        yield "| name | is | where to find it |"
        yield "|---|---|---|"
        for secret in connector.secrets:
            only = " (not always needed)" if secret.optional else ""
            yield f"| `{secret.name}` | {_cell(secret.prompt)}{only} | {_cell(secret.help)} |"


def _source_streams(connector: Any) -> Iterator[str]:
    if not connector.streams:
        return
    kept = {"replace": "read whole", "changes": "changes since", "days": "by day"}
    gone = {"never": "read whole or never", "flag": "marked in", "ids": "ids compared"}
    yield "\n### Streams\n"
    yield "| stream | key | kept | deletions | settles | fills |"
    yield "|---|---|---|---|---|---|"
    for stream in connector.streams:
        how = kept[stream.keeping] + (f" `{stream.cursor}`" if stream.cursor else "")
        how += " (may be absent)" if stream.optional else ""
        deleted = gone[stream.deleting]
        deleted += f" `{stream.deleted_field}`" if stream.deleted_field else ""
        settles = f"{stream.settles_days} days" if stream.settles_days else ""
        cells = (
            f"`{stream.name}`",
            ", ".join(f"`{key}`" for key in stream.key),
            how,
            deleted,
            settles,
            ", ".join(f"`{table}`" for table in stream.fill),
        )
        yield f"| {' | '.join(cells)} |"


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
