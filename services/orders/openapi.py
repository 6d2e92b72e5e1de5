"""The service described for machines (OpenAPI 3.0, the newest that API Gateway reads), and written to a file.

`python -m services.orders.openapi` writes `services/orders/openapi.json`, from which the API of each region is made.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.orders import schemas

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

CONSISTENCY, HOMES = "x-holdfast-consistency", "x-holdfast-home-regions"
"""What an answer may lag behind; and, in the file, what it may lag behind in a stack whose table has home regions."""
FILE = Path(__file__).with_name("openapi.json")
_PARAMETER = re.compile(r"\{(\w+)\}")
_PATH_SCHEMAS = {
    "customer_id": schemas.NAME,
    "order_id": schemas.ORDER_ID,
    "session_id": schemas.SESSION_ID,
    "metric": schemas.NAME,
}

STRONG = "Read from the replica of the region that takes the writes: what was acknowledged before is seen."
EVENTUAL = "Read from an index, which follows its table within moments; another region's writes follow by replication."
OWN_WRITES = "Read from a replica; another region's writes follow by replication, usually within a second."
LINEAR = "A conditional write, judged in the region that takes the writes; it reaches the others by replication."
ATOMIC = "A transaction, whole or not at all in its region; the others see its items one by one."
HOMED_LINEAR = "A conditional write, judged in the key's home region; it reaches the others by replication."
HOMED_STRONG = "Read from the customer's home region: what was acknowledged before is seen, whichever region took it."
HOMED_PROCESS = (
    "A transaction, whole or not at all in the region of the inventory; the order's home region and the others see its "
    "items one by one, usually within a second."
)
HOMED_TRANSFER = "A transaction in the home region that both accounts have; accounts of two homes are refused."
LOCAL = "Speaks of this process or of this region alone."


@dataclass(frozen=True, kw_only=True)
class Route:
    """What a machine must know of a route beside its method and path."""

    consistency: str
    """What its answer may lag behind while any region takes writes of any key."""
    homed: str | None = None
    """The same where `table` gives each key a home region; None where that changes nothing."""
    table: str = "orders"
    """Logical name of the table that it is about."""
    body: str | None = None
    """Name of the schema of its body."""
    optional_body: bool = False
    key: str | None = None
    """Whether it takes an Idempotency-Key: `required` or `optional`."""
    query: Mapping[str, schemas.Schema] = field(default_factory=dict)
    good: tuple[int, ...] = (200,)
    bad: tuple[int, ...] = ()
    answer: str | None = None
    """Name of the schema of a good answer."""


_PAGES = {"next": schemas.PAGE_TOKEN}
ROUTES: dict[str, Route] = {
    "POST /orders": Route(
        consistency=LINEAR,
        homed=HOMED_LINEAR,
        body="NewOrder",
        key="optional",
        good=(200, 201),
        bad=(409,),
        answer="Order",
    ),
    "GET /orders": Route(
        consistency=EVENTUAL,
        query={
            "date": schemas.DAY,
            "status": schemas.NAME,
            "start": schemas.DAY,
            "limit": schemas.page_size(1_000),
            **_PAGES,
        },
        answer="Orders",
    ),
    "POST /orders/process": Route(
        consistency=ATOMIC,
        homed=HOMED_PROCESS,
        body="ProcessedOrder",
        key="optional",
        good=(200, 201),
        bad=(409, 501),
        answer="Order",
    ),
    "GET /orders/{customer_id}": Route(
        consistency=STRONG,
        homed=HOMED_STRONG,
        query={
            "limit": schemas.page_size(1_000),
            "start": schemas.MOMENT,
            "end": schemas.MOMENT,
            "region": schemas.REGION,
            **_PAGES,
        },
        answer="Orders",
    ),
    "GET /orders/{customer_id}/{order_id}": Route(
        consistency=STRONG, homed=HOMED_STRONG, query={"region": schemas.REGION}, bad=(404,), answer="Order"
    ),
    "POST /transfers": Route(
        consistency=ATOMIC,
        homed=HOMED_TRANSFER,
        table="accounts",
        body="Transfer",
        key="required",
        good=(200, 201),
        bad=(404, 409, 501),
    ),
    "POST /sessions": Route(
        consistency=LINEAR,
        homed=HOMED_LINEAR,
        table="sessions",
        body="NewSession",
        optional_body=True,
        good=(201,),
        bad=(501,),
    ),
    "GET /sessions/{session_id}": Route(consistency=OWN_WRITES, bad=(404, 501)),
    "PATCH /sessions/{session_id}": Route(
        consistency=LINEAR, homed=HOMED_LINEAR, table="sessions", body="Extension", optional_body=True, bad=(404, 501)
    ),
    "DELETE /sessions/{session_id}": Route(consistency=LINEAR, homed=HOMED_LINEAR, table="sessions", bad=(501,)),
    "POST /metrics/{metric}": Route(consistency=OWN_WRITES, body="Point", good=(201,), bad=(501,)),
    "GET /metrics/{metric}": Route(
        consistency=OWN_WRITES, query={"start": schemas.MOMENT, "end": schemas.MOMENT}, bad=(501,)
    ),
    "GET /leaderboard": Route(consistency=EVENTUAL, query={"top": schemas.page_size(100)}),
    "GET /business": Route(consistency=LOCAL),
    "GET /health": Route(consistency=LOCAL),
    "GET /health/deep": Route(consistency=LOCAL),
    "GET /ready": Route(consistency=LOCAL),
    "GET /regions": Route(consistency=OWN_WRITES),
    "GET /openapi.json": Route(consistency=LOCAL),
}
"""Method and path → what is known of the route."""
_REASONS = {
    200: "Done",
    201: "Made",
    400: "The request breaks a rule that the message names",
    401: "No token, or none that can be trusted",
    403: "Not the caller's to ask for",
    404: "There is none",
    409: "Refused by what is stored",
    413: "The body is too large",
    415: "The body is not JSON",
    429: "Too many requests",
    501: "This stack has no such table",
    502: "The table refuses",
    503: "Unavailable, or the outcome of a write is unknown: repeat it with the same key",
    504: "No answer within the time limit",
}
_ALWAYS = (400, 401, 403, 429, 502, 503, 504)


def document(routes: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The description of routes, each with method, path and what it does."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, says in routes:
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, says, ROUTES[f"{method} {path}"])
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Orders",
            "version": "0.1.0",
            "description": "The reference application of Holdfast. `x-holdfast-consistency` says what a route's answer "
            "may lag behind.",
        },
        "paths": paths,
        "components": {"schemas": schemas.COMPONENTS},
    }


def in_stack(described: dict[str, Any], homed: Container[str]) -> dict[str, Any]:
    """The description as it holds in a stack in which the tables `homed` (logical names) have home regions."""
    for path in described["paths"].values():
        for operation in path.values():
            homes = operation.pop(HOMES, None)
            if homes is not None and homes["table"] in homed:
                operation[CONSISTENCY] = homes["consistency"]
    return described


def _operation(method: str, path: str, says: str, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": says,
        "operationId": f"{method.lower()}{re.sub(r'[^a-z]+', '_', path)}".rstrip("_"),
        CONSISTENCY: route.consistency,
        "responses": _responses(route),
    }
    if route.homed is not None:
        operation[HOMES] = {"table": route.table, "consistency": route.homed}
    parameters = _parameters(path, route)
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": _reference(route.body)}}
        operation["requestBody"] = {"required": not route.optional_body, "content": content}
    return operation


def _parameters(path: str, route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[name]}
        for name in _PARAMETER.findall(path)
    ]
    found += [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in route.query.items()
    ]
    if route.key is not None:
        required = route.key == "required"
        found.append({"name": "Idempotency-Key", "in": "header", "required": required, "schema": schemas.KEY})
    return found


def _responses(route: Route) -> dict[str, Any]:
    bad = {*_ALWAYS, *route.bad, *((413, 415) if route.body else ())}
    responses: dict[str, Any] = {}
    for status in route.good:
        schema = _reference(route.answer) if route.answer else {"type": "object"}
        responses[str(status)] = {
            "description": _REASONS[status],
            "content": {"application/json": {"schema": schema}},
        }
    for status in sorted(bad):
        responses[str(status)] = {
            "description": _REASONS[status],
            "content": {"application/json": {"schema": _reference("Error")}},
        }
    return responses


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def text(described: Mapping[str, Any]) -> str:
    """The document as it stands in its file."""
    return json.dumps(described, indent=2) + "\n"


def main() -> int:
    """Write the file."""
    from services.orders.app import described  # noqa: PLC0415 - the application imports this module

    FILE.write_text(text(described()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
