"""`holdfast up`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.workspace import open_workspace

app = typer.Typer(rich_markup_mode=None)


@app.command()
def up(
    *,
    stack: options.Stack = None,
    engine: options.Engine = "sandbox",
    prove: Annotated[bool, typer.Option("--prove/--no-prove", help="Prove that it serves, once it stands.")] = True,
    allow_replace: options.AllowReplace = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Bring the stack up in the sandbox and prove that it serves.

    Starts the sandbox, previews the program under the policy packs and stops at a mandatory finding, deploys it,
    starts an orders service in each region, and proves that the stack survives the loss of its home region.
    Run it again after anything went wrong: it goes on from what is recorded.

    Examples:  holdfast up  |  holdfast up --stack dev --no-prove  |  holdfast up --json
    """
    from ops.deployment.up import up as bring_up
    from ops.proof.session import last_line

    output = Output(as_json=as_json, plain=plain)
    document = bring_up(open_workspace(stack), output, engine=engine, prove=prove, allow_replace=allow_replace)
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in document["seconds"].items())
    output.say(f"{parts}; the sandbox holds {document['memory_mb']:.0f} MB")
    output.say(last_line(document) if prove else f"ok: {len(document['regions'])} regions up, not proven")
    output.result(document)
