"""What breaks on the wire, against a server that follows a script; sync and asyncio alike."""

from __future__ import annotations

import asyncio
import calendar
import contextlib
import os
import socket
import struct
import threading
import time
import zlib
from email.utils import formatdate

import pytest

from holdfast import Timeouts, errors
from holdfast._attempt import GET_ITEM, PUT_ITEM, Call
from holdfast._control.plane import ControlPlane
from holdfast._transport.aio import AsyncHttpSender
from holdfast._transport.sync import HttpSender
from holdfast.topology import Region
from tests.patience import until

SHORT = Timeouts(connect=30.0, attempt=0.4)
TIMEOUTS = Timeouts(connect=30.0, attempt=30.0)
"""For what is expected to answer, on a machine as busy as may be."""
BODY = b'{"Item":{"pk":{"S":"a"}}}'


def answer(body=BODY, status="200 OK", *, crc=True, **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "x-amzn-RequestId: R1"]
    lines += [f"x-amz-crc32: {zlib.crc32(body)}"] if crc else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Script:
    """A server whose connections each follow the next steps: functions of (connection, read_request)."""

    def __init__(self, *steps):
        self._steps = list(steps)
        self.requests = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._stopped:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            step = self._steps.pop(0) if self._steps else keep_answering
            threading.Thread(target=self._follow, args=(step, connection), daemon=True).start()

    def _follow(self, step, connection):
        with contextlib.suppress(OSError, EOFError):
            step(connection, lambda: self._read(connection))
        with contextlib.suppress(OSError):
            connection.close()

    def _read(self, connection):
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(65536)
            if not part:
                raise EOFError
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head.decode())
        return head.decode(), body

    def close(self):
        self._stopped = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # else its thread goes on accepting, of whoever gets its number
        self._thread.join(60)
        self._socket.close()


def keep_answering(connection, read):
    while True:
        read()
        connection.sendall(answer())


def raw(*parts, then=None):
    """Answers one request with bytes as they are, some time apart, then goes on as it was told."""

    def step(connection, read):
        read()
        for part in parts:
            if isinstance(part, float):
                time.sleep(part)
            else:
                connection.sendall(part)
        if then is not None:
            then(connection)
        else:
            keep_answering(connection, read)

    return step


class SyncDriver:
    def __init__(self, url, **pool):
        self.region = Region(name="us-east-1", endpoints={"dynamodb": url})
        self.sender = HttpSender(ControlPlane(), **pool)

    def send(self, operation=GET_ITEM, timeouts=TIMEOUTS, padding=""):
        call = Call(operation, {"TableName": "t", "Key": {"pk": {"S": "a" + padding}}}, "t")
        return self.sender.send(call, self.region, timeouts=timeouts)

    def idle(self, seconds):
        time.sleep(seconds)

    def close(self):
        self.sender.close()


class AsyncDriver(SyncDriver):
    def __init__(self, url, **pool):
        super().__init__(url)
        self.loop = asyncio.new_event_loop()
        self.sender = AsyncHttpSender(ControlPlane(), **pool)

    def send(self, operation=GET_ITEM, timeouts=TIMEOUTS, padding=""):
        return self.loop.run_until_complete(super().send(operation, timeouts, padding))

    def idle(self, seconds):
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def close(self):
        self.loop.run_until_complete(self.sender.close())
        self.loop.close()


@pytest.fixture(params=[SyncDriver, AsyncDriver], ids=["sync", "async"])
def against(request):
    """A driver against a script: `driver, script = against(step, …)`."""
    made = []

    def make(*steps, **pool):
        script = Script(*steps)
        driver = request.param(f"http://127.0.0.1:{script.port}", **pool)
        made.extend([driver, script])
        return driver, script

    yield make
    for one in made:
        one.close()


def test_an_answer_in_pieces_is_one_answer(against):
    whole = answer()
    driver, script = against(raw(*[whole[i : i + 7] for i in range(0, len(whole), 7)]))
    started = time.perf_counter()
    reply = driver.send()
    taken = time.perf_counter() - started
    assert reply.document == {"Item": {"pk": {"S": "a"}}}
    assert reply.request_id == "R1"
    assert reply.region == "us-east-1"
    assert 0 < reply.seconds <= taken
    assert script.connections == 1


