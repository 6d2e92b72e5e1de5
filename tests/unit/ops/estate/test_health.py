from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from holdfast.topology import Region, Topology
from ops.estate.access import Estate
from ops.estate.health import RegionHealth
from ops.estate.serving import cache_address, caches, describe_breakers
from ops.estate.show import line


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rediss://cluster.example.com:6380", ("cluster.example.com", 6380)),
        ("rediss://cluster.example.com", ("cluster.example.com", 6379)),
        ("daxs://dax.example.com", ("dax.example.com", 9111)),
        ("dax://dax.example.com", ("dax.example.com", 8111)),
        ("cluster.example.com:6379", ("cluster.example.com", 6379)),
    ],
)
def test_where_a_cache_is(url, address):
    assert cache_address(url) == address


def examined(**endpoints) -> RegionHealth:
    region = replace(Region(name="us-east-1", control_table="control"), **endpoints)
    estate = Estate(Topology(stack="prod", home_region="us-east-1", regions={"us-east-1": region}))
    health = RegionHealth(region="us-east-1", home=True, reachable=True)
    caches(estate, health)
    return health


def test_a_cache_that_answers_one_that_does_not_and_none():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        health = examined(redis_endpoint=f"redis://127.0.0.1:{port}")
        assert (health.caches, health.faults) == ("Redis answers", [])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and nobody listens
        health = examined(redis_endpoint=f"redis://127.0.0.1:{nobody.getsockname()[1]}")
    assert health.caches == "Redis does not answer"
    assert health.healthy is False
    assert examined().caches == "none"


def test_a_region_that_does_not_answer_is_told_in_capitals():
    assert line(RegionHealth(region="us-east-1", home=True)) == "us-east-1 (home): UNREACHABLE, in use"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"us-east-1": {"read": "closed", "write": "closed"}}, "closed"),
        ({"us-east-1": {"read": "half-open", "write": "open"}, "us-west-2": {"read": "closed"}},
         "us-east-1 read half-open, us-east-1 write open"),
        ({}, "closed"),
    ],
)  # fmt: skip
def test_breakers_that_are_not_closed_are_named(told, said):
    assert describe_breakers(told) == said
