"""`holdfast sandbox`: a laptop's AWS, by itself."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.groups import Group
from ops.workspace import open_workspace

app = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Start, stop and inspect the sandbox: a laptop's AWS."
)


@app.command()
def start(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Start the sandbox of a stack, or find the one that runs.

    Example: holdfast sandbox start --stack prod
    """
    from ops.deployment import cloud
    from settings import load_stack

    workspace = open_workspace(stack)
    sandbox = cloud.start(workspace, load_stack(workspace.stack, workspace.project))
    output = Output(as_json=as_json, plain=plain)
    for region, url in sandbox.gateways.items():
        output.say(f"{region}: {url}")
    output.result({"ok": True, "incarnation": sandbox.incarnation, "gateways": dict(sandbox.gateways)})


@app.command()
def stop(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Stop the sandbox of a stack and everything in it. Its cloud is in memory, and gone then.

    Example: holdfast sandbox stop --stack prod
    """
    from ops import lock
    from sandbox.cloud import Sandbox

    workspace = open_workspace(stack)
    output = Output(as_json=as_json, plain=plain)
    with lock.hold(workspace.lock):
        sandbox = Sandbox.attach(workspace.root)
        if sandbox is not None:
            sandbox.stop()
    output.say("stopped" if sandbox else "nothing was running")
    output.result({"ok": True, "was_running": sandbox is not None})


@app.command()
def status(*, stack: options.Stack = None, as_json: options.Json = False, plain: options.Plain = False) -> None:
    """Show the parts of the sandbox, the addresses, the faults, and which types are created and which recorded.

    Exit code 4 where nothing runs, 1 where a part has crashed.

    Example: holdfast sandbox status --stack prod
    """
    from ops.deployment.sandbox_status import show

    output = Output(as_json=as_json, plain=plain)
    raise typer.Exit(show(open_workspace(stack), output))


@app.command()
def fault(
    region: Annotated[str, typer.Argument(metavar="REGION", help="The region that fails.")],
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="cut, blackhole, delay, throttle, error, reset, truncate or slow.")
    ],
    *,
    service: Annotated[
        str | None,
        typer.Option(
            "--service",
            metavar="NAME",
            help="dynamodb, s3, kms …  [default: every service]",
        ),
    ] = None,
    option: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="NAME=VALUE", help="rate, operation, seconds, status, lease_seconds …; repeatable."
        ),
    ] = [],  # noqa: B006 (typer makes a new one)
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Let a region of the sandbox fail, until it is healed or its lease ends.

    Examples:  holdfast sandbox fault us-east-1 blackhole --set lease_seconds=30
               holdfast sandbox fault us-east-1 throttle --service dynamodb --set rate=0.5 --set operation=PutItem
    """
    from ops.deployment import cloud
    from ops.deployment.sandbox_faults import inject, parse

    output = Output(as_json=as_json, plain=plain)
    options_given = parse(option)
    sandbox = cloud.running(open_workspace(stack))
    made = inject(sandbox, region, kind, service, options_given)
    output.say(f"{made}: {kind} in {region}; end it with: holdfast sandbox heal {region}")
    output.result({"ok": True, "id": made})


@app.command()
def heal(
    region: Annotated[str | None, typer.Argument(metavar="REGION", help="[default: every region]")] = None,
    *,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """End the faults of a region, or all.

    Example: holdfast sandbox heal us-east-1
    """
    from ops.deployment import cloud

    output = Output(as_json=as_json, plain=plain)
    sandbox = cloud.running(open_workspace(stack))
    if region is not None:
        cloud.require_region(sandbox, region)
    healed = sandbox.heal(region)
    output.say(f"{healed} faults ended")
    output.result({"ok": True, "healed": healed})


@app.command()
def env(
    region: Annotated[str, typer.Argument(metavar="REGION", help="The region to talk to.")],
    *,
    stack: options.Stack = None,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Print what a boto3 program or the AWS CLI needs to talk to a region of the sandbox.

    Example: eval "$(holdfast sandbox env us-east-1)" && aws dynamodb list-tables
    """
    import shlex

    from ops.deployment import cloud

    sandbox = cloud.running(open_workspace(stack))
    cloud.require_region(sandbox, region)
    found = sandbox.environment(region)
    output = Output(as_json=as_json, plain=plain)
    if not as_json:
        for name, value in found.items():
            output.say(f"export {name}={shlex.quote(value)}")
    output.result(found)


@app.command()
def logs(
    part: Annotated[
        str | None, typer.Argument(metavar="PART", help="A part of `sandbox status`.  [default: list]")
    ] = None,
    *,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, metavar="N", help="How many of the last ones.")] = 50,
    stack: options.Stack = None,
) -> None:
    """Print the last lines of a part's log.

    Example: holdfast sandbox logs orders@us-east-1 -n 100
    """
    from ops.deployment.sandbox_logs import show

    show(open_workspace(stack), part, lines, Output())
