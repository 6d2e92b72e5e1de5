import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.errors import OpsError
from ops.pullrequest import marker
from ops.pullrequest.forges import Comment, Forge, from_environment
from ops.pullrequest.model import Note, Preview
from ops.pullrequest.publish import Published, publish
from ops.pullrequest.render import render


def note(order: int, commit: str | None = None) -> Note:
    stack = Preview(stack="prod", ok=True, changes=(), unchanged=order)
    return Note(commit=commit or f"commit{order}", order=order, at=f"t{order}", previews=(stack,))


class Memory:
    """A pull request in memory."""

    def __init__(self, head: str = "") -> None:
        self.bodies: dict[str, str] = {}
        self.at = head
        self._ids = itertools.count(1)

    def head(self) -> str:
        return self.at

    def comments(self) -> Iterator[Comment]:
        yield from [Comment(id=key, body=body) for key, body in self.bodies.items()]

    def create(self, body: str) -> Comment:
        key = str(next(self._ids))
        self.bodies[key] = body
        return Comment(id=key, body=body)

    def update(self, comment: str, body: str) -> None:
        if comment in self.bodies:
            self.bodies[comment] = body

    def delete(self, comment: str) -> None:
        self.bodies.pop(comment, None)


def put(forge: Memory, wanted: Note) -> Published:
    """A run of the commit that the pull request stands at."""
    forge.at = wanted.commit
    return publish(forge, wanted, render)


def test_the_comment_is_made_then_replaced_and_remembers() -> None:
    forge = Memory()
    assert put(forge, note(1)).done == "created"
    assert put(forge, note(2)).done == "updated"
    assert put(forge, note(3)) == Published(done="updated", comment="1")
    (body,) = forge.bodies.values()
    mark = marker.read(body)
    assert mark is not None
    assert mark.commit == "commit3"
    assert [past.commit for past in mark.history] == ["commit2", "commit1"]
    assert "`commit1`" in body


def test_the_same_commit_run_again_is_not_its_own_history() -> None:
    forge = Memory()
    put(forge, note(1, "a"))
    put(forge, note(2, "a"))
    (body,) = forge.bodies.values()
    mark = marker.read(body)
    assert mark is not None
    assert mark.order == 2
    assert mark.history == ()


def test_an_older_run_leaves_a_newer_comment() -> None:
    forge = Memory()
    put(forge, note(5))
    before = dict(forge.bodies)
    assert publish(forge, note(4), render).done == "older"
    assert put(forge, note(4, "commit5")).done == "older"
    assert forge.bodies == before


def test_a_run_of_an_older_commit_writes_nothing_where_there_is_nothing() -> None:
    forge = Memory(head="commit2")
    assert publish(forge, note(1), render) == Published(done="older", comment="")
    assert forge.bodies == {}


def test_keys_have_comments_of_their_own() -> None:
    forge = Memory(head="commit1")
    publish(forge, note(1), lambda one: render(one, key="a"), key="a")
    publish(forge, note(1), lambda one: render(one, key="b"), key="b")
    assert len(forge.bodies) == 2


def test_history_is_bounded() -> None:
    forge = Memory()
    for order in range(1, 40):
        put(forge, note(order))
    (body,) = forge.bodies.values()
    mark = marker.read(body)
    assert mark is not None
    assert len(mark.history) == marker.KEPT


@pytest.mark.parametrize(
    "body", ["", "hello", "<!-- holdfast-preview:default {} -->", "<!-- holdfast-preview:default {broken -->"]
)
def test_other_comments_are_not_ours(body: str) -> None:
    assert marker.read(body) is None


@given(st.text(), st.text(), st.text())
def test_a_mark_is_read_as_it_was_written(commit: str, at: str, told: str) -> None:
    written = marker.Marker(key="k", commit=commit, order=1, at=at, told=told)
    line = written.line()
    assert "--" not in line.removeprefix("<!--").removesuffix("-->").replace(" holdfast-preview", "")
    assert "\n" not in line
    assert marker.read(line) == written


class Turns:
    """A forge whose calls happen in the order of a script."""

    def __init__(self, forge: Memory, me: int, script: "Script") -> None:
        self._forge, self._me, self._script = forge, me, script

    def head(self) -> str:
        with self._script.turn(self._me):
            return self._forge.head()

    def comments(self) -> Iterator[Comment]:
        with self._script.turn(self._me):
            found = list(self._forge.comments())
        yield from found

    def create(self, body: str) -> Comment:
        with self._script.turn(self._me):
            return self._forge.create(body)

    def update(self, comment: str, body: str) -> None:
        with self._script.turn(self._me):
            self._forge.update(comment, body)

    def delete(self, comment: str) -> None:
        with self._script.turn(self._me):
            self._forge.delete(comment)


