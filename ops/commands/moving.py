"""The options that `failover` and `failback` share: they are one operation in two directions."""

from typing import Annotated, Literal

import typer

from ops import options
from ops.console import Output


def moving(kind: Literal["failover", "failback"], text: str, *, source_help: str, target_help: str) -> typer.Typer:
    """The command of one direction; `text` is its help."""
    app = typer.Typer(rich_markup_mode=None)

    def move(
        *,
        source: Annotated[str, typer.Option("--from", metavar="REGION", help=source_help)],
        target: Annotated[
            str | None,
            typer.Option("--to", metavar="REGION", help=f"{target_help}  [default: next in the clients' order]"),
        ] = None,
        reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="For the record.")] = "",
        accept: options.Accept = [],  # noqa: B006 (typer makes a new one)
        resume: options.Resume = False,
        plan: options.PlanOnly = False,
        stack: options.Stack = None,
        topology: options.Topology = None,
        yes: options.Yes = False,
        as_json: options.Json = False,
        plain: options.Plain = False,
    ) -> None:
        from ops.failover.command import Request, operate

        request = Request(
            kind=kind, source=source, target=target, reason=reason, accept=tuple(accept), resume=resume,
            plan_only=plan, yes=yes, stack=stack, topology=topology,
        )  # fmt: skip
        operate(request, Output(as_json=as_json, plain=plain))

    move.__doc__ = text
    app.command(name=kind)(move)
    return app
