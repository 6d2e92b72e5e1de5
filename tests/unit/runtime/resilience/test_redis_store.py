"""How the asyncio store comes back to a Redis cluster that lost a node."""

import asyncio

import pytest

from holdfast.caching.redis_store import AsyncRedisStore
from holdfast.caching.steps import CacheError, Look
from holdfast.testing.loop import run

LOOK = Look("hf:{item}", None, b"c:1", 60.0)
STEP_SECONDS = 0.05


class Nodes:
    def __init__(self):
        self.closed = []

    async def aclose(self, which="nodes_cache"):
        self.closed.append(which)


class Cluster:
    """Learns its nodes when it is asked to or first used, as redis-py's does; slower than a step may last."""

    def __init__(self):
        self.known = False
        self.nodes_manager = Nodes()
        self.learning = 0

    async def initialize(self):
        if not self.known:
            self.learning += 1
            await asyncio.sleep(4 * STEP_SECONDS)
            self.known = True

    def register_script(self, script):
        async def run(keys, args):
            await self.initialize()
            return [None, args[0]]

        return run

    async def aclose(self):
        pass


async def steps_until_an_answer(store):
    for number in range(1, 5):
        try:
            assert await store.run(LOOK) == [None, b"c:1"]
        except CacheError:
            await asyncio.sleep(6 * STEP_SECONDS)
        else:
            return number
    pytest.fail("no step was answered")


def test_a_client_that_forgets_its_cluster_learns_it_anew_though_that_takes_longer_than_a_step():
    async def main():
        cluster = Cluster()
        store = AsyncRedisStore(cluster, timeout_seconds=STEP_SECONDS)
        first = await steps_until_an_answer(store)
        cluster.known = False
        again = await steps_until_an_answer(store)
        await store.close()
        return first, again

    assert run(main()) == (2, 3)


def test_steps_share_one_connecting():
    async def main():
        cluster = Cluster()
        store = AsyncRedisStore(cluster, timeout_seconds=STEP_SECONDS)
        await asyncio.gather(*(store.run(LOOK) for _ in range(10)), return_exceptions=True)
        await steps_until_an_answer(store)
        await store.close()
        return cluster.learning

    assert run(main()) == 1


def test_closing_ends_the_connecting_and_closes_every_node():
    async def main():
        cluster = Cluster()
        store = AsyncRedisStore(cluster, timeout_seconds=STEP_SECONDS)
        with pytest.raises(CacheError):
            await store.run(LOOK)
        await store.close()
        return cluster, len(asyncio.all_tasks())

    cluster, tasks = run(main())
    assert cluster.nodes_manager.closed == ["nodes_cache", "startup_nodes"]
    assert not cluster.known
    assert tasks == 1, "nothing goes on connecting"
