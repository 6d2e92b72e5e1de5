"""A sandbox is found again, tells what crashed, stays apart from others, and takes everything with it."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.cloud import PortInUse, Sandbox, SandboxError
from tests.patience import until

pytestmark = pytest.mark.sandbox

ACCOUNT = "111122223333"
SERVICE = """
import http.server, os, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (os.environ["AWS_ENDPOINT_URL"] + " " + os.environ.get("COLOR", "")).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    started: list[Sandbox] = []

    def run(name: str = "one", **options: object) -> Sandbox:
        values: dict[str, object] = {"regions": ["us-east-1"], "account_id": ACCOUNT, **options}
        sandbox = Sandbox.start(tmp_path / name, **values)  # type: ignore[arg-type]
        started.append(sandbox)
        return sandbox

    yield run
    for sandbox in started:
        sandbox.stop()


def group_members(group: int) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - a URL of this test's own
        return str(answer.read().decode())


def test_start_finds_what_runs_and_stop_leaves_nothing(start: Callable[..., Sandbox], tmp_path: Path) -> None:
    sandbox = start()
    document = json.loads((tmp_path / "one" / "sandbox.json").read_text())
    assert document["incarnation"] == sandbox.incarnation
    assert document["gateways"] == sandbox.gateways
    assert (tmp_path / "one" / "sandbox.json").stat().st_mode & 0o077 == 0

    again = start(regions=["us-east-1", "us-west-2"])
    assert again.incarnation == sandbox.incarnation
    assert set(again.gateways) == {"us-east-1", "us-west-2"}
    with pytest.raises(SandboxError, match="runs for account 111122223333, not 999988887777"):
        start(account_id="999988887777")

    pid = document["pid"]
    assert any("sandbox.cloud.dynamodb" in line for line in group_members(pid))
    sandbox.stop()
    assert group_members(pid) == []
    assert Sandbox.attach(tmp_path / "one") is None
    assert not (tmp_path / "one" / "sandbox.json").exists()
    sandbox.stop()  # again is no error

    assert start().incarnation != sandbox.incarnation


def test_nothing_outlives_a_killed_supervisor(start: Callable[..., Sandbox], tmp_path: Path) -> None:
    sandbox = start()
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    sandbox.start_service("web", "us-east-1", [sys.executable, str(script), "{port}"], {}, ready_path="/")
    pid = sandbox.document.pid
    assert len(group_members(pid)) >= 5
    os.kill(pid, signal.SIGKILL)
    until(lambda: group_members(pid) == [])
    assert Sandbox.attach(tmp_path / "one") is None
    assert start().document.pid != pid  # and it starts again over what was left


def test_a_crashed_part_is_named(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    assert sandbox.status().healthy
    part = next(part for part in sandbox.status().parts if part.name == "dynamodb")
    os.kill(part.pid or 0, signal.SIGKILL)
    until(lambda: sandbox.status().crashed == ("dynamodb",))
    crashed = next(part for part in sandbox.status().parts if part.name == "dynamodb")
    assert "SIGKILL" in crashed.detail


def test_it_stops_when_its_folder_is_gone(start: Callable[..., Sandbox], tmp_path: Path) -> None:
    sandbox = start()
    pid = sandbox.document.pid
    (tmp_path / "one" / "sandbox.json").unlink()
    until(lambda: group_members(pid) == [])


def test_it_stops_when_nobody_asks(start: Callable[..., Sandbox]) -> None:
    sandbox = start(idle_hours=5 / 3600)
    until(lambda: group_members(sandbox.document.pid) == [])


def test_two_sandboxes_do_not_meet(start: Callable[..., Sandbox]) -> None:
    one, two = start("one"), start("two")
    assert one.incarnation != two.incarnation
    assert set(one.gateways.values()).isdisjoint(two.gateways.values())
    one.mark("urn:a", "aws:s3/bucket:Bucket", "a")
    assert two.marked("urn:a") is None
    one.stop()
    assert two.status().healthy


def hold_a_port(holder: socket.socket) -> int:
    """Listen on a port that nobody is given who asks for any, so that it is free again when the holder lets go."""
    for port in random.sample(range(20_000, 32_000), 1_000):  # below Linux's range of ports for everybody
        try:
            holder.bind(("127.0.0.1", port))
            holder.listen()
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")


def test_a_configured_port_in_use_is_refused_by_name(start: Callable[..., Sandbox]) -> None:
    with socket.socket() as holder:
        port = hold_a_port(holder)
        with pytest.raises(PortInUse, match=f"port {port}, configured for us-east-1, is in use") as caught:
            start(ports={"us-east-1": port})
    assert (caught.value.name, caught.value.port) == ("us-east-1", port)
    assert start(ports={"us-east-1": port}).gateways["us-east-1"] == f"http://127.0.0.1:{port}"


def test_services_run_with_their_gateway_and_restart_when_they_change(
    start: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = start()
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    argv = [sys.executable, str(script), "{port}"]
    url = sandbox.start_service("web", "us-east-1", argv, {"COLOR": "red"}, ready_path="/")
    assert fetch(url + "/") == f"{sandbox.gateways['us-east-1']} red"
    pids = [part.pid for part in sandbox.status().parts if part.name == "web@us-east-1"]
    assert sandbox.start_service("web", "us-east-1", argv, {"COLOR": "red"}, ready_path="/") == url
    assert [part.pid for part in sandbox.status().parts if part.name == "web@us-east-1"] == pids
    assert sandbox.start_service("web", "us-east-1", argv, {"COLOR": "blue"}, ready_path="/") == url
    assert fetch(url + "/").endswith(" blue")
    assert dict(sandbox.services) == {"web@us-east-1": url}
    with pytest.raises(SandboxError, match="no region 'mars-1'"):
        sandbox.start_service("web", "mars-1", argv, {}, ready_path="/")
    with pytest.raises(SandboxError, match="exit code 3"):
        sandbox.start_service("bad", "us-east-1", [sys.executable, "-c", "raise SystemExit(3)"], {})


def test_marks_remember_who_made_what(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    sandbox.mark("urn:one", "aws:kms/key:Key", "id-1")
    assert sandbox.marked("urn:one") == "id-1"
    assert sandbox.marks() == {"urn:one": ("aws:kms/key:Key", "id-1")}
    sandbox.unmark("urn:one")
    assert sandbox.marked("urn:one") is None


def test_everything_listens_on_loopback_only(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    pids = {part.pid for part in sandbox.status().parts}
    listening = [c for c in psutil.net_connections("inet") if c.pid in pids and c.status == psutil.CONN_LISTEN]
    assert len(listening) >= 4
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
