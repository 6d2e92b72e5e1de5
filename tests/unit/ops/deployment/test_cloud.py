from __future__ import annotations

import pytest

from ops.deployment import cloud
from ops.errors import OpsError
from ops.exits import Exit
from sandbox.cloud import SandboxStatus


class Older:
    """A sandbox that runs since before the status had all its members."""

    def status(self):
        return SandboxStatus.from_json({"regions": [], "parts": [], "faults": []})


def test_a_sandbox_that_answers_in_an_older_form_is_told_and_how_to_go_on():
    with pytest.raises(OpsError, match="was started by another release") as caught:
        cloud.status(Older(), "prod")
    assert caught.value.code == Exit.UNAVAILABLE
    assert "holdfast sandbox stop --stack prod" in caught.value.fix
