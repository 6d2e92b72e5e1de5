"""What `holdfast:runtime` says in the stack file is what a client of the stack does, by way of the topology."""

import pytest

from holdfast import Client, errors
from holdfast.topology import Topology

WANTED = {
    "failover": True,
    "pool": {"max_connections": 7, "request_timeout_seconds": 3, "idle_seconds": 11},
    "retries": {"max_retries": 2, "base_seconds": 0.001, "cap_seconds": 0.002},
    "breaker": {"failure_threshold": 9, "reset_seconds": 30},
    "timeouts": {"attempt_seconds": 0.8, "minimum_seconds": 0.3},
    "hedging": {"enabled": False},
}


class Unwell:
    """A region that answers every attempt with a fault of its own."""

    def __init__(self):
        self.sends = []

    def send(self, call, region, *, timeouts):
        self.sends.append((region.name, timeouts))
        raise errors.InternalServerError("unwell", operation=call.operation.name)

    def close(self):
        pass


@pytest.fixture
def topology(recorded):
    made = recorded("dev", lambda config: config.update({"holdfast:runtime": WANTED}))
    return Topology.from_dict(made.outputs["topology"])


def test_every_setting_reaches_the_topology(topology):
    assert topology.failover
    assert topology.runtime["pool"] == WANTED["pool"]
    assert topology.runtime["hedging"] == {"enabled": False, "quantile": 0.95, "budget": 0.05}
    for section in ("retries", "breaker", "timeouts"):
        assert topology.runtime[section] == WANTED[section]


def test_a_client_does_as_the_stack_file_says(topology):
    sender = Unwell()
    with Client(topology, sender=sender) as client:
        with pytest.raises(errors.HoldfastError):
            client.table("orders").get({"customer_id": "c1", "order_id": "ORD_1"})
        assert [region for region, _ in sender.sends] == ["us-east-1"] * (WANTED["retries"]["max_retries"] + 1)
        policy = client.pipeline.core.policy
        assert policy.breaker.failure_threshold == WANTED["breaker"]["failure_threshold"]
        assert policy.breaker.reset_seconds == WANTED["breaker"]["reset_seconds"]
        assert policy.timeout.call_seconds == WANTED["pool"]["request_timeout_seconds"]
        assert policy.hedge.enabled is False


def test_without_the_layer_a_client_has_the_figures_of_the_reference(recorded):
    topology = Topology.from_dict(recorded("dev").outputs["topology"])
    sender = Unwell()
    with Client(topology, sender=sender) as client:
        policy = client.pipeline.core.policy
        assert (policy.retry.retries, policy.breaker.failure_threshold, policy.breaker.reset_seconds) == (5, 5, 60)
        assert policy.timeout.call_seconds == 5
