"""One issue a stack tells of its drift: opened when something differs, rewritten each night, closed when nothing is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ops.errors import OpsError
from ops.exits import Exit
from ops.pullrequest.forges import Rest, needed
from ops.pullrequest.model import Note
from ops.pullrequest.reading import parse
from ops.pullrequest.render import render

LABEL = "drift"


class Issues(Protocol):
    """The open issues of a repository that tell of drift."""

    def open(self) -> Iterator[tuple[int, str]]:
        """Number and text of each."""
        ...

    def create(self, title: str, body: str) -> int:
        """Open one; its number."""
        ...

    def update(self, number: int, body: str, *, close: bool) -> None:
        """Rewrite one, and close it where that is asked for."""
        ...


class GitHubIssues:
    """Issues with the label `drift` at GitHub."""

    def __init__(self, repository: str, *, token: str, api: str) -> None:
        self._base = f"{api.rstrip('/')}/repos/{repository}/issues"
        self._rest = Rest(
            "GitHub",
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )

    def open(self) -> Iterator[tuple[int, str]]:
        """Number and text of each."""
        for one in self._rest.pages(f"{self._base}?state=open&labels={LABEL}"):
            yield int(one["number"]), one.get("body") or ""

    def create(self, title: str, body: str) -> int:
        """Open one; its number."""
        return int(
            self._rest.call("POST", self._base, json={"title": title, "body": body, "labels": [LABEL]})["number"]
        )

    def update(self, number: int, body: str, *, close: bool) -> None:
        """Rewrite one, and close it where that is asked for."""
        change = {"body": body} | ({"state": "closed", "state_reason": "completed"} if close else {})
        self._rest.call("PATCH", f"{self._base}/{number}", json=change)


def keep(document: Mapping[str, Any], *, issues: Issues, log_url: str = "") -> str:
    """Open, rewrite or close the stack's issue; says which.

    Args:
        document: what `drift` returned.
        log_url: where the full log is.
        issues: the repository's.

    Raises:
        OpsError: GitHub refuses.
    """
    stack = str(document["stack"])
    mark = f"<!-- holdfast-drift:{stack} -->"
    number = next((number for number, body in issues.open() if body.startswith(mark)), None)
    if document["ok"]:
        if number is None:
            return f"stack {stack}: nothing differs, and no issue is open"
        issues.update(number, f"{mark}\nNothing differs from the state any more.", close=True)
        return f"stack {stack}: nothing differs; issue {number} is closed"
    note = Note(commit="the state", order=0, at="", previews=(parse({**document, "ok": True}, stack),), log_url=log_url)
    body = (
        f"{mark}\nStack `{stack}` was changed behind its back. `pulumi up` would undo what is listed here.\n\n"
        + "\n".join(render(note).splitlines()[2:])
    )
    if number is None:
        return f"stack {stack}: issue {issues.create(f'Drift in stack {stack}', body)} is open"
    issues.update(number, body, close=False)
    return f"stack {stack}: issue {number} is rewritten"


def of_this_job(environment: Mapping[str, str] = os.environ) -> Issues:
    """The issues of the repository whose job this is.

    Raises:
        OpsError: this is no job of GitHub's, or a variable is missing.
    """
    if not environment.get("GITHUB_REPOSITORY"):
        raise OpsError("--issue: this is no job of GitHub's", fix="leave it out: the drift is printed", code=Exit.USAGE)
    return GitHubIssues(
        environment["GITHUB_REPOSITORY"],
        token=needed(environment, "GITHUB_TOKEN"),
        api=environment.get("GITHUB_API_URL", "https://api.github.com"),
    )