def test_connections_are_kept(against):
    driver, script = against()
    for _ in range(5):
        driver.send()
    assert script.connections == 1
    assert len(script.requests) == 5


@pytest.mark.parametrize("header", ["close", "Close", "keep-alive, close"])
def test_connection_close_is_heard(against, header):
    driver, script = against(raw(answer(Connection=header)))
    driver.send()
    driver.send()
    assert script.connections == 2


def test_an_idle_connection_that_was_closed_is_not_used(against):
    closed = threading.Event()

    def close(connection):
        connection.close()
        closed.set()

    driver, script = against(raw(answer(), then=close))
    driver.send(PUT_ITEM)
    assert closed.wait(30)
    driver.idle(0.01)
    assert driver.send(PUT_ITEM).request_id == "R1"
    assert script.connections == 2
    assert len(script.requests) == 2, "a write was sent twice"


def test_an_idle_connection_with_words_nobody_asked_for_is_not_used(against):
    idle, said, over = threading.Event(), threading.Event(), threading.Event()

    def talk(connection):
        idle.wait(30)
        connection.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        said.set()
        over.wait(30)

    driver, script = against(raw(answer(), then=talk))
    driver.send()
    idle.set()
    assert said.wait(30)
    driver.idle(0.01)
    assert driver.send().request_id == "R1"
    assert script.connections == 2
    over.set()


def test_an_idle_connection_past_its_time_is_not_used(against):
    driver, script = against(idle_seconds=0.05)
    driver.send()
    driver.idle(0.1)
    driver.send()
    assert script.connections == 2


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (raw(then=reset), errors.ConnectionLostError),
        (raw(then=lambda connection: connection.close()), errors.ConnectionLostError),
        (raw(answer()[:-5], then=lambda connection: connection.close()), errors.ConnectionLostError),
        (raw(answer()[:40], then=reset), errors.ConnectionLostError),
        (raw(answer()[:-5], 60.0, answer()[-5:]), errors.AttemptTimeoutError),
        (raw(60.0, answer()), errors.AttemptTimeoutError),
        (raw(b"HTTP/1.1 200 OK\r\n", *[0.25, b"A: b\r\n"] * 80, answer()[17:]), errors.AttemptTimeoutError),
        (raw(answer(crc=False, **{"x-amz-crc32": "1"})), errors.InvalidResponseError),
        (raw(answer(crc=False, **{"x-amz-crc32": "no"})), errors.InvalidResponseError),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), errors.InvalidResponseError),
        (raw(answer(b"<html>welcome</html>")), errors.InvalidResponseError),
        (raw(answer(b"<html>login</html>", "407 Proxy Authentication Required")), errors.InvalidResponseError),
    ],
    ids=[
        "reset after the request",
        "closed after the request",
        "truncated body",
        "reset within the head",
        "body that stops",
        "no answer",
        "slow headers",
        "wrong checksum",
        "checksum that is no number",
        "not HTTP",
        "a page with status 200",
        "a proxy's page",
    ],
)
def test_no_usable_answer(against, step, kind):
    driver, script = against(step)
    with pytest.raises(kind) as caught:  # a sender that waits too long gets the whole answer at last
        driver.send(PUT_ITEM, timeouts=SHORT if kind is errors.AttemptTimeoutError else TIMEOUTS)
    until(lambda: script.requests)
    assert caught.value.sent
    assert caught.value.applied == "unknown"
    assert caught.value.retryable
    assert (caught.value.operation, caught.value.table, caught.value.region) == ("PutItem", "t", "us-east-1")
    assert len(script.requests) == 1, "a write was sent twice"
    assert driver.send().request_id == "R1", "the broken connection was used again"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("500 Internal Server Error", errors.InternalServerError),
        ("502 Bad Gateway", errors.InternalServerError),
        ("503 Service Unavailable", errors.ServiceUnavailableError),
        ("429 Too Many Requests", errors.ThrottledError),
    ],
)
def test_a_load_balancers_page(against, status, kind):
    driver, _ = against(raw(answer(b"<html>sorry</html>", status, crc=False)))
    with pytest.raises(kind, match="not DynamoDB's"):
        driver.send()


