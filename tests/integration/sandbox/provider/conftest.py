import pytest

from sandbox.cloud import Sandbox
from sandbox.provider.aws.plugin import AwsPlugin
from sandbox.provider.cloud import Door
from sandbox.provider.diffing import top

REGIONS = ("us-east-1", "us-west-2")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A running sandbox of two regions."""
    running = Sandbox.start(tmp_path_factory.mktemp("sandbox"), regions=REGIONS, account_id="111122223333")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def providers(cloud):
    """An aws provider for each region."""
    door = Door(cloud.directory)
    made = {}
    for region in REGIONS:
        made[region] = AwsPlugin(door)
        made[region].configure({"region": region})
    return made


@pytest.fixture(scope="module")
def client(cloud):
    """boto3 clients at the gateways: what somebody else would use behind Pulumi's back."""
    import boto3

    def make(service, region="us-west-2"):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=cloud.gateways[region],
            aws_access_key_id="somebody",
            aws_secret_access_key="else",
        )

    return make


class Resource:
    """A resource in the way an engine leads it through its life."""

    def __init__(self, provider, token, name, inputs):
        self.provider = provider
        self.urn = f"urn:pulumi:test::holdfast::{token}::{name}"
        self.inputs, failures = provider.check(self.urn, {}, inputs)
        assert failures == []
        self.id, self.outputs = provider.create(self.urn, self.inputs, preview=False)

    def refresh(self):
        found = self.provider.read(self.urn, self.id, self.outputs, self.inputs)
        if found is None:
            return False
        self.outputs, self.observed = found
        return True

    def drift(self):
        assert self.refresh()
        return dict(self.provider.diff(self.urn, self.id, self.observed, self.inputs)[0].changes)

    def update(self, **changes):
        news = {**self.inputs, **changes}
        self.outputs = self.provider.update(self.urn, self.id, self.outputs, self.inputs, news, preview=False)
        self.inputs = news

    def drift_of(self, **changes):
        """The properties that a refresh shows as changed once somebody else made these changes."""
        news = {**self.inputs, **changes}
        self.provider.update(self.urn, self.id, self.outputs, self.inputs, news, preview=False)
        return {top(path) for path in self.drift()}

    def delete(self):
        self.provider.delete(self.urn, self.id, self.outputs)


@pytest.fixture
def make(providers):
    """Make resources; what a test leaves is deleted, last first."""
    made = []

    def create(token, name, inputs, region="us-west-2"):
        made.append(Resource(providers[region], token, name, inputs))
        return made[-1]

    yield create
    for resource in reversed(made):
        if resource.outputs.get("deletionProtectionEnabled"):
            resource.update(deletionProtectionEnabled=False)
        resource.delete()
