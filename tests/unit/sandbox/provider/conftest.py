import pytest

from sandbox.provider.aws.plugin import AwsPlugin
from sandbox.provider.cloud import Door
from sandbox.provider.kubernetes.plugin import KubernetesPlugin


@pytest.fixture
def aws():
    """An aws provider of us-east-1 with no sandbox behind it."""
    plugin = AwsPlugin(Door(None))
    plugin.configure({"region": "us-east-1", "defaultTags": '{"tags": {"Stack": "test"}}'})
    return plugin


@pytest.fixture
def kubernetes():
    plugin = KubernetesPlugin(Door(None))
    plugin.configure({"kubeconfig": '{"apiVersion": "v1"}'})
    return plugin


@pytest.fixture
def urn():
    def make(token: str, name: str = "thing") -> str:
        return f"urn:pulumi:test::holdfast::{token}::{name}"

    return make


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    """Rules made from botocore's models are kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
