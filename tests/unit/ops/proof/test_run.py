"""The proof against three regions that misbehave on purpose: it holds on sound ones, and says what failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.proof.plan import Demands, Target
from ops.proof.run import prove

PATIENT = Demands(
    writes_per_second=4.0,
    acknowledged=40,
    failover_seconds=60.0,
    clients=4,
    phase_seconds=60.0,
    lag_seconds=30.0,
    catch_up_seconds=30.0,
    samples=1,
)
"""What a machine meets that stands still for seconds. A test that waits for a limit to be passed lowers that one."""


async def run(world, demands=PATIENT):
    target = Target(stack="prod", home="us-east-1", services=world.urls, breaker_reset_seconds=2.0)
    said: list[str] = []
    return await prove(target, world, demands, said.append), said


@pytest.mark.sandbox
async def test_three_sound_regions_hold(world):
    proof, said = await run(world)
    assert proof.failures == []
    assert proof.evidence["ok"] is True
    assert proof.evidence["failover"]["to"] == ["us-west-2"]
    assert 0.1 <= proof.evidence["failover"]["seconds"] <= proof.evidence["phases"]["during"]["seconds"]
    assert {(pair["from"], pair["to"]) for pair in proof.evidence["lag"]["pairs"]} == {
        (source, target) for source in world.regions for target in world.regions if source != target
    }
    assert proof.evidence["lost"] == 0
    for figures in proof.evidence["readback"].values():
        assert figures["read"] == proof.evidence["acknowledged"] >= 120
    assert any("us-east-1 is cut off" in line for line in said)


@pytest.mark.sandbox
async def test_one_region_alone_holds_when_it_refuses_and_serves_again(world):
    world.serves, world.return_seconds = False, 0.0
    world.urls = {"us-east-1": world.urls["us-east-1"]}
    proof, _ = await run(world)
    assert proof.failures == []
    assert proof.evidence["phases"]["during"]["failed"] >= PATIENT.acknowledged
    assert proof.evidence["phases"]["during"]["counted"] == 0
    assert proof.evidence["lost"] == 0


@pytest.mark.sandbox
async def test_a_lost_write_is_found_and_named(world):
    world.replicate = lambda source, target, order: not (target == "eu-west-1" and order.get("number") == 17)
    proof, _ = await run(world, replace(PATIENT, catch_up_seconds=4.0))
    assert len(proof.failures) == 1
    assert "eu-west-1: 1 acknowledged orders cannot be read, such as ORD_" in proof.failures[0]
    assert proof.evidence["lost"] == 1


@pytest.mark.sandbox
async def test_an_altered_write_is_found(world):
    world.alter = lambda target, order: (
        order | {"number": -1} if target == "us-west-2" and order.get("number") == 5 else order
    )
    proof, _ = await run(world)
    assert len(proof.failures) == 1
    assert "us-west-2: 1 orders differ" in proof.failures[0]


@pytest.mark.sandbox
async def test_no_failover_fails_and_the_region_is_healed_all_the_same(world):
    world.serves = False
    proof, _ = await run(world, replace(PATIENT, phase_seconds=3.0))
    assert world.down is None
    assert any("during the cut: 0 orders acknowledged" in failure for failure in proof.failures)
    assert any("did not flow again" in failure for failure in proof.failures)


@pytest.mark.sandbox
async def test_a_slow_failover_fails(world):
    world.failover_seconds = 1.4
    proof, _ = await run(world, replace(PATIENT, failover_seconds=1.0))
    assert any(failure.startswith("failover took ") for failure in proof.failures)


@pytest.mark.sandbox
async def test_a_region_that_is_not_used_again_fails(world):
    world.return_seconds = 600
    proof, _ = await run(world, replace(PATIENT, phase_seconds=3.0))
    assert any("us-east-1 was healed and not used again" in failure for failure in proof.failures)


@pytest.mark.sandbox
async def test_a_region_that_does_not_replicate_fails_with_its_pair(world):
    world.replicate = lambda source, target, order: source != "us-west-2" or target != "eu-west-1"
    proof, _ = await run(world, replace(PATIENT, lag_seconds=0.5, catch_up_seconds=1.0))
    assert any("us-west-2 → eu-west-1: an order was not readable" in failure for failure in proof.failures)
