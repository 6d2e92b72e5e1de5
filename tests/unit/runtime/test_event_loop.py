"""A task that waits for an answer goes on in the turn in which it came; to asyncio it is a task like any other."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar

import pytest

from holdfast import AsyncClient, Policy
from tests.patience import PATIENT

MARK: ContextVar[int] = ContextVar("mark", default=-1)


@contextlib.asynccontextmanager
async def service(delay=0.0):
    """Answers each request after `delay` seconds; counts the connections."""
    connections = []

    async def serve(reader, writer):
        connections.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                await asyncio.sleep(delay)
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncClient(
        region="us-east-1", endpoint_url=f"http://127.0.0.1:{port}", policy=Policy(timeout=PATIENT)
    ) as client:
        yield client.table("t"), connections
    server.close()


async def test_each_task_goes_on_as_itself_in_its_own_context():
    async with service() as (table, _):

        async def one(number):
            MARK.set(number)
            mine = asyncio.current_task()
            for _ in range(5):
                assert await table.get({"pk": str(number)}) is None
                assert asyncio.current_task() is mine
                assert MARK.get() == number

        await asyncio.gather(*(one(number) for number in range(30)))
        assert asyncio.current_task() is not None
        assert MARK.get() == -1


async def test_a_timeout_and_a_cancellation_end_the_wait_and_the_connection():
    async with service(delay=0.4) as (table, connections):

        async def asked(times):
            while len(connections) < times:  # noqa: ASYNC110 - the stub's own list, without an event
                await asyncio.sleep(0.01)

        async def expire(limit):
            await asked(1)
            limit.reschedule(asyncio.get_running_loop().time())

        async def limited():
            async with asyncio.timeout(30) as limit:
                ending = asyncio.create_task(expire(limit))
                await table.get({"pk": "a"})
            await ending

        with pytest.raises(TimeoutError):
            await limited()
        task = asyncio.create_task(table.get({"pk": "a"}))
        await asked(2)
        assert task.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await table.get({"pk": "a"}) is None
        assert len(connections) == 3, "a connection with an answer under way was used again"


async def test_an_exception_of_the_caller_stays_in_its_task():
    """What a task raises right behind an answer must not reach the connection that gave it."""
    async with service() as (table, connections):

        async def failing():
            await table.get({"pk": "a"})
            raise LookupError("of the caller")

        for _ in range(3):
            with pytest.raises(LookupError):
                await asyncio.create_task(failing())
        assert await table.get({"pk": "a"}) is None
        assert len(connections) == 1


async def test_other_tasks_have_their_turns_between_answers():
    async with service() as (table, _):
        turns = 0

        async def count():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        for _ in range(50):
            await table.get({"pk": "a"})
        counting.cancel()
        assert turns >= 50
