"""A DynamoDB to talk to (moto), and the same client in four ways: sync and asyncio, own transport and botocore's."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import itertools
import os
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from holdfast import AsyncClient, Client, Policy
from holdfast.async_batch import AsyncBatchWriter, AsyncTablesWriter
from holdfast.async_table import AsyncItemIterator, AsyncTable
from sandbox.cloud import Sandbox
from tests.patience import PATIENT

_number = itertools.count()


ENGINES = ["moto", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sandbox", "dynamodb-local"))]


@pytest.fixture(scope="session", params=ENGINES)
def service(request, tmp_path_factory):
    """The URL of an empty DynamoDB: moto in this process, the sandbox's own, or DynamoDB Local, which is stricter."""
    if request.param == "sandbox":
        folder = tmp_path_factory.mktemp("sandbox")
        sandbox = Sandbox.start(folder, regions=["us-east-1"], account_id="111122223333")
        yield sandbox.gateways["us-east-1"]
        sandbox.stop()
        return
    if request.param == "dynamodb-local":
        dynamodb_local = load_sibling("dynamodb_local")
        with dynamodb_local.running() as url:
            yield url
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def boto(service):
    return boto3.client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=service,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
    )


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "HOLDFAST_TOPOLOGY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def table_name(boto):
    """A fresh table: keys customer_id and order_id, an index of keys only by status, one of everything by date."""
    name = f"orders-{os.getpid()}-{next(_number)}"
    text = [{"AttributeName": a, "AttributeType": "S"} for a in ("customer_id", "order_id", "status", "order_date")]

    def key(partition, sort):
        return [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ]

    boto.create_table(
        TableName=name,
        KeySchema=key("customer_id", "order_id"),
        AttributeDefinitions=text,
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "StatusIndex",
                "KeySchema": key("status", "order_date"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": "OrderDateIndex",
                "KeySchema": key("order_date", "order_id"),
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
    )
    yield name
    boto.delete_table(TableName=name)


def load_sibling(name):
    """A module of this folder; test modules are not importable by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _inner_of(value):
    """An argument as the asyncio client takes it."""
    if isinstance(value, Blocking):
        return value._inner
    return {_inner_of(key): part for key, part in value.items()} if isinstance(value, dict) else value


class Blocking:
    """An asyncio object whose calls are run to their end, so that one suite speaks to both kinds of client."""

    def __init__(self, loop, inner):
        self._loop = loop
        self._inner = inner

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if not callable(value):
            return value
        return lambda *args, **kwargs: self._settle(value(*map(_inner_of, args), **kwargs))

    def _loop_call(self, keys):
        return lambda *args, **kwargs: self._loop.run_until_complete(keys.query_async(*args, **kwargs))

    def _settle(self, value):
        if inspect.isawaitable(value):
            value = self._loop.run_until_complete(value)
        if isinstance(value, AsyncTable | AsyncItemIterator | AsyncBatchWriter | AsyncTablesWriter) or hasattr(
            value, "__anext__"
        ):
            return Blocking(self._loop, value)
        return value

    def __iter__(self):
        iterator = self._inner.__aiter__()
        while True:
            try:
                yield self._loop.run_until_complete(anext(iterator))
            except StopAsyncIteration:
                return

    def __enter__(self):
        self._loop.run_until_complete(self._inner.__aenter__())
        return self

    def __exit__(self, *trace):
        self._loop.run_until_complete(self._inner.__aexit__(*trace))


@pytest.fixture(params=["sync-http", "async-http", "sync-botocore", "async-botocore"])
def client(request, service):
    kind, _, transport = request.param.partition("-")
    if kind == "sync":
        with Client(
            region="us-east-1", endpoint_url=service, transport=transport, policy=Policy(timeout=PATIENT)
        ) as made:
            yield made
        return
    loop = asyncio.new_event_loop()
    try:

        async def make():
            return AsyncClient(
                region="us-east-1", endpoint_url=service, transport=transport, policy=Policy(timeout=PATIENT)
            )

        with Blocking(loop, loop.run_until_complete(make())) as made:
            yield made
    finally:
        loop.close()


@pytest.fixture
def table(client, table_name):
    return client.table(table_name)
