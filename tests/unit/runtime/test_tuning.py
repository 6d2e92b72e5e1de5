"""Where a client's figures come from: argument, environment, topology, default."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace

import pytest

from holdfast import Client, Policy, Topology, TopologyError, errors
from holdfast.caching.policy import CachePolicy
from holdfast.resilience import BreakerPolicy, RetryPolicy
from holdfast.topology import PACKED, Key, Region, Table

RUNTIME = {
    "pool": {"max_connections": 7, "request_timeout_seconds": 3, "idle_seconds": 55},
    "retries": {"max_retries": 2, "base_seconds": 0.1, "cap_seconds": 1},
    "breaker": {"failure_threshold": 9, "reset_seconds": 30},
    "timeouts": {"attempt_seconds": 0.8, "minimum_seconds": 0.3},
    "hedging": {"enabled": False, "quantile": 0.9, "budget": 0.01},
}


def topology(**runtime):
    table = Table(name="orders-production", arn="a", partition_key=Key(name="pk"))
    regions = {
        name: Region(name=name, tables={"orders": table}, redis_endpoint="redis://r:1")
        for name in ("us-east-1", "us-west-2")
    }
    return Topology(stack="s", home_region="us-east-1", regions=regions, failover=True, runtime=runtime)


def settings_of(**arguments):
    with Client(**arguments) as client:
        setup = client._setup
        return setup.pool, setup.policy, [region.name for region in setup.regions]


def test_every_setting_of_the_topology_arrives():
    pool, policy, _ = settings_of(topology=topology(**RUNTIME))
    assert pool == {"max_connections": 7, "idle_seconds": 55}
    assert policy.timeout.call_seconds == 3
    assert (policy.timeout.attempt_seconds, policy.timeout.minimum_seconds) == (0.8, 0.3)
    assert (policy.retry.retries, policy.retry.base_seconds, policy.retry.cap_seconds) == (2, 0.1, 1)
    assert (policy.breaker.failure_threshold, policy.breaker.reset_seconds) == (9, 30)
    assert (policy.hedge.enabled, policy.hedge.quantile, policy.hedge.budget) == (False, 0.9, 0.01)


def test_what_nobody_says_is_the_default():
    pool, policy, _ = settings_of(topology=topology())
    assert pool == {"max_connections": 50, "idle_seconds": 20.0}
    assert policy == Policy()


def test_the_environment_comes_before_the_topology_and_an_argument_before_both(monkeypatch):
    monkeypatch.setenv("HOLDFAST_BREAKER_RESET_SECONDS", "12")
    monkeypatch.setenv("HOLDFAST_POOL_MAX_CONNECTIONS", "8")
    monkeypatch.setenv("HOLDFAST_HEDGING_ENABLED", "true")
    pool, policy, _ = settings_of(topology=topology(**RUNTIME))
    assert (pool["max_connections"], pool["idle_seconds"]) == (8, 55)
    assert (policy.breaker.reset_seconds, policy.breaker.failure_threshold) == (12, 9)
    assert policy.hedge.enabled is True
    given = Policy(breaker=BreakerPolicy())
    pool, policy, _ = settings_of(topology=topology(**RUNTIME), max_connections=3, policy=given)
    assert pool["max_connections"] == 3
    assert policy.breaker == BreakerPolicy(), "a part that was given stays as it was given"
    assert policy.retry.retries == 2, "a part that was not given follows the topology"
    _, policy, _ = settings_of(topology=topology(**RUNTIME), breaker_reset_seconds=4)
    assert (policy.breaker.reset_seconds, policy.breaker.failure_threshold) == (4, 9)


def test_failover_too(monkeypatch):
    monkeypatch.setenv("HOLDFAST_FAILOVER", "false")
    assert settings_of(topology=topology())[2] == ["us-east-1"]
    assert settings_of(topology=topology(), failover=True)[2] == ["us-east-1", "us-west-2"]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HOLDFAST_RETRIES_MAX_RETRIES", "five", "HOLDFAST_RETRIES_MAX_RETRIES is 'five'; write a whole number"),
        ("HOLDFAST_POOL_IDLE_SECONDS", "1 min", "write a number"),
        ("HOLDFAST_HEDGING_ENABLED", "maybe", "write true or false"),
        ("HOLDFAST_FAILOVER", "perhaps", "write true or false"),
        ("HOLDFAST_POOL_MAX_CONNECTIONS", "0", "at least one connection"),
        ("HOLDFAST_TIMEOUTS_MINIMUM_SECONDS", "2", "it comes from HOLDFAST_TIMEOUTS_MINIMUM_SECONDS=2"),
    ],
)
def test_a_value_without_meaning_names_its_source(monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    with pytest.raises(errors.ConfigurationError, match=said):
        Client(topology=topology())


def test_unknown_sections_of_a_newer_program_are_passed_over():
    _, policy, _ = settings_of(topology=topology(later={"thing": 1}, breaker={"other": 2}))
    assert policy == Policy()


def test_dax_of_the_environment_is_read_through(monkeypatch):
    monkeypatch.setenv("DAX_ENDPOINT", "dax://cluster:8111")
    with Client(topology=topology()) as client:
        first, second = client._setup.regions
        assert (first.dax_endpoint, first.redis_endpoint, second.dax_endpoint) == ("dax://cluster:8111", None, None)
        assert client._setup.policy.cache == CachePolicy(dax_alone=True)
        assert client.pipeline._dax._endpoint == "dax://cluster:8111"
    own = CachePolicy(ttl_seconds=5)
    with Client(topology=topology(), policy=Policy(cache=own)) as client:
        assert client._setup.policy.cache is own
        assert client._setup.regions[0].redis_endpoint == "redis://r:1"


def test_the_document_carries_them_plain_and_compressed(tmp_path):
    known = topology(**RUNTIME)
    assert Topology.from_json(known.to_json()) == known
    packed = PACKED + base64.b64encode(gzip.compress(known.to_json().encode())).decode()
    assert Topology.from_text(packed) == known
    path = tmp_path / "topology"
    path.write_text(packed)
    assert Topology.from_file(path) == known
    with pytest.raises(TopologyError, match="damaged"):
        Topology.from_text(packed[:-9])
    broken = replace(known, runtime={"pool": {"max_connections": "many"}}).to_dict()
    with pytest.raises(TopologyError, match=r"runtime\.pool\.max_connections is 'many'; it must be a number"):
        Topology.from_json(json.dumps(broken))
    del broken["runtime"]
    assert Topology.from_dict(broken).runtime == {}


def test_policies_are_told_apart_by_identity_only_where_they_are_defaults():
    assert Policy().retry is Policy().retry
    assert Policy(retry=RetryPolicy()).retry is not Policy().retry
