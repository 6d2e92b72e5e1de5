"""botocore's chain against small stand-ins on loopback: roles, containers and pods, instances; and the topology of SSM.

Each stand-in gives out credentials that run out in half a minute, so that the next use must fetch others.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from holdfast import AsyncClient, Client, Policy, TopologyError, errors
from holdfast.topology import PACKED, Key, Region, Table, Topology
from tests.patience import PATIENT


class StandIn(ThreadingHTTPServer):
    """Answers as STS, as a container's agent, as the instance metadata service, as SSM and as DynamoDB."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.issued = 0
        self.seen = []
        self.signed_by = []
        self.parameters = {}

    def issue(self):
        self.issued += 1
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
        return f"ISSUED{self.issued}", expires.strftime("%Y-%m-%dT%H:%M:%SZ")


class Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, kind="application/json"):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def document(self):
        key, expires = self.server.issue()
        return {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "AccessKeyId": key,
            "SecretAccessKey": "secret",
            "Token": f"token of {key}",
            "Expiration": expires,
        }

    def do_PUT(self):
        assert self.path == "/latest/api/token"
        self.server.seen.append(("ttl", self.headers["x-aws-ec2-metadata-token-ttl-seconds"]))
        self.answer(b"session-token", kind="text/plain")

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Authorization"), dict(self.headers.items())))
        if self.path.startswith("/latest/"):
            if self.headers.get("x-aws-ec2-metadata-token") != "session-token":
                self.answer(b"", status=401)
            elif self.path.endswith("/security-credentials/"):
                self.answer(b"the-role", kind="text/plain")
            else:
                self.answer(self.document())
        else:
            self.answer(self.document())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target", "")
        if target.startswith("DynamoDB"):
            key = re.search(r"Credential=([^/]+)/", self.headers["Authorization"])[1]
            self.server.signed_by.append((key, self.headers.get("X-Amz-Security-Token")))
            self.answer({}, kind="application/x-amz-json-1.0")
        elif target == "AmazonSSM.GetParameter":
            self.parameter(json.loads(body))
        else:
            self.assume(parse_qs(body.decode()))

    def assume(self, request):
        action = request["Action"][0]
        self.server.seen.append((action, request))
        key, expires = self.server.issue()
        self.answer(
            f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
            <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/app/s</Arn>
            <AssumedRoleId>R:s</AssumedRoleId></AssumedRoleUser>
            <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
            <SessionToken>token of {key}</SessionToken><Expiration>{expires}</Expiration></Credentials>
            </{action}Result></{action}Response>""".encode(),
            kind="text/xml",
        )

    def parameter(self, request):
        value = self.server.parameters.get(request["Name"])
        if value is None:
            self.answer({"__type": "ParameterNotFound"}, status=400, kind="application/x-amz-json-1.1")
        elif value == "forbidden":
            self.answer({"__type": "AccessDeniedException"}, status=400, kind="application/x-amz-json-1.1")
        else:
            found = {"Name": request["Name"], "Type": "String", "Value": value}
            self.answer({"Parameter": found}, kind="application/x-amz-json-1.1")


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def an_assumed_role(server, monkeypatch, folder):
    (folder / "credentials").write_text("[base]\naws_access_key_id = BASE\naws_secret_access_key = secret\n")
    (folder / "config").write_text(
        "[profile base]\n[profile app]\nrole_arn = arn:aws:iam::111122223333:role/app\nsource_profile = base\n"
        "external_id = 17\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "app")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)


def a_web_identity(server, monkeypatch, folder):
    (folder / "identity").write_text("a signed token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(folder / "identity"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/app")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)


def a_pod_identity(server, monkeypatch, folder):
    (folder / "token").write_text("pod token 1")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/v1/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(folder / "token"))


def an_instance(server, monkeypatch, folder):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "60")  # seconds; botocore gives it one


KINDS = [an_assumed_role, a_web_identity, a_pod_identity, an_instance]


def time_passes(client, channel, kind):
    """The next second comes, in which credentials are asked for again."""
    channel.signer.forget()
    if kind is an_instance:
        # botocore goes on with what an instance gave, though it runs out: AWS extends it when the issuer is in
        # trouble. So it is the service's refusal that makes the chain ask again.
        client._setup.plane.credentials.refused()


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_is_signed_with_what_the_chain_finds_and_with_fresh_ones_when_they_run_out(
    stand_in, monkeypatch, tmp_path, kind
):
    kind(stand_in, monkeypatch, tmp_path)
    with Client(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client:
        table = client.table("t")
        table.get({"pk": "a"})
        channel, _ = client._sender._lanes["us-east-1"]
        time_passes(client, channel, kind)
        table.get({"pk": "a"})
    first, second = stand_in.signed_by
    assert first[0].startswith("ISSUED")
    assert second[0].startswith("ISSUED")
    assert first[0] != second[0], "credentials in their last minute were used again"
    assert [token for _, token in stand_in.signed_by] == [f"token of {key}" for key, _ in stand_in.signed_by]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_on_an_event_loop(stand_in, monkeypatch, tmp_path, kind):
    kind(stand_in, monkeypatch, tmp_path)
    async with AsyncClient(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client:
        table = client.table("t")
        await table.get({"pk": "a"})
        time_passes(client, client._sender._lanes["us-east-1"].channel, kind)
        await table.get({"pk": "a"})
    first, second = stand_in.signed_by
    assert first[0] != second[0]


def test_a_role_is_assumed_with_what_its_profile_says(stand_in, monkeypatch, tmp_path):
    an_assumed_role(stand_in, monkeypatch, tmp_path)
    with Client(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client:
        client.table("t").get({"pk": "a"})
    action, request = stand_in.seen[0]
    assert action == "AssumeRole"
    assert request["RoleArn"] == ["arn:aws:iam::111122223333:role/app"]
    assert request["ExternalId"] == ["17"]


def test_the_token_of_a_pod_is_read_anew_for_each_renewal(stand_in, monkeypatch, tmp_path):
    a_pod_identity(stand_in, monkeypatch, tmp_path)
    with Client(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client:
        table = client.table("t")
        table.get({"pk": "a"})
        (tmp_path / "token").write_text("pod token 2")
        client._sender._lanes["us-east-1"][0].signer.forget()
        table.get({"pk": "a"})
    tokens = [authorization for path, authorization, _ in stand_in.seen if path == "/v1/credentials"]
    assert tokens[0] == "pod token 1"
    assert tokens[-1] == "pod token 2"


def test_an_instance_is_asked_by_version_2(stand_in, monkeypatch, tmp_path):
    an_instance(stand_in, monkeypatch, tmp_path)
    with Client(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client:
        client.table("t").get({"pk": "a"})
    assert stand_in.seen[0] == ("ttl", "21600")
    asked = [headers for path, _, headers in stand_in.seen[1:] if str(path).startswith("/latest/")]
    assert asked
    assert all(headers["x-aws-ec2-metadata-token"] == "session-token" for headers in asked)


def test_a_chain_that_finds_nothing_says_what_to_set(stand_in, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with (
        Client(endpoint_url=stand_in.url, policy=Policy(timeout=PATIENT)) as client,
        pytest.raises(errors.ConfigurationError, match="set AWS_PROFILE"),
    ):
        client.table("t").get({"pk": "a"})


# The topology of a parameter.


@pytest.fixture
def parameter(stand_in, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", stand_in.url)
    table = Table(name="orders-production", arn="a", partition_key=Key(name="pk"))
    region = Region(name="us-east-1", tables={"orders": table})
    known = Topology(stack="prod", home_region="us-east-1", regions={"us-east-1": region})
    text = json.dumps(known.to_dict()).encode()
    stand_in.parameters |= {
        "/prod/topology": PACKED + base64.b64encode(gzip.compress(text)).decode(),
        "/plain/topology": text.decode(),
        "/damaged/topology": PACKED + "H4sI",
        "/closed/topology": "forbidden",
    }
    return known


@pytest.mark.parametrize("name", ["/prod/topology", "/plain/topology"])
def test_the_topology_of_a_parameter(parameter, monkeypatch, name):
    monkeypatch.setenv("HOLDFAST_TOPOLOGY", f"ssm:{name}")
    with Client() as client:
        assert client.topology == parameter
        assert client.table("orders").name == "orders-production"
    with Client(topology=f"ssm:{name}", region="us-east-1") as client:
        assert client.topology == parameter


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/none/topology", "parameter /none/topology in us-east-1: there is none; deploy the stack"),
        ("/closed/topology", "allow ssm:GetParameter"),
        ("/damaged/topology", "compressed document is damaged"),
    ],
)
def test_a_parameter_that_is_no_topology_says_why(parameter, monkeypatch, name, said):
    with pytest.raises(TopologyError, match=said):
        Client(topology=f"ssm:{name}")
