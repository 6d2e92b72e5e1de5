from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ops.errors import OpsError
from ops.pullrequest.drift_issue import keep, of_this_job


class Memory:
    def __init__(self) -> None:
        self.issues: dict[int, list[str]] = {}

    def open(self) -> Iterator[tuple[int, str]]:
        yield from ((number, body) for number, (state, body) in self.issues.items() if state == "open")

    def create(self, title: str, body: str) -> int:
        assert title == "Drift in stack prod"
        self.issues[len(self.issues) + 1] = ["open", body]
        return len(self.issues)

    def update(self, number: int, body: str, *, close: bool) -> None:
        self.issues[number] = ["closed" if close else "open", body]


def test_an_issue_is_opened_rewritten_and_closed(
    step: Callable[..., dict[str, Any]], document: Callable[..., dict[str, Any]]
) -> None:
    issues = Memory()
    changed = step("update", "us-east-1-orders", oldInputs={"ttl": 1}, newInputs={"ttl": 2})
    drifted = document([changed], ok=False, stack="prod")
    sound = document([], stack="prod")
    assert "no issue is open" in keep(sound, issues=issues)
    assert "issue 1 is open" in keep(drifted, issues=issues)
    assert "us-east-1-orders" in issues.issues[1][1]
    assert "issue 1 is rewritten" in keep(drifted, issues=issues)
    assert "issue 1 is closed" in keep(sound, issues=issues)
    assert issues.issues[1][0] == "closed"
    assert "issue 2 is open" in keep(drifted, issues=issues)


def test_outside_of_a_job_it_says_so() -> None:
    with pytest.raises(OpsError, match="no job of GitHub's"):
        of_this_job({})
