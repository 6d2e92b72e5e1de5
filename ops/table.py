"""The table of commands: a command's module is imported when that command runs."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, cast

import typer
from typer.main import get_command

from ops.groups import Group

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "init": "Write a stack file of your own and preview it.",
    "up": "Bring the stack up in the sandbox and prove that it serves.",
    "preview": "Show what an up would change, judged by the policy packs.",
    "down": "Destroy the stack in the sandbox and stop everything.",
    "prove": "Prove that a running stack serves, fails over and loses nothing.",
    "status": "Show every region of a running stack, and whether it is well.",
    "failover": "Leave a region: checks, a plan, approval, execution; resumable.",
    "failback": "Use a region again that was left, once it is drained and equal.",
    "evacuate": "Tell every client to leave a region.",
    "readmit": "Tell every client that a region may be used again.",
    "drill": "Make a region fail on purpose, and measure; evidence is signed.",
    "data": "Compare, copy and repair items between regions.",
    "backup": "Back tables up now, and list backups.",
    "restore": "Restore a table to a moment or from a backup, verify a restore, bring items back.",
    "check": "Judge what is deployed by the policy packs.",
    "topology": "Show and validate the document that clients read.",
    "report": "Write one page about a stack: map, findings, costs, drills, readiness, lag.",
    "capacity": "Compare capacity modes by what was consumed, and what is left when a region is lost.",
    "cost": "Estimate what a stack costs, the difference a change makes, and what was spent.",
    "readiness": "Judge the stack by the production checklist.",
    "doctor": "Say what this machine and account lack for each command.",
    "sandbox": "Start, stop and inspect the sandbox: a laptop's AWS.",
    "deploy": "Deploy a change a region first, then the rest, stopped by the stack's alarms.",
    "drift": "Show what was changed behind the stack's back.",
    "changed": "List the stacks that a change may change.",
    "bootstrap": "Set an account up for pipelines: state, secrets' key, OIDC and roles.",
    "pr-comment": "Write the comment of a pull request from its previews.",
    "package": "Build the packages of the stack's functions and canaries.",
    "settings": "Check a stack file, or print the JSON Schema of stack files.",
}
"""Command → its line in the list. `ops.commands.<name>` holds its `app`."""


_COMPLETION = {"install_completion", "show_completion"}


class LazyGroup(Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the signature is click's)
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (the signature is click's)
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        found = self.commands.get(cmd_name)
        if found is None:
            module = importlib.import_module(f"ops.commands.{cmd_name.replace('-', '_')}")
            found = get_command(cast("typer.Typer", module.app))
            found.name = cmd_name
            # Typer gives each command the two options that belong to `holdfast` itself.
            found.params = [one for one in found.params if one.name not in _COMPLETION]
        return found

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 (the signature is click's)
        """List the commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyGroup,
    name="holdfast",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    # Typer loads pydantic (60 ms) to see that these two options are absent; before a command nobody gives them.
    add_completion=not (sys.argv[1:] and sys.argv[1] in COMMANDS),
    epilog="Examples:  holdfast up  |  holdfast preview --stack prod --json  |  holdfast prove  |  holdfast down --yes",
)


@app.callback()
def root() -> None:
    """Keep a DynamoDB application serving when an AWS Region does not.

    Exit codes: 0 done, 1 the answer is no, 2 usage or settings, 3 the stack is held by another command,
    4 something needed is not there, 5 the state cannot be trusted, 6 declined, 70 a fault of holdfast itself,
    130 interrupted.
    """
