"""The journey of a made-up customer: create an order, read it in the other region, list, process.

A Synthetics canary runs it in AWS (`journey.handler`), a loop of the proof runs it in the sandbox. It uses what any
Python carries, because it is shipped alone.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STEP_SECONDS = 5.0
REPLICATION_SECONDS = 10.0
"""How long the other region may take to show the order before the journey fails."""
POLL_SECONDS = 0.2
PRODUCT = "journey-product"
UNKNOWN = -1


class JourneyError(Exception):
    """A step that a customer would not have got through."""


@dataclass(frozen=True)
class Answer:
    """What a step was answered."""

    status: int
    document: Any


@dataclass
class Report:
    """What a journey took, step by step, in seconds."""

    steps: dict[str, float] = field(default_factory=dict)


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    """Ask over HTTP. An answer of any status is an answer.

    Raises:
        OSError: there was none.
    """
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310 - our own API
    try:
        with urllib.request.urlopen(request, timeout=STEP_SECONDS) as answer:  # noqa: S310
            return Answer(answer.status, _parse(answer.read()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _parse(error.read()))
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def travel(
    target: str,
    other: str,
    *,
    customer: str,
    token: str | None = None,
    ask: Callable[[str, str, Mapping[str, str], bytes | None], Answer] = send,
    pause: Callable[[float], None] = time.sleep,
) -> Report:
    """Make the journey through `target`, reading in `other` too.

    Raises:
        JourneyError: a step failed; the message names it and what was answered, never the token.
    """
    report = Report()
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    key = f"{time.time_ns() // 1_000_000}-{uuid.uuid4().hex}"
    order = {"customer_id": customer, "items": [{"product_id": PRODUCT, "quantity": 1}], "journey": True}
    body = json.dumps(order).encode()

    first = ("POST", f"{target}/orders", {**headers, "idempotency-key": key}, body)
    made = _step(report, "create", ask, first, (201,))
    order_id = made.document["order_id"]
    _step(report, "repeat", ask, first, (200,))
    mine = f"/orders/{urllib.parse.quote(customer)}"
    _elsewhere(report, ask, f"{other}{mine}/{order_id}?region=own", headers, pause)
    listed = _step(report, "list", ask, ("GET", f"{target}{mine}", headers, None), (200,))
    if order_id not in [order["order_id"] for order in listed.document["orders"]]:
        raise JourneyError("list: the order that was just made is not in it")
    key = f"{time.time_ns() // 1_000_000}-{uuid.uuid4().hex}"
    second = ("POST", f"{target}/orders/process", {**headers, "idempotency-key": key}, body)
    # A made-up product runs out: being told so is as good as being served.
    _step(report, "process", ask, second, (200, 201, 409))
    return report


def _step(
    report: Report,
    name: str,
    ask: Callable[[str, str, Mapping[str, str], bytes | None], Answer],
    request: tuple[str, str, Mapping[str, str], bytes | None],
    good: tuple[int, ...],
) -> Answer:
    started = time.monotonic()
    try:
        answer = ask(*request)
    except OSError as error:
        raise JourneyError(f"{name}: no answer ({type(error).__name__})") from None
    report.steps[name] = round(time.monotonic() - started, 4)
    if answer.status not in good:
        raise JourneyError(f"{name}: {answer.status} {_code(answer.document)}")
    return answer


def _elsewhere(
    report: Report,
    ask: Callable[[str, str, Mapping[str, str], bytes | None], Answer],
    url: str,
    headers: Mapping[str, str],
    pause: Callable[[float], None],
) -> None:
    """Wait until the other region's own replica shows the order."""
    started = time.monotonic()
    status = UNKNOWN
    while time.monotonic() - started < REPLICATION_SECONDS:
        try:
            status = ask("GET", url, headers, None).status
        except OSError:
            status = UNKNOWN
        if status == 200:
            report.steps["elsewhere"] = round(time.monotonic() - started, 4)
            return
        pause(POLL_SECONDS)
    # The target has done its part: that the other region is away, or late, is told by its own journeys and alarms.
    report.steps["elsewhere"] = UNKNOWN


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _code(document: Any) -> str:
    error = document.get("error") if isinstance(document, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def handler(_event: object, _context: object) -> str:
    """What Synthetics calls.

    Raises:
        JourneyError: the run failed.
    """
    report = travel(
        os.environ["TARGET"],
        os.environ["OTHER"],
        customer=os.environ.get("CUSTOMER", "journey"),
        token=_token(os.environ.get("TOKEN_SECRET")),
    )
    print(json.dumps(report.steps))
    return "ok"


def _token(secret: str | None) -> str | None:
    """A token by the client credentials of a secret, or None where the journey needs none."""
    if secret is None:
        return None
    import boto3  # noqa: PLC0415 - the runtime of canaries carries it

    text = boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    known = json.loads(text)
    form = {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = send("POST", known["token_url"], headers, urllib.parse.urlencode(form).encode())
    if answer.status != 200:
        raise JourneyError(f"token: {answer.status}")
    return str(answer.document["access_token"])
