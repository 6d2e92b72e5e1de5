"""`holdfast drill`: make a region fail on purpose, and measure."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.groups import Group

app = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Make a region fail on purpose, and measure."
)


def _scenarios() -> list[str]:
    """For shell completion."""
    from ops.drill.scenarios import BY_NAME

    return list(BY_NAME)


Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The KMS key of the evidence.  [default: $HOLDFAST_EVIDENCE_KEY, else the stack's own]",
    ),
]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    schedule_: Annotated[bool, typer.Option("--schedule", help="The same as: holdfast drill schedule.")] = False,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Make a region fail on purpose, and measure."""
    if context.invoked_subcommand is None and schedule_:
        schedule(stack=stack, as_json=as_json, plain=plain)


@app.command(name="run")
def run_(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", autocompletion=_scenarios, help="See: holdfast drill list")
    ],
    *,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds", metavar="N", min=1.0, max=600.0, help="How long it fails.  [default: the scenario's figure]"
        ),
    ] = None,
    key: Key = None,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Run a scenario: checks, load, failure, healing, figures, signed evidence and a page.

    In the sandbox its gateways fail; in AWS an experiment of AWS Fault Injection Service is started that the stack
    made, bound to its alarms. The failure ends by itself when the drill is killed. Exit code 1 where an objective is
    not met.

    Examples:  holdfast drill run region-loss  |  holdfast drill run incident-2025-10-20 --yes --json
    """
    from ops.drill.command import drill

    code = drill(
        scenario, stack=stack, topology=topology, seconds=seconds, key=key, yes=yes,
        output=Output(as_json=as_json, plain=plain),
    )  # fmt: skip
    if code != Exit.OK:
        raise typer.Exit(code)


@app.command(name="list")
def list_(*, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """List the scenarios; those that were incidents name the operator's own summary.

    Example: holdfast drill list
    """
    from ops.drill.command import listing

    listing(Output(as_json=as_json, plain=plain))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="evidence/drills/*.json")],
    *,
    key: Key = None,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Check the signature of evidence, the log behind it, and every figure anew.

    Example: holdfast drill verify .holdfast/prod/evidence/drills/region-loss-20261121T031000-1a2b3c.json
    """
    from ops.drill.command import verify as check

    check(file, stack=stack, key=key, output=Output(as_json=as_json, plain=plain))


@app.command()
def heal(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Mend what a drill left behind that was killed together with the process that heals.

    Example: holdfast drill heal --stack prod
    """
    from ops.drill.command import heal as mend

    mend(stack=stack, output=Output(as_json=as_json, plain=plain))


@app.command()
def schedule(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Show the quarterly plan: when each scenario was run, and is due. Exit code 1 where one is overdue.

    Example: holdfast drill schedule --stack prod
    """
    from ops.drill.schedule import schedule as show
    from ops.workspace import open_workspace

    if not show(open_workspace(stack), Output(as_json=as_json, plain=plain)):
        raise typer.Exit(Exit.FAILED)
