"""What the stack file takes away from what stands: told and refused before anything runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.codec import plain
from sandbox.engine import StateFile
from settings import SettingsError, read_stack_file, removal_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.deployment.inputs import Inputs

STACK = "pulumi:pulumi:Stack"


def standing_outputs(inputs: Inputs) -> Mapping[str, Any]:
    """The outputs of the last deployment that the local state knows; empty before the first."""
    deployment = StateFile(inputs.workspace.state, inputs.passphrase).load()
    found = next((state.outputs for state in deployment.resources if state.type == STACK), {})
    outputs: Mapping[str, Any] = plain(found)
    return outputs


def refuse_removals(inputs: Inputs, outputs: Mapping[str, Any]) -> None:
    """Stop where home, an unannounced region or the only copy of a table would go.

    Args:
        inputs: what is wanted.
        outputs: the stack's outputs as the last deployment left them.

    Raises:
        SettingsError: each removal, with what would be lost and what to write instead.
    """
    standing = outputs.get("topology")
    if not isinstance(standing, dict) or not standing.get("regions"):
        return
    faults = removal_faults(inputs.settings, standing)
    if faults:
        file = read_stack_file(inputs.workspace.stack_file)
        raise SettingsError(file.source, tuple(replace(fault, line=file.line(fault.path)) for fault in faults))
