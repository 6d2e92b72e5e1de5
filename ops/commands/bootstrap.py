"""`holdfast bootstrap`."""

from typing import Annotated

import typer

from ops import options
from ops.console import Output
from ops.exits import Exit
from ops.workspace import find_project

app = typer.Typer(rich_markup_mode=None)


@app.command()
def bootstrap(
    *,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="The account, twelve digits.")] = None,
    repository: Annotated[
        str | None, typer.Option("--repository", metavar="OWNER/NAME", help="Whose jobs may take the roles.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help="Where states and keys live.")
    ] = None,
    prefix: Annotated[str | None, typer.Option("--prefix", metavar="NAME", help="What names begin with.")] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option("--environment", "-e", metavar="STACK=PREFIX", help="A stack and its name_prefix; repeatable."),
    ] = None,
    stack: Annotated[
        str, typer.Option("--stack", "-s", metavar="NAME", help="Which bootstrap: one an account.")
    ] = "account",
    aws: Annotated[bool, typer.Option("--aws", help="Set the real account up, by the pulumi command.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox running.")] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    plain: options.Plain = False,
) -> None:
    """Set an account up for pipelines: a bucket for states, a key for their secrets, OIDC and the roles.

    Without --aws it is rehearsed in the sandbox: made, judged by the packs, and run again to see that nothing changes.
    With --aws the same program sets up the account that boto3 finds; it can be run again at any time.

    Examples:  holdfast bootstrap --account 111122223333 --repository example/orders -e prod=holdfast -e dev=dev  |
    holdfast bootstrap --aws
    """
    from ops.bootstrap import file

    output = Output(as_json=as_json, plain=plain)
    workspace = file.open_bootstrap(find_project(), stack)
    given = {
        "account_id": account,
        "repository": repository,
        "region": region,
        "name_prefix": prefix,
        "environments": dict(map(file.pair, environment)) if environment else None,
    }
    if file.write(workspace, given):
        output.say(f"wrote {workspace.stack_file.relative_to(workspace.project.parent)}")
    settings = file.read(workspace)
    if not aws:
        from ops.bootstrap.rehearse import rehearse

        document = rehearse(workspace, settings, output, keep=keep)
        output.result(document)
        if not document["ok"]:
            raise typer.Exit(Exit.FAILED)
        return
    from ops.bootstrap import account as real

    steps = real.plan(workspace, settings, bucket_exists=real.bucket_exists(settings))
    for step in steps:
        output.say(f"  {step.why}: pulumi {' '.join(step.words)}")
    output.confirm(f"Set account {settings.account_id} up?", yes=yes)
    output.result(real.carry_out(workspace, steps, output))
