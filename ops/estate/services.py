"""Where the orders service of each region is."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.estate.access import Estate
    from ops.workspace import Workspace

VARIABLE = "HOLDFAST_SERVICES"


def addresses(estate: Estate, workspace: Workspace | None) -> dict[str, str]:
    """Region → address: of the variable HOLDFAST_SERVICES (JSON), or of the sandbox; empty where neither says.

    Raises:
        OpsError: the variable is not a JSON object of texts.
    """
    text = os.environ.get(VARIABLE)
    if text:
        try:
            return {str(name): str(url) for name, url in json.loads(text).items()}
        except (ValueError, AttributeError):
            raise OpsError(
                f"{VARIABLE} is {text!r}",
                fix='write a JSON object such as {"us-east-1": "https://orders.us-east-1.example.com"}',
                code=Exit.USAGE,
            ) from None
    if not estate.sandboxed or workspace is None:
        return {}
    from sandbox.cloud.document import SandboxDocument  # noqa: PLC0415 (of no use in AWS)

    document = SandboxDocument.read(workspace.root)
    found = document.services if document else {}
    return {name.partition("@")[2]: url for name, url in found.items() if name.startswith("orders@")}
