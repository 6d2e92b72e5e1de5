"""The helper process, and the plugin executable."""

import os
import subprocess
import sys
import time
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox import codec
from sandbox.provider.host import HostError, LocalHost

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[4]
URN = "urn:pulumi:test::holdfast::aws:sns/topic:Topic::alerts"


def stub(address):
    return provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(address))


@pytest.fixture(scope="module")
def host():
    with LocalHost() as running:
        yield running


@pytest.fixture(scope="module")
def aws(host):
    connected = stub(host.start("aws", None, "home"))
    connected.Configure(provider_pb2.ConfigureRequest(args=codec.encode({"region": "us-east-1"})))
    return connected


def test_instances_have_ports_and_regions_of_their_own(host, aws):
    other = stub(host.start("aws", "7.51.1", "other"))
    other.Configure(provider_pb2.ConfigureRequest(variables={"aws:config:region": "eu-west-1"}))
    request = provider_pb2.CreateRequest(urn=URN, properties=codec.encode({"name": "a"}), preview=True)
    arns = [codec.decode(each.Create(request).properties)["arn"] for each in (aws, other)]
    assert arns == ["arn:aws:sns:us-east-1:111122223333:a", "arn:aws:sns:eu-west-1:111122223333:a"]


def test_an_instance_understands_secrets_references_and_outputs(aws):
    answer = aws.Configure(provider_pb2.ConfigureRequest(args=codec.encode({"region": "us-east-1"})))
    assert answer.acceptSecrets
    assert answer.acceptResources
    assert answer.acceptOutputs
    assert answer.supportsPreview
    assert aws.GetPluginInfo(empty_pb2.Empty()).version


def test_faults_of_inputs_are_failures_not_errors(aws):
    answer = aws.Check(provider_pb2.CheckRequest(urn=URN, news=codec.encode({"fifo": True})))
    assert [(failure.property, failure.reason) for failure in answer.failures] == [
        ("fifo", "unknown property 'fifo'; did you mean 'fifoTopic'?")
    ]


def test_a_diff_is_detailed(aws):
    olds, news = {"name": "a", "tags": {"x": "1"}}, {"name": "b", "tags": {"x": "1"}}
    answer = aws.Diff(
        provider_pb2.DiffRequest(
            urn=URN, id="a", olds=codec.encode(olds), old_inputs=codec.encode(olds), news=codec.encode(news)
        )
    )
    assert answer.hasDetailedDiff
    assert list(answer.replaces) == ["name"]
    assert answer.detailedDiff["name"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_an_unchanged_program_gives_no_diff(aws):
    inputs = codec.encode({"name": "a"})
    answer = aws.Diff(provider_pb2.DiffRequest(urn=URN, id="a", olds=inputs, old_inputs=inputs, news=inputs))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_refusal_is_one_line(aws):
    with pytest.raises(grpc.RpcError) as caught:
        aws.Create(provider_pb2.CreateRequest(urn=URN, properties=codec.encode({"name": "a"})))
    assert caught.value.details().startswith(
        "aws:sns/topic:Topic is created in the sandbox's cloud, and none is running"
    )
    assert "\n" not in caught.value.details()


def test_an_unknown_function_is_refused(aws):
    with pytest.raises(grpc.RpcError, match="does not answer aws:ec2/getAmi:getAmi"):
        aws.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi", args=codec.encode({})))


def test_an_unknown_package_is_refused_by_name(host):
    with pytest.raises(HostError, match="no provider for package 'gcp'; it has aws, eks, kubernetes"):
        host.start("gcp", None, "x")


def test_everything_listens_on_loopback_only(host, aws):
    process = psutil.Process(host._process.pid)
    listening = [each.laddr.ip for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_closing_ends_the_helper_and_starting_then_is_refused():
    running = LocalHost()
    pid = running._process.pid
    running.close()
    running.close()
    assert not psutil.pid_exists(pid)
    with pytest.raises(HostError, match="closed"):
        running.start("aws", None, "x")


def _gone(pid, seconds=60):
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_the_helper_dies_with_its_parent():
    script = (
        "from sandbox.provider.host import LocalHost\n"
        "host = LocalHost(); host.start('kubernetes', None, 'x'); print(host._process.pid, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    helper = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _gone(helper)


def test_the_plugin_executable_prints_its_port_and_serves():
    path = ROOT / "sandbox" / "provider" / "bin" / "pulumi-resource-aws"
    environment = {**os.environ, "HOLDFAST_PYTHON": sys.executable}
    plugin = subprocess.Popen([str(path), "127.0.0.1:1"], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    try:
        port = int(plugin.stdout.readline())
        assert stub(f"127.0.0.1:{port}").GetPluginInfo(empty_pb2.Empty(), timeout=60).version
    finally:
        plugin.kill()
        plugin.wait()
        plugin.stdout.close()


def test_a_package_without_a_stand_in_ends_the_executable_with_a_reason():
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.provider", "gcp"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert "no provider for package 'gcp'" in done.stderr
