"""`holdfast prove`."""

from pathlib import Path

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def prove(
    *,
    stack: options.Stack = None,
    topology: options.Topology = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Prove that a running stack serves, fails over and loses nothing.

    Writes at least 50 orders a second, at least 500 before, during and after the home region is lost; demands that
    another region serves in time, that the home region is used again, and that everything acknowledged is read back
    in all regions. Exit code 1 where one of it does not hold.

    In the sandbox the home region is black-holed at its gateway, and 5 s are allowed. In AWS (with a topology that
    names no endpoints) it is evacuated by its flag for a few minutes, its own RTO is allowed, it asks first, and what
    it wrote is deleted.

    Examples:  holdfast prove  |  holdfast prove --stack prod --json  |  holdfast prove --topology topology.json --yes
    """
    from ops import lock
    from ops.estate.access import named_estate
    from ops.proof.session import last_line

    output = Output(as_json=as_json, plain=plain)
    workspace = open_workspace(stack)
    real = named_estate(workspace, topology=None if topology is None else Path(topology))
    workspace.root.mkdir(parents=True, exist_ok=True)
    with lock.hold(workspace.lock):
        if real is not None and not real.sandboxed:
            from ops.proof.real import prove_real

            document = prove_real(workspace, real, output, yes=yes)
        else:
            from ops.deployment.prove import prove as run

            document = run(workspace, output)
    output.say(last_line(document))
    output.result(document)