def test_a_connection_that_is_refused(against):
    driver, _ = against()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and nobody listens
        port = nobody.getsockname()[1]
        driver.region = Region(name="us-east-1", endpoints={"dynamodb": f"http://127.0.0.1:{port}"})
        with pytest.raises(errors.ConnectError) as caught:
            driver.send(PUT_ITEM)
    assert not caught.value.sent
    assert caught.value.applied == "no"
    assert caught.value.region == "us-east-1"


def test_a_host_that_does_not_answer(against):
    """A listener whose queue is full drops what comes, as a black hole does."""
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(0)
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(hole.getsockname())
        fillers.append(filler)
    driver, _ = against()
    driver.region = Region(name="us-east-1", endpoints={"dynamodb": f"http://127.0.0.1:{hole.getsockname()[1]}"})
    started = time.monotonic()
    with pytest.raises(errors.ConnectError, match=r"within 0\.3 s") as caught:
        driver.send(timeouts=Timeouts(connect=0.3, attempt=250))
    assert 0.25 < time.monotonic() - started < 60, "neither the attempt's time nor the system's own, of minutes"
    assert not caught.value.sent
    for one in (*fillers, hole):
        one.close()


def test_a_name_that_does_not_exist(against):
    driver, _ = against()
    driver.region = Region(name="us-east-1", endpoints={"dynamodb": "http://no-such-host.invalid:80"})
    with pytest.raises(errors.ConnectError, match="no-such-host"):
        driver.send()


def test_a_reset_before_the_request_leaves_it_unsent_or_unknown_but_never_twice(against):
    driver, script = against(lambda connection, read: reset(connection))
    with pytest.raises((errors.ConnectError, errors.ConnectionLostError)):  # as early as the reset comes
        driver.send(PUT_ITEM)
    assert len(script.requests) <= 1


def test_100_continue_is_passed_over(against):
    driver, _ = against(
        raw(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05, answer()), raw(b"HTTP/1.1 100 Continue\r\n\r\n" + answer())
    )
    assert driver.send().document["Item"] == {"pk": {"S": "a"}}
    assert driver.send().document["Item"] == {"pk": {"S": "a"}}


def test_header_names_in_any_case(against):
    text = answer().replace(b"x-amzn-RequestId", b"X-AMZN-REQUESTID").replace(b"x-amz-crc32", b"X-Amz-Crc32")
    wrong = text.replace(b": " + str(zlib.crc32(BODY)).encode(), b": 1")
    driver, _ = against(raw(text.replace(b"\r\n\r\n", b"\r\nCONNECTION: close\r\n\r\n")), raw(wrong))
    assert driver.send().request_id == "R1"
    with pytest.raises(errors.InvalidResponseError):
        driver.send()


def test_a_large_request_and_a_large_answer(against):
    body = b'{"Item":{"pk":{"S":"' + b"x" * 3_000_000 + b'"}}}'
    driver, _ = against(raw(answer(body)))
    reply = driver.send(padding="y" * 2_000_000, timeouts=TIMEOUTS)
    assert len(reply.body) == len(body)


def held(event):
    """Answers when it is told to."""

    def step(connection, read):
        read()
        event.wait(60)
        connection.sendall(answer())
        keep_answering(connection, read)

    return step


def test_the_pool_is_bounded_and_says_so():
    event = threading.Event()
    script = Script(held(event))
    driver = SyncDriver(f"http://127.0.0.1:{script.port}", max_connections=1)
    busy = threading.Thread(target=driver.send)
    busy.start()
    until(lambda: script.requests)
    with pytest.raises(errors.PoolTimeoutError, match="max_connections") as caught:
        driver.send(timeouts=Timeouts(connect=0.05, attempt=30))
    assert not caught.value.sent
    threading.Timer(0.1, event.set).start()
    assert driver.send().request_id == "R1"  # waits for the one in use
    busy.join()
    assert script.connections == 1
    driver.close()
    script.close()


