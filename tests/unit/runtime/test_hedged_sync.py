"""Hedged reads of a sync client: one thread, two connections, the first answer."""

import contextlib
import socket
import threading
from dataclasses import replace

import pytest

from holdfast import Client, Policy, Timeouts, errors
from holdfast.resilience import BreakerPolicy, HedgePolicy, RetryPolicy, TimeoutPolicy

BODY = b'{"Item":{"pk":{"S":"%s"}}}'
PATIENCE = 30.0
"""Seconds that a machine may stand still without a send being given up: what is first is decided by events."""
POLICY = Policy(
    hedge=HedgePolicy(budget=1.0, minimum_seconds=0.05),
    retry=RetryPolicy(retries=0),
    timeout=TimeoutPolicy(minimum_seconds=PATIENCE, attempt_seconds=PATIENCE, call_seconds=4 * PATIENCE),
    breaker=BreakerPolicy(failure_threshold=1000),
)


class Server:
    """Answers at once, until `script` says otherwise: what to do with the next requests, in order of arrival."""

    def __init__(self):
        self.play([])
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def play(self, script):
        self.script = list(script)
        self.hedged, self.cut, self.taken = threading.Event(), threading.Event(), threading.Event()

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
                        return
                    received += part
                name, act = self.script.pop(0) if self.script else ("usual", at_once)
                if name != "usual" and not self.script:
                    self.hedged.set()
                if not act(self):
                    connection.close()
                    self.cut.set()
                    return
                body = BODY % name.encode()
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nx-amzn-RequestId: R\r\n\r\n" % len(body)
                half = len(body) // 2
                connection.sendall(head + body[:half])
                connection.sendall(body[half:])

    def close(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # else its thread goes on accepting, of whoever gets its number
        self._thread.join(PATIENCE)
        self._socket.close()


def at_once(server):
    return True


def once_hedged(server):
    return server.hedged.wait(PATIENCE)


def once_the_other_was_cut(server):
    return server.cut.wait(PATIENCE)


def once_the_read_is_over(server):
    return server.taken.wait(PATIENCE)


def hang_up(server):
    return False


def hang_up_once_hedged(server):
    server.hedged.wait(PATIENCE)
    return False


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr("holdfast._transport.race.SECOND_CONNECTION_SECONDS", PATIENCE)
    server = Server()
    yield server
    server.close()


@pytest.fixture
def table_of(server):
    """Makes a table of a client that has seen many fast reads."""
    with contextlib.ExitStack() as clients:

        def make(hedge=POLICY.hedge):
            client = Client(region="us-east-1", endpoint_url=server.url, policy=replace(POLICY, hedge=hedge))
            table = clients.enter_context(client).table("t")
            for _ in range(200):
                profile(table).observe(0.001)
            return table

        yield make


@pytest.fixture
def table(table_of):
    return table_of()


def core(table):
    return table._client.pipeline.core


def profile(table):
    return core(table).router.states[0].profile("GetItem")


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ([("slow", once_the_read_is_over), ("second", at_once)], "second"),
        ([("slow", once_hedged), ("second", once_the_read_is_over)], "slow"),
        ([("cut", hang_up_once_hedged), ("second", once_the_other_was_cut)], "second"),
        ([("slow", once_the_other_was_cut), ("cut", hang_up)], "slow"),
    ],
)
def test_the_first_answer_of_the_two_is_taken(server, table, script, answer):
    server.play(script)
    assert table.get({"pk": "a"}) == {"pk": answer}
    assert not server.script, "the hedge was sent"
    server.taken.set()
    for _ in range(3):
        assert table.get({"pk": "a"}) == {"pk": "usual"}, "no later read takes the answer of the loser"


def test_a_read_is_sent_once_until_its_delay_is_over_and_a_write_always(server, table_of):
    table = table_of(replace(POLICY.hedge, minimum_seconds=PATIENCE / 2))
    server.play([("fast", at_once), ("never", at_once)])
    assert table.get({"pk": "a"}) == {"pk": "fast"}
    assert [name for name, _ in server.script] == ["never"]
    table = table_of(replace(POLICY.hedge, minimum_seconds=0.01))
    server.play([("slow", lambda server: not server.hedged.wait(0.2)), ("never", at_once)])
    table.put({"pk": "a"})
    assert [name for name, _ in server.script] == ["never"]


@pytest.mark.parametrize(
    ("script", "seconds", "kind"),
    [
        ([("slow", once_the_read_is_over), ("slow", once_the_read_is_over)], 0.5, errors.AttemptTimeoutError),
        ([("cut", hang_up_once_hedged), ("cut", hang_up)], PATIENCE, errors.ConnectionLostError),
    ],
)
def test_only_when_both_fail_the_read_fails(server, table, script, seconds, kind):
    server.play(script)
    profile(table).timeouts = Timeouts(connect=PATIENCE, attempt=seconds)
    with pytest.raises(kind):
        table.get({"pk": "a"})
    assert server.hedged.wait(PATIENCE), "both were sent"
    server.taken.set()
    profile(table).timeouts = Timeouts(connect=PATIENCE, attempt=PATIENCE)
    assert table.get({"pk": "a"}) == {"pk": "usual"}


def test_no_more_hedges_than_the_budget_has(server, table_of):
    table = table_of(HedgePolicy(budget=0.05, minimum_seconds=0.01))
    for _ in range(40):
        table.get({"pk": "a"})
    server.play([("slow", lambda server: not server.taken.wait(0.3))] * 40)
    for _ in range(6):
        table.get({"pk": "a"})
    assert 1 <= core(table).counts["hedges"] <= 3, "one to begin with, and a twentieth of fifty sends"


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
