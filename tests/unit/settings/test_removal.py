"""What a stack file may take away from what stands, and how a refusal says what would be lost."""

import pytest

import settings

TABLES = {"orders": {"name": "orders-production"}, "sessions": {"name": "sessions-production"}}


def standing(*regions, home="us-east-1", tables=TABLES):
    return {"home_region": home, "regions": {region: {"tables": dict(tables)} for region in regions}}


THREE = standing("us-east-1", "us-west-2", "eu-west-1")


@pytest.fixture
def wanted(legal):
    """Faults of the removals of a changed stack file, by path."""
    legal["holdfast:data"]["tables"]["sessions"] = {"name": "sessions-production", "partition_key": {"name": "id"}}

    def faults(change, before=THREE):
        change(legal)
        found = settings.removal_faults(settings.parse(legal, "Pulumi.test.yaml"), before)
        return {fault.path: fault for fault in found}

    return faults


def drop(number):
    return lambda config: config["holdfast:regions"].pop(number)


def test_what_stays_is_not_told(wanted):
    assert wanted(lambda _: None) == {}


def test_a_region_and_a_table_more_are_welcome(wanted):
    assert wanted(lambda _: None, standing("us-east-1", tables={"orders": TABLES["orders"]})) == {}


def test_the_home_region_never_leaves(wanted):
    def change(config):
        config["holdfast:regions"].pop(0)
        config["holdfast:regions"][0]["home"] = True

    fault = wanted(change)["holdfast:regions"]
    assert fault.value == "us-east-1"
    assert "orders-production and sessions-production are managed there" in fault.rule
    assert "replicas in us-west-2 and eu-west-1 hang on them" in fault.rule
    assert "remove-a-region.md" in fault.fix


def test_the_only_region_is_the_only_copy(wanted):
    def change(config):
        config["holdfast:regions"] = [{"name": "us-west-2", "home": True, "cidr": "10.20.0.0/16"}]

    assert "nowhere else is a copy" in wanted(change, standing("us-east-1"))["holdfast:regions"].rule


def test_home_does_not_move(wanted):
    def change(config):
        config["holdfast:regions"][0]["home"] = False
        config["holdfast:regions"][2]["home"] = True

    fault = wanted(change)["holdfast:regions[2].home"]
    assert "every table would be made anew in eu-west-1" in fault.rule
    assert "holdfast failover" in fault.fix


def test_a_replica_region_leaves_only_when_it_was_announced(wanted):
    fault = wanted(drop(2))["holdfast:regions"]
    assert fault.value == "eu-west-1"
    for loss in ("replicas of orders-production and sessions-production", "cluster", "not yet replicated to us-east-1"):
        assert loss in fault.rule
    assert "give_up: {regions: [eu-west-1]}" in fault.fix
    announced = {"holdfast:stack": {"give_up": {"regions": ["eu-west-1"]}}}
    assert wanted(lambda config: config["holdfast:stack"].update(announced["holdfast:stack"])) == {}


def test_a_table_leaves_only_when_it_was_announced(wanted):
    fault = wanted(lambda config: config["holdfast:data"]["tables"].pop("sessions"))["holdfast:data.tables.sessions"]
    assert "in every region, with every item" in fault.rule
    assert wanted(lambda config: config["holdfast:stack"].update(give_up={"tables": ["sessions"]})) == {}


def test_a_table_is_not_renamed(wanted):
    def change(config):
        config["holdfast:data"]["tables"]["orders"]["name"] = "orders-new"

    fault = wanted(change)["holdfast:data.tables.orders.name"]
    assert "orders-new made empty" in fault.rule


def test_a_replica_of_one_table_does_not_leave_a_region_that_stays(wanted):
    def change(config):
        config["holdfast:data"]["tables"]["orders"]["replicas"] = ["us-west-2"]

    fault = wanted(change)["holdfast:data.tables.orders.replicas"]
    assert fault.value == "eu-west-1"


def test_home_cannot_be_announced(legal, faults_of):
    legal["holdfast:stack"]["give_up"] = {"regions": ["us-east-1"]}
    assert "home region" in faults_of(legal)["holdfast:stack.give_up.regions[0]"].rule


def test_adoption_is_alone_and_plain(legal, faults_of):
    orders = legal["holdfast:data"]["tables"]["orders"]
    orders.update(adopt=True)
    assert "write 'replicas: []'" in faults_of(legal)["holdfast:data.tables.orders.adopt"].fix
    orders.update(replicas=[], stream_consumers={"audit": {}})
    assert "leaves as it is" in faults_of(legal)["holdfast:data.tables.orders.stream_consumers"].rule
    del orders["stream_consumers"]
    assert settings.parse(legal, "Pulumi.test.yaml").data.tables["orders"].adopt


@pytest.mark.parametrize(
    ("runtime", "path"),
    [
        ({"timeouts": {"minimum_seconds": 2}}, "holdfast:runtime.timeouts.minimum_seconds"),
        ({"timeouts": {"attempt_seconds": 9}}, "holdfast:runtime.timeouts.attempt_seconds"),
        ({"retries": {"base_seconds": 20}}, "holdfast:runtime.retries.base_seconds"),
    ],
)
def test_times_of_a_client_contain_one_another(legal, faults_of, runtime, path):
    legal["holdfast:runtime"] = runtime
    assert "and holds it" in faults_of(legal)[path].rule
