"""`holdfast check`: the policy packs over what is deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from holdfast_policies import exemptions, reports
from holdfast_policies.deployment import DeploymentError, judge_file
from holdfast_policies.packs import PACKS
from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ops.console import Output
    from ops.workspace import Workspace

REPORTS = ("table", "sarif", "junit")


def judge(workspace: Workspace, file: Path | None, *, packs: Sequence[str], report: str, output: Output) -> bool:
    """Judge a deployment and report; says whether no mandatory rule is broken.

    Raises:
        OpsError: an unknown pack or report, or a file that is no deployment.
    """
    for name, known in ((one, tuple(PACKS)) for one in packs):
        if name not in known:
            raise OpsError(
                f"policy pack {name!r} does not exist", fix=f"write one of {', '.join(known)}", code=Exit.USAGE
            )
    if report not in REPORTS:
        raise OpsError(f"report {report!r} does not exist", fix=f"write one of {', '.join(REPORTS)}", code=Exit.USAGE)
    path = file or workspace.state
    if not path.exists():
        raise OpsError(
            f"{path}: not there",
            fix=f"bring the stack up (holdfast up --stack {workspace.stack}), or name an export of the pulumi command",
            code=Exit.UNAVAILABLE,
        )
    try:
        found = judge_file(
            path, packs=tuple(packs) or tuple(PACKS), exemptions=exemptions.load(exemptions.find(workspace.stack))
        )
    except DeploymentError as error:
        raise OpsError(str(error), code=Exit.USAGE) from None
    if output.as_json:
        output.result(json.loads(reports.as_json(found)))
    elif report == "sarif":
        output.say(reports.sarif(found, fallback=workspace.stack_file.name))
    elif report == "junit":
        output.say(reports.junit(found))
    else:
        output.say(reports.table(found, width=output.width))
    return found.ok
