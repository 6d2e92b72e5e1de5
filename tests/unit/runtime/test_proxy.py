"""A proxy of the environment: a tunnel for TLS, and clear words where there is none."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import threading

import pytest

from holdfast import AsyncClient, Client, Policy, errors
from holdfast.resilience import RetryPolicy
from tests.patience import PATIENT

POLICY = Policy(retry=RetryPolicy(retries=0), timeout=PATIENT)
HOST = "dynamodb.example.test"


class Proxy:
    """Answers CONNECT, and joins the client with a port on loopback, whatever it asked for."""

    def __init__(self, port, answer=b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"):
        self._port = port
        self._answer = answer
        self.asked = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.decode().split("\r\n"))
        client.sendall(self._answer)
        if b" 200 " not in self._answer:
            client.close()
            return
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self._port)) as server:
            ends = {client: server, server: client}
            while True:
                for one in select.select(list(ends), [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    ends[one].sendall(data)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # else its thread goes on accepting, of whoever gets its number
        self._thread.join(60)
        self._listener.close()


@pytest.fixture
def through(tls, monkeypatch):
    folder, port = tls
    monkeypatch.setenv("AWS_CA_BUNDLE", str(folder / "cert.pem"))
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = []

    def make(prefix="http://", **options):
        proxy = Proxy(port, **options)
        made.append(proxy)
        monkeypatch.setenv("HTTPS_PROXY", prefix + proxy.address)
        return proxy

    yield make
    for proxy in made:
        proxy.close()


def sync_get(url):
    with Client(region="us-east-1", endpoint_url=url, policy=POLICY) as client:
        return [client.table("t").get({"pk": "a"}) for _ in range(2)]


def async_get(url):
    import asyncio

    async def run():
        async with AsyncClient(region="us-east-1", endpoint_url=url, policy=POLICY) as client:
            return [await client.table("t").get({"pk": "a"}) for _ in range(2)]

    return asyncio.run(run())


@pytest.mark.parametrize("get", [sync_get, async_get])
def test_requests_go_through_one_tunnel(through, get):
    proxy = through("http://user:p%40ss@")
    assert get(f"https://{HOST}:8443") == [None, None]
    ((connect, host, authorization, *_),) = proxy.asked
    assert connect == f"CONNECT {HOST}:8443 HTTP/1.1"
    assert host == f"Host: {HOST}:8443"
    assert authorization == "Proxy-Authorization: Basic " + base64.b64encode(b"user:p@ss").decode()


@pytest.mark.parametrize("get", [sync_get, async_get])
def test_a_proxy_that_refuses_says_so(through, get):
    through(answer=b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    with pytest.raises(errors.ConnectError, match=f"refused a tunnel to {HOST}:8443: 407 Proxy Auth") as caught:
        get(f"https://{HOST}:8443")
    assert not caught.value.sent


@pytest.mark.parametrize("get", [sync_get, async_get])
def test_a_proxy_that_is_not_there(through, get, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(errors.ConnectError, match=r"no connection to the proxy 127\.0\.0\.1:1"):
        get(f"https://{HOST}:8443")


def test_the_certificate_is_that_of_the_endpoint(through):
    through()
    with pytest.raises(errors.ConnectError, match="certificate"):
        sync_get("https://other.example.test:8443")


def test_the_own_machine_and_no_proxy_are_reached_straight(through, tls, monkeypatch):
    proxy = through()
    _, port = tls
    assert sync_get(f"https://localhost:{port}") == [None, None]
    monkeypatch.setenv("NO_PROXY", "example.test")
    with pytest.raises(errors.ConnectError):
        sync_get(f"https://{HOST}:8443")  # a name that exists nowhere
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("variable", "value", "url", "said"),
    [
        (
            "HTTP_PROXY",
            "http://127.0.0.1:1",
            f"http://{HOST}:8000",
            "only TLS goes through a proxy; add .* to NO_PROXY",
        ),
        ("HTTPS_PROXY", "https://proxy:1", f"https://{HOST}", "asked for by https://; .* transport='botocore'"),
        ("HTTPS_PROXY", "socks5://proxy:1", f"https://{HOST}", "asked for by socks5://"),
    ],
)
def test_what_this_transport_cannot_do_says_what_to_write(through, monkeypatch, variable, value, url, said):
    monkeypatch.setenv(variable, value)
    with pytest.raises(errors.ConfigurationError, match=said):
        sync_get(url)
