"""`holdfast sandbox`: a laptop's AWS, by itself."""

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Start, stop and inspect the sandbox: a laptop's AWS."
)


@app.command()
def start(*, stack: options.Stack = None, as_json: options.Json = False) -> None:
    """Start the sandbox of a stack, or find the one that runs.

    Example: holdfast sandbox start --stack prod
    """
    from ops.deployment import cloud
    from settings import load_stack

    workspace = open_workspace(stack)
    sandbox = cloud.start(workspace, load_stack(workspace.stack, workspace.project))
    output = Output(as_json=as_json)
    for region, url in sandbox.gateways.items():
        output.say(f"{region}: {url}")
    output.result({"ok": True, "incarnation": sandbox.incarnation, "gateways": dict(sandbox.gateways)})


@app.command()
def stop(*, stack: options.Stack = None, as_json: options.Json = False) -> None:
    """Stop the sandbox of a stack and everything in it. Its cloud is in memory, and gone then.

    Example: holdfast sandbox stop --stack prod
    """
    from ops import lock
    from sandbox.cloud import Sandbox

    workspace = open_workspace(stack)
    output = Output(as_json=as_json)
    with lock.hold(workspace.lock):
        sandbox = Sandbox.attach(workspace.root)
        if sandbox is not None:
            sandbox.stop()
    output.say("stopped" if sandbox else "nothing was running")
    output.result({"ok": True, "was_running": sandbox is not None})


@app.command()
def status(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Show the parts of the sandbox, the addresses of regions and services, and the faults that are set.

    Exit code 4 where nothing runs, 1 where a part has crashed.

    Example: holdfast sandbox status --stack prod
    """
    from ops.deployment.sandbox_status import show

    output = Output(as_json=as_json, plain=plain)
    raise typer.Exit(show(open_workspace(stack), output))