async def test_the_async_pool_is_bounded_and_says_so():
    event = threading.Event()
    script = Script(held(event))
    region = Region(name="us-east-1", endpoints={"dynamodb": f"http://127.0.0.1:{script.port}"})
    sender = AsyncHttpSender(ControlPlane(), max_connections=1)

    def send(connect):
        return sender.send(Call(GET_ITEM, {"TableName": "t"}, "t"), region, timeouts=Timeouts(connect, 30))

    first = asyncio.create_task(send(30))
    await asyncio.to_thread(until, lambda: script.requests)
    with pytest.raises(errors.PoolTimeoutError, match="max_connections"):
        await send(0.05)
    threading.Timer(0.1, event.set).start()
    assert (await send(30)).request_id == "R1"
    assert (await first).request_id == "R1"
    assert script.connections == 1
    await sender.close()
    script.close()


async def test_a_cancelled_send_closes_its_connection():
    script = Script(held(threading.Event()))
    region = Region(name="us-east-1", endpoints={"dynamodb": f"http://127.0.0.1:{script.port}"})
    sender = AsyncHttpSender(ControlPlane())
    task = asyncio.create_task(sender.send(Call(GET_ITEM, {}, "t"), region, timeouts=TIMEOUTS))
    await asyncio.to_thread(until, lambda: script.requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await sender.send(Call(GET_ITEM, {}, "t"), region, timeouts=TIMEOUTS)).request_id == "R1"
    assert script.connections == 2
    await sender.close()
    script.close()


def error_answer(code, message="", **headers):
    body = b'{"__type":"com.amazon.coral.service#%s","message":"%s"}' % (code.encode(), message.encode())
    return answer(body, "400 Bad Request", **headers)


def test_a_clock_that_is_wrong_is_corrected_from_the_answer(against):
    ahead = formatdate(time.time() + 3600, usegmt=True)
    fault = error_answer("InvalidSignatureException", "Signature expired: 20261121T130000Z is now earlier", Date=ahead)
    driver, script = against(raw(fault))
    with pytest.raises(errors.ClockSkewError) as caught:
        driver.send()
    assert caught.value.retryable
    driver.send()
    dates = [head.split("X-Amz-Date: ")[1][:16] for head in script.requests]
    first, second = (calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) for date in dates)
    assert 3_500 <= second - first <= 3_700


def test_credentials_that_have_run_out_are_loaded_again(against, monkeypatch):
    driver, script = against(raw(error_answer("ExpiredTokenException", "The security token is expired")))
    monkeypatch.setenv("AWS_SESSION_TOKEN", "old")
    with pytest.raises(errors.ExpiredCredentialsError) as caught:
        driver.send()
    assert caught.value.retryable
    assert caught.value.applied == "no"
    monkeypatch.setenv("AWS_SESSION_TOKEN", "new")
    driver.send()
    tokens = [head.split("X-Amz-Security-Token: ")[1].split("\r\n")[0] for head in script.requests]
    assert tokens == ["old", "new"]


def test_no_credentials_say_what_to_set(against, monkeypatch):
    driver, _ = against()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(errors.ConfigurationError, match="AWS_PROFILE"):
        driver.send()


def test_a_forked_child_has_connections_of_its_own():
    script = Script()
    driver = SyncDriver(f"http://127.0.0.1:{script.port}")
    driver.send()
    child = os.fork()
    if child == 0:
        ok = False
        with contextlib.suppress(BaseException):
            ok = driver.send().request_id == "R1"
        os._exit(0 if ok else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    driver.send()
    assert script.connections == 2
    driver.close()
    script.close()


def test_many_threads_share_a_sender():
    script = Script()
    driver = SyncDriver(f"http://127.0.0.1:{script.port}", max_connections=4)
    failures = []

    def work():
        try:
            for _ in range(25):
                assert driver.send(timeouts=TIMEOUTS).request_id == "R1"
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert script.connections <= 4
    driver.close()
    script.close()


def test_warming_up_opens_connections(against):
    driver, script = against()
    done = driver.sender.warm(driver.region, 3, TIMEOUTS)
    if done is not None:
        driver.loop.run_until_complete(done)
    until(lambda: script.connections == 3)
    driver.send()
    assert script.connections == 3