class Script:
    """Whose turn it is; a run that has ended gives its turns to the other."""

    def __init__(self, turns: list[int]) -> None:
        self._turns = turns
        self._ended: set[int] = set()
        self._changed = threading.Condition()

    def turn(self, me: int) -> "Script._Turn":
        return Script._Turn(self, me)

    def end(self, me: int) -> None:
        with self._changed:
            self._ended.add(me)
            self._changed.notify_all()

    class _Turn:
        def __init__(self, script: "Script", me: int) -> None:
            self._script, self._me = script, me

        def _mine(self) -> bool:
            turns = self._script._turns
            while turns and turns[0] in self._script._ended:
                turns.pop(0)
            return not turns or turns[0] == self._me

        def __enter__(self) -> None:
            self._script._changed.acquire()
            assert self._script._changed.wait_for(self._mine, timeout=60)
            if self._script._turns:
                self._script._turns.pop(0)

        def __exit__(self, *_: object) -> None:
            self._script._changed.notify_all()
            self._script._changed.release()


@settings(max_examples=150, deadline=None)
@given(turns=st.lists(st.sampled_from([1, 2]), max_size=14), there=st.booleans())
def test_the_newest_commit_wins_however_two_runs_interleave(*, turns: list[int], there: bool) -> None:
    forge = Memory()
    if there:
        put(forge, note(0))
    forge.at = "commit2"
    script = Script(list(turns))

    def run(order: int) -> None:
        try:
            publish(Turns(forge, order, script), note(order), render)
        finally:
            script.end(order)

    runs = [threading.Thread(target=run, args=(order,)) for order in (1, 2)]
    for one in runs:
        one.start()
    for one in runs:
        one.join(10)
    bodies = [marker.read(body) for body in forge.bodies.values()]
    assert len(bodies) == 1
    assert bodies[0] is not None
    assert bodies[0].order == 2


@pytest.fixture
def github() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    comments = [{"id": number, "body": f"comment {number}", "user": {"login": "somebody"}} for number in range(200)]
    heads = iter(["commit1", "commit1", "commit2", "commit2"])

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: object, status: int = 200) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _body(self) -> dict[str, Any]:
            found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return found

        def do_GET(self) -> None:
            if self.headers["Authorization"] != "Bearer good":
                return self._answer({"message": "Bad credentials"}, 401)
            if self.path == "/repos/o/r/pulls/7":
                return self._answer({"head": {"sha": next(heads)}})
            query = parse_qs(urlsplit(self.path).query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return self._answer(comments[(page - 1) * size : page * size])

        def do_POST(self) -> None:
            comments.append({"id": 1000 + len(comments), "user": {"login": "github-actions[bot]"}, **self._body()})
            self._answer(comments[-1], 201)

        def do_PATCH(self) -> None:
            number = int(self.path.rsplit("/", 1)[1])
            one = next(comment for comment in comments if comment["id"] == number)
            one.update(self._body())
            self._answer(one)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", comments
    server.shutdown()
    server.server_close()


def job(api: str, token: str) -> Forge:
    return from_environment(
        None,
        {"GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_TOKEN": token, "GITHUB_API_URL": api},
    )


def test_our_comment_is_found_among_two_hundred_and_a_forged_mark_is_not(
    github: tuple[str, list[dict[str, Any]]],
) -> None:
    api, comments = github
    comments[3]["body"] = render(replace(note(99), commit="forged"))
    publish(job(api, "good"), note(1), render)
    assert len(comments) == 201
    publish(job(api, "good"), note(2), render)
    assert len(comments) == 201
    mark = marker.read(comments[-1]["body"])
    assert mark is not None
    assert mark.commit == "commit2"
    assert "forged" in comments[3]["body"]


def test_a_refusal_says_what_to_do(github: tuple[str, list[dict[str, Any]]]) -> None:
    with pytest.raises(OpsError, match="401") as caught:
        publish(job(github[0], "bad"), note(1), render)
    assert "token" in caught.value.fix
    assert "bad" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "no pull request"),
        ({"GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "t", "GITHUB_REF": "refs/heads/main"}, "GITHUB_REF"),
        ({"GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/pull/7/merge"}, "GITHUB_TOKEN is not set"),
        ({"CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "2", "GITLAB_TOKEN": "t"}, "CI_API_V4_URL is not set"),
    ],
)
def test_a_job_that_lacks_something_is_told(environment: dict[str, str], told: str) -> None:
    with pytest.raises(OpsError, match=told):
        from_environment(None, environment)
