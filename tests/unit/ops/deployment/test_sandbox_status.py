"""`holdfast sandbox status` tells what of the stack is created in the sandbox, and what is only recorded."""

from __future__ import annotations

import json
from pathlib import Path

from ops.deployment.sandbox_status import handled
from ops.workspace import Workspace


def resource(kind: str, name: str, *, custom: bool = True) -> dict[str, object]:
    return {"urn": f"urn:pulumi:dev::holdfast::{kind}::{name}", "type": kind, "custom": custom}


def test_types_by_how_they_are_handled(tmp_path: Path) -> None:
    workspace = Workspace(project=tmp_path, stack="dev")
    assert handled(workspace) == ()
    workspace.state.parent.mkdir(parents=True)
    resources = [
        resource("aws:dynamodb/table:Table", "orders"),
        resource("aws:dynamodb/table:Table", "carts"),
        resource("aws:dax/cluster:Cluster", "cache"),
        resource("aws:lambda/function:Function", "api"),
        resource("holdfast:data:DataLayer", "data", custom=False),
        resource("pulumi:providers:aws", "us-east-1"),
    ]
    workspace.state.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    found = {one.type: (one.how, one.count, bool(one.limit)) for one in handled(workspace)}
    assert found == {
        "aws:dynamodb/table:Table": ("created", 2, False),
        "aws:dax/cluster:Cluster": ("recorded", 1, False),
        "aws:lambda/function:Function": ("created", 1, True),
    }
