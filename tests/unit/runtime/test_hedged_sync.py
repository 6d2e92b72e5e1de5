"""Hedged reads of a sync client: one thread, two connections, the first answer."""

import contextlib
import socket
import threading
import time

import pytest

from holdfast import Client, Policy, errors
from holdfast.resilience import BreakerPolicy, HedgePolicy, RetryPolicy, TimeoutPolicy

BODY = b'{"Item":{"pk":{"S":"%s"}}}'
WARM = 8
POLICY = Policy(
    hedge=HedgePolicy(budget=1.0, minimum_seconds=0.05, minimum_calls=WARM),
    retry=RetryPolicy(retries=0),
    timeout=TimeoutPolicy(minimum_seconds=1.0, attempt_seconds=1.0),
    breaker=BreakerPolicy(failure_threshold=1000),
)


class Server:
    """Answers at once, until `script` says otherwise: what to do with the next requests, in order of arrival."""

    def __init__(self):
        self.script = []
        self.ended = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._follow, args=(connection,), daemon=True).start()

    def _follow(self, connection):
        with contextlib.suppress(OSError), connection:
            while True:
                received = b""
                while b"\r\n\r\n" not in received or not received.endswith(b"}"):
                    part = connection.recv(65536)
                    if not part:
                        self.ended.append("by the client")
                        return
                    received += part
                name, act = self.script.pop(0) if self.script else ("usual", lambda: True)
                if not act():
                    return
                body = BODY % name.encode()
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nx-amzn-RequestId: R\r\n\r\n" % len(body)
                half = len(body) // 2
                connection.sendall(head + body[:half])
                connection.sendall(body[half:])

    def close(self):
        self._socket.close()


def after(seconds):
    def act():
        time.sleep(seconds)
        return True

    return act


def hang_up():
    return False


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = Server()
    yield server
    server.close()


@pytest.fixture
def table(server):
    with Client(region="us-east-1", endpoint_url=server.url, policy=POLICY) as client:
        table = client.table("t")
        for _ in range(WARM + 2):
            assert table.get({"pk": "a"}) == {"pk": "usual"}
        yield table


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ([("slow", after(0.9)), ("second", after(0))], "second"),
        ([("slow", after(0.4)), ("second", after(0.9))], "slow"),
        ([("cut", lambda: after(0.4)() and False), ("second", after(0.5))], "second"),
        ([("slow", after(0.5)), ("cut", hang_up)], "slow"),
    ],
)
def test_the_first_answer_of_the_two_is_taken(server, table, script, answer):
    server.script = list(script)
    started = time.monotonic()
    assert table.get({"pk": "a"}) == {"pk": answer}
    assert not server.script, "the hedge was sent"
    assert time.monotonic() - started < 0.88
    for _ in range(3):
        assert table.get({"pk": "a"}) == {"pk": "usual"}, "no later read takes the answer of the loser"


def test_a_fast_read_and_a_write_are_sent_once(server, table):
    server.script = [("fast", after(0))]
    assert table.get({"pk": "a"}) == {"pk": "fast"}
    server.script = [("slow", after(0.2)), ("never", after(0))]
    table.put({"pk": "a"})
    assert [name for name, _ in server.script] == ["never"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([("slow", after(1.5)), ("slow", after(1.5))], errors.AttemptTimeoutError),
        ([("cut", lambda: after(0.4)() and False), ("cut", hang_up)], errors.ConnectionLostError),
    ],
)
def test_only_when_both_fail_the_read_fails(server, table, script, kind):
    server.script = list(script)
    with pytest.raises(kind):
        table.get({"pk": "a"})
    assert not server.script
    assert table.get({"pk": "a"}) == {"pk": "usual"}


def test_no_more_hedges_than_the_budget_has(server):
    policy = Policy(hedge=HedgePolicy(budget=0.05, minimum_seconds=0.01, minimum_calls=4), retry=POLICY.retry)
    with Client(region="us-east-1", endpoint_url=server.url, policy=policy) as client:
        table = client.table("t")
        for _ in range(40):
            table.get({"pk": "a"})
        server.script = [("slow", after(0.3))] * 40
        for _ in range(6):
            table.get({"pk": "a"})
        assert 1 <= client.pipeline.core.counts["hedges"] <= 3, "one to begin with, and a twentieth of fifty sends"


def test_a_sender_that_cannot_wait_for_two_answers_is_not_asked_to():
    class Plain:
        def send(self, call, region, *, timeouts):
            raise errors.ConnectError("refused", region=region.name)

        def close(self):
            pass

    with (
        Client(region="us-east-1", sender=Plain(), policy=POLICY) as client,
        pytest.raises(errors.ConnectError),
    ):
        client.table("t").get({"pk": "a"})
