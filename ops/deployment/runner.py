"""A run of the stack's program, by the engine of the sandbox or by the pulumi command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.deployment.inputs import Inputs
    from sandbox.engine import Event, Outcome

ENGINES = ("sandbox", "pulumi", "aws")


def require_engine(engine: str) -> None:
    """Stop before anything is done where no such engine is.

    Raises:
        OpsError: naming those that are.
    """
    if engine not in ENGINES:
        raise OpsError(f"engine {engine!r} does not exist", fix=f"write one of {', '.join(ENGINES)}", code=Exit.USAGE)


def refuse_aws(engine: str, instead: str) -> None:
    """Stop a command that brings up or takes down a sandbox from touching a stack in AWS.

    Raises:
        OpsError: the engine is `aws`.
    """
    if engine == "aws":
        raise OpsError("--engine aws: this command is for a stack in the sandbox", fix=instead, code=Exit.USAGE)


class Runner(Protocol):
    """What `up`, `preview` and `down` need of an engine."""

    def preview(self) -> Outcome:
        """What an up would do."""

    def up(self, on_event: Callable[[Event], None]) -> Outcome:
        """Do it."""

    def preview_destroy(self) -> Outcome:
        """What a destroy would do."""

    def destroy(self, on_event: Callable[[Event], None]) -> Outcome:
        """Destroy everything, protected or not: only ever in a sandbox, and after it was shown."""


def make_runner(engine: str, inputs: Inputs, *, empty: bool = False) -> Runner:
    """The runner of that name.

    Args:
        engine: `sandbox`; `pulumi`, the command with the sandbox's cloud; `aws`, the command as it is signed in.
        inputs: the program and its packs.
        empty: run against no recorded state: the cloud that the state speaks of is gone.

    Raises:
        OpsError: no such engine, or it cannot run here.
    """
    if engine == "sandbox":
        from ops.deployment.sandbox_runner import SandboxRunner  # noqa: PLC0415 (one of two is loaded)

        return SandboxRunner(inputs, empty=empty)
    if engine == "pulumi":
        from ops.deployment.pulumi_runner import PulumiRunner  # noqa: PLC0415 (one of two is loaded)

        return PulumiRunner(inputs, empty=empty)
    require_engine(engine)
    from ops.deployment.pulumi_cli import PulumiCli  # noqa: PLC0415 (one of three is loaded)

    return PulumiCli(inputs)
