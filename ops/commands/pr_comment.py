"""`holdfast pr-comment`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def pr_comment(
    *,
    previews: Annotated[
        list[str],
        typer.Argument(
            metavar="STACK=FILE...",
            help="A stack and its preview: what `holdfast preview --json` or `pulumi preview --event-log FILE` wrote.",
        ),
    ],
    cost: Annotated[
        list[str] | None,
        typer.Option(
            "--cost", metavar="STACK=FILE", help="What `holdfast cost --against ... --json` wrote; repeatable."
        ),
    ] = None,
    commit: Annotated[
        str,
        typer.Option(
            "--commit", metavar="SHA", envvar="HOLDFAST_COMMIT", help="The commit.  [default: the job's pull request's]"
        ),
    ] = "",
    order: Annotated[
        int,
        typer.Option(
            "--order",
            metavar="N",
            envvar=["HOLDFAST_ORDER", "GITHUB_RUN_NUMBER", "CI_PIPELINE_IID"],
            help="A number that grows from run to run: the greatest wins.",
        ),
    ] = 0,
    log_url: Annotated[str, typer.Option("--log-url", metavar="URL", help="Where the full log is.")] = "",
    key: Annotated[
        str, typer.Option("--key", metavar="NAME", help="Which comment, where a repository has several.")
    ] = "default",
    room: Annotated[
        int | None,
        typer.Option(
            "--room",
            min=4000,
            max=1_000_000,
            metavar="CHARACTERS",
            help="How long it may be.  [default: 30000 up to 300 changes, else 60000; Bitbucket takes 32768]",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the text here too.")
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE", help="Write the findings here, for code scanning.")
    ] = None,
    post: Annotated[
        bool, typer.Option("--post", help="Put it on the pull request of this GitHub or GitLab job.")
    ] = False,
    number: Annotated[
        int | None, typer.Option("--number", metavar="N", help="The pull request, where the job does not say.")
    ] = None,
) -> None:
    """Write one comment that tells a reviewer what a pull request changes.

    First the tally and what holds data and would be lost, then a line a resource, the findings and the diffs, as much
    as fits; what does not fit is counted. With --post the comment replaces the one of the commit before. What looks
    like a secret is never shown.

    Examples:  holdfast preview --json > prod.json; holdfast pr-comment prod=prod.json  |
    holdfast pr-comment prod=prod.json --cost prod=cost.json --post
    """
    from ops.pullrequest.command import comment

    text = comment(
        previews,
        costs=cost or [],
        commit=commit,
        order=order,
        log_url=log_url,
        key=key,
        room=room,
        output=output,
        post=post,
        number=number,
        sarif=sarif,
    )
    typer.echo(text)
