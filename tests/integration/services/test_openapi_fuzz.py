"""The running service is asked what its OpenAPI document allows, and what it forbids."""

import threading
import time

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from holdfast.testing import MemoryRegions
from services.orders.app import create_app, described
from services.orders.settings import ServiceSettings

HOME = "us-east-1"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SAMPLE, MANY = 8, 300


@pytest.fixture(scope="module")
def address(orders_topology):
    topology = orders_topology(HOME, "us-west-2")
    memory = MemoryRegions(topology.regions.values())
    app = create_app(ServiceSettings(topology=topology, region=HOME), sender=memory.asynchronous())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < end, "the service does not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(60)


SCHEMA = schemathesis.openapi.from_dict(described())
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
SLOW_ROUTES = {"/leaderboard"}
"""It adds a month up from the table where there is no Redis."""


def fuzz(operation, mode, address, examples):
    tried = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def judge(case):
        response = case.call(base_url=address, timeout=60)
        tried.append((response.status_code, case.body))
        case.validate_response(response, checks=CHECKS)

    judge()
    return tried


@pytest.mark.sandbox
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.label)
def test_what_the_document_allows_is_answered_as_it_says(operation, address):
    examples = 2 if operation.path in SLOW_ROUTES else SAMPLE
    assert all(status < 500 for status, _ in fuzz(operation, GenerationMode.POSITIVE, address, examples))


def says_nothing(body):
    return isinstance(body, dict) and any(value is None for value in body.values())


WITH_BODIES = [operation for operation in OPERATIONS if operation.body]


@pytest.mark.sandbox
@pytest.mark.parametrize("operation", WITH_BODIES, ids=lambda item: item.label)
def test_what_the_document_forbids_is_refused_without_an_error_of_ours(operation, address):
    answers = fuzz(operation, GenerationMode.NEGATIVE, address, SAMPLE)
    taken = [body for status, body in answers if not 400 <= status < 500]
    assert answers
    # The service drops an attribute that is null, and an optional body may be missing: neither says anything.
    assert all(body in (None, NOT_SET) or says_nothing(body) for body in taken), taken


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.label)
def test_much_of_both_is_answered_as_the_document_says(operation, address):
    examples = 20 if operation.path in SLOW_ROUTES else MANY
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if operation.body else (GenerationMode.POSITIVE,):
        assert all(status < 500 for status, _ in fuzz(operation, mode, address, examples))
