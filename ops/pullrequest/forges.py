"""Where comments live: GitHub and GitLab, by their REST interfaces."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import requests

from ops.errors import OpsError
from ops.exits import Exit

_PAGE = 100
_PAGES = 100
"""No pull request has more than ten thousand comments; a server that never ends is not asked for ever."""
_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment as its forge has it."""

    id: str
    body: str


class Forge(Protocol):
    """One pull request: its comments, and the commit that it stands at."""

    def head(self) -> str:
        """The newest commit of its branch."""
        ...

    def comments(self) -> Iterator[Comment]:
        """Those that this run's own account wrote, oldest first: anybody may write our mark."""
        ...

    def create(self, body: str) -> Comment:
        """Add one."""
        ...

    def update(self, comment: str, body: str) -> None:
        """Replace the text of one."""
        ...

    def delete(self, comment: str) -> None:
        """Remove one."""
        ...


class Rest:
    """Requests with a token; an answer that is no success says what to do."""

    def __init__(self, name: str, headers: Mapping[str, str]) -> None:
        self._name = name
        self._session = requests.Session()
        self._session.headers.update(headers)

    def call(self, method: str, url: str, **options: Any) -> Any:
        """The answer's document.

        Raises:
            OpsError: no answer, or a refusal.
        """
        try:
            answer = self._session.request(method, url, timeout=_SECONDS, **options)
        except requests.RequestException as error:
            raise OpsError(
                f"{self._name} does not answer: {type(error).__name__}",
                why=url,
                fix="run the step again; the comment is written with --output, whatever happens",
                code=Exit.UNAVAILABLE,
            ) from error
        if answer.status_code >= 400:
            fix = {
                401: "pass a token that is valid: GITHUB_TOKEN, or GITLAB_TOKEN",
                403: "the token may not write comments: GitHub's job needs `permissions: pull-requests: write`",
                404: "check the repository, the number of the pull request and that the token may read them",
            }.get(answer.status_code, "run the step again; if it goes on, look at the forge's status page")
            raise OpsError(
                f"{self._name} answers {answer.status_code} to {method} {url}", fix=fix, code=Exit.UNAVAILABLE
            )
        return answer.json() if answer.content else None

    def pages(self, url: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page."""
        for page in range(1, _PAGES + 1):
            found = self.call("GET", url, params={"per_page": _PAGE, "page": page})
            yield from found
            if len(found) < _PAGE:
                return


class GitHub:
    """The comments of a pull request at GitHub, or of an Enterprise Server that GITHUB_API_URL names."""

    def __init__(
        self, repository: str, number: int, *, token: str, api: str, author: str = "github-actions[bot]"
    ) -> None:
        self._author = author
        self._repository = f"{api.rstrip('/')}/repos/{repository}"
        self._base = f"{self._repository}/issues"
        self._number = number
        self._rest = Rest(
            "GitHub",
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )

    def head(self) -> str:
        """The newest commit of its branch."""
        return str(self._rest.call("GET", f"{self._repository}/pulls/{self._number}")["head"]["sha"])

    def comments(self) -> Iterator[Comment]:
        """Those that this run's own account wrote, oldest first."""
        for one in self._rest.pages(f"{self._base}/{self._number}/comments"):
            if (one.get("user") or {}).get("login") == self._author:
                yield Comment(id=str(one["id"]), body=one.get("body") or "")

    def create(self, body: str) -> Comment:
        """Add one."""
        made = self._rest.call("POST", f"{self._base}/{self._number}/comments", json={"body": body})
        return Comment(id=str(made["id"]), body=body)

    def update(self, comment: str, body: str) -> None:
        """Replace the text of one."""
        self._rest.call("PATCH", f"{self._base}/comments/{comment}", json={"body": body})

    def delete(self, comment: str) -> None:
        """Remove one."""
        self._rest.call("DELETE", f"{self._base}/comments/{comment}")


class GitLab:
    """The notes of a merge request at GitLab."""

    def __init__(self, project: str, number: int, *, token: str, api: str) -> None:
        self._api = api.rstrip("/")
        self._request = f"{self._api}/projects/{quote(project, safe='')}/merge_requests/{number}"
        self._base = f"{self._request}/notes"
        self._rest = Rest("GitLab", {"PRIVATE-TOKEN": token})

    def head(self) -> str:
        """The newest commit of its branch."""
        return str(self._rest.call("GET", self._request)["sha"])

    def comments(self) -> Iterator[Comment]:
        """Those that this run's own account wrote, oldest first."""
        me = self._rest.call("GET", f"{self._api}/user")["id"]
        for one in self._rest.pages(f"{self._base}?sort=asc&order_by=created_at"):
            if (one.get("author") or {}).get("id") == me:
                yield Comment(id=str(one["id"]), body=one.get("body") or "")

    def create(self, body: str) -> Comment:
        """Add one."""
        made = self._rest.call("POST", self._base, json={"body": body})
        return Comment(id=str(made["id"]), body=body)

    def update(self, comment: str, body: str) -> None:
        """Replace the text of one."""
        self._rest.call("PUT", f"{self._base}/{comment}", json={"body": body})

    def delete(self, comment: str) -> None:
        """Remove one."""
        self._rest.call("DELETE", f"{self._base}/{comment}")


def commit(environment: Mapping[str, str] = os.environ) -> str:
    """The commit of the pull request's branch that this job is about; empty outside of GitHub's and GitLab's jobs.

    At GitHub the event has it: GITHUB_SHA is a merge that nobody made.
    """
    event = environment.get("GITHUB_EVENT_PATH")
    if event:
        try:
            return str(json.loads(Path(event).read_text())["pull_request"]["head"]["sha"])
        except (OSError, ValueError, KeyError, TypeError):
            return environment.get("GITHUB_SHA", "")
    return environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA", "")


def from_environment(number: int | None, environment: Mapping[str, str] = os.environ) -> Forge:
    """The forge whose CI this is, by the variables that it sets.

    Raises:
        OpsError: neither of the two, or a variable that is missing.
    """
    if environment.get("GITHUB_REPOSITORY"):
        return GitHub(
            environment["GITHUB_REPOSITORY"],
            number or _number(environment, "GITHUB_REF", "refs/pull/"),
            token=needed(environment, "GITHUB_TOKEN"),
            api=environment.get("GITHUB_API_URL", "https://api.github.com"),
            author=environment.get("HOLDFAST_COMMENT_AUTHOR") or "github-actions[bot]",
        )
    if environment.get("CI_PROJECT_ID"):
        return GitLab(
            environment["CI_PROJECT_ID"],
            number or _number(environment, "CI_MERGE_REQUEST_IID", ""),
            token=needed(environment, "GITLAB_TOKEN"),
            api=needed(environment, "CI_API_V4_URL"),
        )
    raise OpsError(
        "there is no pull request to write to",
        why="neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set: this is no job of GitHub's or GitLab's",
        fix="print the comment instead: leave --post out, or write it with --output FILE",
        code=Exit.USAGE,
    )


def _number(environment: Mapping[str, str], name: str, prefix: str) -> int:
    word = environment.get(name, "").removeprefix(prefix).partition("/")[0]
    if not word.isdigit():
        raise OpsError(
            f"{name} does not hold the number of a pull request: {environment.get(name)!r}",
            fix="run it in a job of a pull request, or pass --number N",
            code=Exit.USAGE,
        )
    return int(word)


def needed(environment: Mapping[str, str], name: str) -> str:
    """A variable that must be set.

    Raises:
        OpsError: it is not.
    """
    found = environment.get(name)
    if not found:
        raise OpsError(f"{name} is not set", fix=f"pass {name} to the step that writes the comment", code=Exit.USAGE)
    return found
