"""The options that commands share, spelled once."""

from pathlib import Path
from typing import Annotated

import typer


def _stacks() -> list[str]:
    """For shell completion: the stack files here; their names are all that it reads."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in Path().glob("Pulumi.*.yaml"))


Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="NAME",
        autocompletion=_stacks,
        help="The stack: Pulumi.NAME.yaml.  [default: $STACK, else prod]",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout; what happens goes to stderr.")]
Plain = Annotated[bool, typer.Option("--plain", help="Lines without colour, boxes or cursor movement.")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", envvar="HOLDFAST_YES", help="Do not ask before the plan is carried out.")
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        envvar="ENGINE",
        metavar="sandbox|pulumi",
        help="What runs the program: the sandbox's engine, or the pulumi command with a local backend.",
    ),
]
PreviewEngine = Annotated[
    str,
    typer.Option(
        "--engine",
        envvar="ENGINE",
        metavar="sandbox|pulumi|aws",
        help="What runs the program: the sandbox's engine, the pulumi command with a local backend, or (aws) the "
        "pulumi command as it is signed in.",
    ),
]
Topology = Annotated[
    str | None,
    typer.Option(
        "--topology",
        metavar="FILE",
        help="The stack's topology, for a stack in AWS.  [default: $HOLDFAST_TOPOLOGY, else the stack in the sandbox]",
    ),
]
AllowReplace = Annotated[
    bool,
    typer.Option(
        "--allow-replace",
        envvar="ALLOW_REPLACE",
        help="Go on although a table, key or other holder of data is replaced or deleted.",
    ),
]
Accept = Annotated[
    list[str], typer.Option("--accept", metavar="CHECK", help="Go on although this check does not hold; repeatable.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what another operator left unfinished.")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Show the plan and its checks, and do nothing.")]
