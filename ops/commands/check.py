"""`holdfast check`."""

from pathlib import Path
from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A state or `pulumi stack export`.  [default: the stack in the sandbox]"),
    ] = None,
    *,
    policies: Annotated[
        list[str], typer.Option("--policies", metavar="PACK", help="Only these packs; repeatable.  [default: all]")
    ] = [],  # noqa: B006 (typer makes a new one)
    report: Annotated[
        list[str],
        typer.Option(
            "--report",
            metavar="FORM[=FILE]",
            help="table, sarif, junit or json; to stdout or to a file; repeatable.  [default: table]",
        ),
    ] = [],  # noqa: B006 (typer makes a new one)
    policy_config: Annotated[
        Path | None,
        typer.Option("--policy-config", metavar="FILE", help="Levels and settings, as `pulumi --policy-pack-config`."),
    ] = None,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Judge what is deployed by the policy packs, offline: a state file, or an export of the pulumi command.

    Exit code 1 on a mandatory finding.

    Examples:  holdfast check  |  pulumi stack export > prod.json && holdfast check prod.json --report sarif
    |  holdfast check --report table --report sarif=findings.sarif --report junit=findings.xml
    """
    from ops.checking import judge, wanted_reports

    wanted = wanted_reports(report or ([] if as_json else ["table"]))
    output = Output(as_json=as_json, plain=plain)
    if not judge(open_workspace(stack), file, packs=policies, wanted=wanted, config=policy_config, output=output):
        raise typer.Exit(Exit.FAILED)
