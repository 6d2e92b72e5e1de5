"""`holdfast prove`."""

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def prove(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Prove that a running stack serves, fails over and loses nothing.

    Writes at least 50 orders a second, at least 500 before, during and after the home region is black-holed at its
    gateway; demands that another region serves within 5 s, that the home region is used again once healed, and that
    everything acknowledged is read back in all regions. Exit code 1 where one of it does not hold.

    Examples:  holdfast prove  |  holdfast prove --stack prod --json
    """
    from ops import lock
    from ops.deployment.prove import prove as run
    from ops.proof.session import last_line

    output = Output(as_json=as_json, plain=plain)
    workspace = open_workspace(stack)
    with lock.hold(workspace.lock):
        document = run(workspace, output)
    output.say(last_line(document))
    output.result(document)
