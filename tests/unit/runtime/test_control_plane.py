"""Credentials, endpoints, certificates, the user agent, and what a client is set up with."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from botocore.credentials import Credentials as StaticCredentials
from botocore.credentials import RefreshableCredentials

from holdfast import Client, Timeouts, Topology, TopologyError, errors
from holdfast._attempt import GET_ITEM, Call
from holdfast._control.credentials import CredentialSource
from holdfast._control.plane import ControlPlane, Endpoint
from holdfast._core.sigv4 import Credentials
from holdfast._transport.sync import HttpSender
from holdfast.topology import Key, Region, Table


class Session:
    def __init__(self, found):
        self.found = found
        self.asked = 0

    def get_credentials(self):
        self.asked += 1
        return self.found


class Renewable:
    """Credentials that run out after some seconds, and count how often they were renewed."""

    def __init__(self, seconds, *, fails=False, answers=None):
        self.renewed = 0
        self.fails = fails
        self._seconds = seconds
        self._answers = answers
        self.credentials = RefreshableCredentials.create_from_metadata(
            metadata=self._metadata(), refresh_using=self._renew, method="test"
        )

    def _metadata(self):
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._seconds)
        return {
            "access_key": f"KEY{self.renewed}",
            "secret_key": "S",
            "token": "T",
            "expiry_time": expires.isoformat(),
        }

    def _renew(self):
        assert self._answers is None or self._answers.wait(60)
        if self.fails:
            raise RuntimeError("no route to the issuer")
        self.renewed += 1
        self._seconds = 3600
        return self._metadata()


def test_lasting_credentials_are_asked_for_once():
    session = Session(StaticCredentials("A", "B"))
    source = CredentialSource(lambda: session)
    assert source.available() is None
    assert [source.get().access_key for _ in range(3)] == ["A", "A", "A"]
    assert session.asked == 1


def test_credentials_are_renewed_in_the_background_before_they_run_out():
    answers = threading.Event()
    renewable = Renewable(seconds=12 * 60, answers=answers)
    source = CredentialSource(lambda: Session(renewable.credentials))
    source._found = renewable.credentials
    source._frozen = Credentials("KEY0", "S", "T")
    assert source.get().access_key == "KEY0", "a call waited for the renewal"
    assert renewable.renewed == 0
    answers.set()
    for _ in range(3_000):
        if source.get().access_key == "KEY1":
            break
        time.sleep(0.02)
    assert source.get().access_key == "KEY1"
    assert renewable.renewed == 1


def test_credentials_in_their_last_minute_are_renewed_before_use():
    renewable = Renewable(seconds=30)
    source = CredentialSource(lambda: Session(renewable.credentials))
    assert source.get().access_key == "KEY1"


def test_credentials_that_cannot_be_renewed_say_so():
    renewable = Renewable(seconds=-10, fails=True)
    source = CredentialSource(lambda: Session(renewable.credentials))
    with pytest.raises(errors.ConfigurationError, match="no route to the issuer"):
        source.get()


def test_refused_credentials_walk_the_chain_again_but_not_all_the_time():
    now = [100.0]
    session = Session(StaticCredentials("A", "B"))
    source = CredentialSource(lambda: session, clock=lambda: now[0])
    source.get()
    for _ in range(3):
        source.refused()
        source.get()
    assert session.asked == 2
    now[0] += 10
    source.refused()
    source.get()
    assert session.asked == 3


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "dynamodb.eu-west-1.amazonaws.com"),
        ({"use_fips": True}, "dynamodb-fips.eu-west-1.amazonaws.com"),
        ({"use_dualstack": True}, "dynamodb.eu-west-1.api.aws"),
    ],
)
def test_endpoints_are_botocores(options, host):
    endpoint = ControlPlane(**options).endpoint(Region(name="eu-west-1"))
    assert (endpoint.authority, endpoint.port, endpoint.tls) == (host, 443, True)


def test_endpoints_from_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:9000")
    assert ControlPlane().endpoint(Region(name="eu-west-1")).authority == "localhost:9000"


def test_an_override_of_the_topology_comes_first(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:9000")
    region = Region(name="eu-west-1", endpoints={"dynamodb": "http://127.0.0.1:1234"})
    assert ControlPlane().endpoint(region).authority == "127.0.0.1:1234"


def test_a_profile_names_credentials(tmp_path, monkeypatch):
    (tmp_path / "credentials").write_text("[other]\naws_access_key_id = OTHER\naws_secret_access_key = S\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert ControlPlane(profile="other").credentials.get().access_key == "OTHER"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://h", "h"),
        ("http://h:80", "h"),
        ("https://h:443", "h"),
        ("https://h:8443", "h:8443"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_the_host_header(url, authority):
    assert Endpoint.parse(url).authority == authority


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://h", "http://", "http://h:notaport"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(errors.ConfigurationError, match="write https://host"):
        Endpoint.parse(url)


def test_the_user_agent_names_the_application(monkeypatch):
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "shop")
    agent = ControlPlane().user_agent()
    assert agent.startswith("holdfast/")
    assert agent.endswith("app/shop")


# TLS.


def send(url):
    sender = HttpSender(ControlPlane())
    try:
        region = Region(name="us-east-1", endpoints={"dynamodb": url})
        call = Call(GET_ITEM, {}, "t")
        timeouts = Timeouts(connect=60, attempt=60)
        sender.send(call, region, timeouts=timeouts)
        return sender.send(call, region, timeouts=timeouts)
    finally:
        sender.close()


def test_a_certificate_that_is_trusted(tls, monkeypatch):
    folder, port = tls
    monkeypatch.setenv("AWS_CA_BUNDLE", str(folder / "cert.pem"))
    assert send(f"https://localhost:{port}").document == {}


def test_a_certificate_that_is_not_trusted(tls):
    _, port = tls
    with pytest.raises(errors.ConnectError, match="certificate verify failed") as caught:
        send(f"https://localhost:{port}")
    assert not caught.value.sent


def test_a_certificate_for_another_name(tls, monkeypatch):
    folder, port = tls
    monkeypatch.setenv("AWS_CA_BUNDLE", str(folder / "cert.pem"))
    with pytest.raises(errors.ConnectError, match=r"127\.0\.0\.1"):
        send(f"https://127.0.0.1:{port}")


async def test_tls_on_an_event_loop(tls, monkeypatch):
    from holdfast._transport.aio import AsyncHttpSender

    folder, port = tls
    monkeypatch.setenv("AWS_CA_BUNDLE", str(folder / "cert.pem"))
    sender = AsyncHttpSender(ControlPlane())
    region = Region(name="us-east-1", endpoints={"dynamodb": f"https://localhost:{port}"})
    for _ in range(2):
        reply = await sender.send(Call(GET_ITEM, {}, "t"), region, timeouts=Timeouts(connect=60, attempt=60))
        assert reply.document == {}
    wrong = Region(name="eu-west-1", endpoints={"dynamodb": f"https://127.0.0.1:{port}"})
    with pytest.raises(errors.ConnectError):
        await sender.send(Call(GET_ITEM, {}, "t"), wrong, timeouts=Timeouts(connect=60, attempt=60))
    await sender.close()


# How a client is set up.


def topology(*, failover=True):
    tables = {"orders": Table(name="orders-production", arn="a", partition_key=Key(name="pk"))}
    regions = {name: Region(name=name, tables=tables) for name in ("us-east-1", "us-west-2", "eu-west-1")}
    return Topology(stack="s", home_region="us-east-1", regions=regions, failover=failover)


def order_of(**arguments):
    with Client(**arguments) as client:
        return [region.name for region in client._setup.regions]


def test_the_order_of_regions():
    assert order_of(topology=topology()) == ["us-east-1", "us-west-2", "eu-west-1"]
    assert order_of(topology=topology(), region="eu-west-1") == ["eu-west-1", "us-east-1", "us-west-2"]
    assert order_of(topology=topology(), failover=False) == ["us-east-1"]
    assert order_of(topology=topology(failover=False)) == ["us-east-1"]
    assert order_of(topology=topology(failover=False), failover=True) == ["us-east-1", "us-west-2", "eu-west-1"]


def test_a_plain_region_comes_from_the_environment(monkeypatch):
    assert order_of() == ["us-east-1"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert order_of() == ["eu-central-1"]
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert order_of() == ["eu-north-1"]
    assert order_of(region="us-west-1") == ["us-west-1"]


def test_a_topology_from_a_file_that_the_environment_names(tmp_path, monkeypatch):
    (tmp_path / "topology.json").write_text(topology().to_json())
    monkeypatch.setenv("HOLDFAST_TOPOLOGY", str(tmp_path / "topology.json"))
    with Client() as client:
        assert client.table("orders").name == "orders-production"
        assert client.table("orders-production").name == "orders-production"
        assert client.table("elsewhere").name == "elsewhere"
        monkeypatch.setenv("DYNAMODB_ORDERS_TABLE", "orders-blue")
        assert client.table("orders").name == "orders-blue"


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({"transport": "carrier pigeon"}, errors.ConfigurationError, "write 'http' or 'botocore'"),
        ({"retries": 3}, errors.ConfigurationError, "no option retries"),
        ({"topology": topology(), "endpoint_url": "http://h"}, errors.ConfigurationError, "without a topology"),
        ({"topology": topology(), "region": "mars-1"}, TopologyError, "mars-1"),
        ({"topology": "/not/there.json"}, TopologyError, "cannot be read"),
    ],
)
def test_what_a_client_refuses(arguments, kind, said):
    with pytest.raises(kind, match=said):
        Client(**arguments)


HEAVY = (
    "asyncio", "botocore", "concurrent.futures", "cryptography", "email", "hashlib", "httptools", "logging",
    "msgspec", "opentelemetry", "pydantic", "redis", "socket", "ssl", "urllib.parse", "holdfast.resilience",
    "holdfast.topology", "holdfast.models", "holdfast.testing", "holdfast.async_client",
)  # fmt: skip
"""What an import of the client must not load. The time that it takes is in docs/runtime/performance.md."""


@pytest.mark.parametrize(
    ("program", "spared"),
    [
        ("from holdfast import Client", HEAVY),
        ("from holdfast import Client; Client(region='us-east-1', endpoint_url='http://localhost:1')",
         ("asyncio", "botocore", "cryptography", "msgspec", "opentelemetry", "pydantic", "redis", "ssl")),
        ("from holdfast import AsyncClient", ("botocore", "msgspec", "opentelemetry", "pydantic", "redis")),
    ],
)  # fmt: skip
def test_what_importing_leaves_alone(program, spared):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "runtime")}
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        capture_output=True, text=True, check=True, env=environment, timeout=200,
    )  # fmt: skip
    assert set(spared) & set(run.stdout.split()) == set()
