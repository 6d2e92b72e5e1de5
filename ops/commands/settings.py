"""`holdfast settings`: the schema of stack files, and a check of one."""

import json
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.groups import Group
from ops.workspace import open_workspace

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Check a stack file, or print the JSON Schema of stack files.",
)


@app.command()
def schema(
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Print the JSON Schema of the stack files, for an editor.

    Example: holdfast settings schema -o settings/schema.json
    """
    from pathlib import Path

    import settings
    from ops.files import write_text

    text = json.dumps(settings.json_schema(), indent=2) + "\n"
    if output is None:
        print(text, end="")
    else:
        write_text(Path(output), text)


@app.command()
def check(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Check the stack file: every fault at once, each with its path, value, rule and fix.

    Example: holdfast settings check --stack prod
    """
    import settings

    workspace = open_workspace(stack)
    output = Output(as_json=as_json, plain=plain)
    found = settings.load_stack(workspace.stack, workspace.project)
    names = [region.name for region in found.regions]
    output.say(f"{workspace.stack_file.name}: valid; {len(names)} regions: {', '.join(names)}")
    output.result({"ok": True, "stack": workspace.stack, "regions": names})
