from __future__ import annotations

from types import SimpleNamespace

import pytest

from ops.deployment.show import refuse_failure
from ops.errors import OpsError
from sandbox.engine import Diagnostic

URN = "urn:pulumi:prod::holdfast::aws:dynamodb/tableReplica:TableReplica::us-west-2-replica-orders"
CAUSE = "creating replica us-west-2-replica-orders in us-west-2: InternalServerError: it failed"
TRACEBACK = (
    f"Program failed with an unhandled exception:\nTraceback (most recent call last):\n  x.py\nException: {CAUSE}"
)


def failed(*diagnostics):
    return SimpleNamespace(ok=False, diagnostics=diagnostics)


def test_a_resource_that_failed_is_told_without_the_programs_own_end():
    resource = Diagnostic(severity="error", message=f"creating failed: {CAUSE}", urn=URN)
    with pytest.raises(OpsError) as caught:
        refuse_failure(failed(resource, Diagnostic(severity="error", message=TRACEBACK)), "deploying stack 'prod'")
    assert "Traceback" not in str(caught.value)
    assert "us-west-2-replica-orders: creating failed: creating replica" in str(caught.value)


def test_a_program_that_fails_by_itself_is_told_in_full():
    with pytest.raises(OpsError, match="Traceback"):
        refuse_failure(failed(Diagnostic(severity="error", message=TRACEBACK)), "the preview")
