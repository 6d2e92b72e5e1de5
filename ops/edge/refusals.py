"""Requests that must be refused with a clear 4xx, and must write nothing."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.load.http import Http, HttpError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.edge.issuer import Issuer

TENANT = "refusals"
CUSTOMER = f"{TENANT}:c"
VICTIM = "victim:c"


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A bad request, and how it must be answered."""

    name: str
    status: tuple[int, ...]
    method: str = "POST"
    path: str = "/orders"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    customer: str = CUSTOMER
    """Whose orders must be the same before and after."""


def cases(issuer: Issuer, *, replayed: str) -> Iterator[Bad]:
    """The bad requests; `replayed` is an idempotency key under which another order was made."""
    good = {"content-type": "application/json", "authorization": f"Bearer {issuer.token(TENANT)}"}
    order = {"customer_id": CUSTOMER, "items": [{"sku": "x", "quantity": 1}]}

    def posted(name: str, document: Any, status: tuple[int, ...] = (400,), **headers: str) -> Bad:
        return Bad(name=name, status=status, headers={**good, **headers}, body=json.dumps(document).encode())

    yield posted("oversize body", {**order, "note": "x" * 1024, **{f"n{i}": "y" * 1000 for i in range(80)}}, (400, 413))
    yield posted("no customer", {"items": []})
    yield posted("customer is a number", {**order, "customer_id": 7})
    yield posted("items is an object", {**order, "items": {"sku": "x"}})
    yield posted("quantity is text", {**order, "items": [{"sku": "x", "quantity": "1"}]})
    yield posted("quantity is negative", {**order, "items": [{"sku": "x", "quantity": -1}]})
    yield posted("quantity is huge", {**order, "items": [{"sku": "x", "quantity": 10**30}]})
    yield posted("nested beyond the schema", {**order, "extra": {"a": {"b": {"c": 1}}}})
    yield posted("sets what the service sets", {**order, "status": "paid"})
    yield posted("an expression as a customer", {**order, "customer_id": f"{TENANT}:' OR attribute_exists(x) --"})
    yield posted("an operator as a customer", {**order, "customer_id": {"$ne": None}})
    yield posted("markup as a customer", {**order, "customer_id": f"{TENANT}:<script>alert(1)</script>"})
    yield posted("a path as a customer", {**order, "customer_id": f"{TENANT}:../../etc/passwd"})
    yield posted("control characters", {**order, "customer_id": f"{TENANT}:\u0000\u202e"})
    yield Bad(name="not JSON", status=(400,), headers=good, body=b'{"customer_id": ')
    yield Bad(name="not an object", status=(400,), headers=good, body=b"[1, 2]")
    yield Bad(name="a number that is none", status=(400,), headers=good, body=b'{"customer_id": "c", "n": NaN}')
    yield Bad(
        name="not the content type",
        status=(400, 415),
        headers={**good, "content-type": "text/plain"},
        body=json.dumps(order).encode(),
    )
    yield posted("a key without a time", order, (400,), **{"idempotency-key": "0123456789abcdefgh"})
    old = f"{int((time.time() - 3 * 86_400) * 1000)}-old"
    yield posted("a key of three days ago", order, (400,), **{"idempotency-key": old})
    yield posted(
        "a key replayed for another order", {**order, "note": "other"}, (409,), **{"idempotency-key": replayed}
    )
    yield Bad(name="an unknown route", status=(403, 404), method="POST", path="/admin", headers=good, body=b"{}")
    yield Bad(name="a wrong page size", status=(400,), method="GET", path=f"/orders/{CUSTOMER}?limit=0", headers=good)
    yield Bad(
        name="a forged page token", status=(400,), method="GET", path=f"/orders/{CUSTOMER}?next=AAAA", headers=good
    )
    yield from _tokens(issuer, order)
    yield from _tenants(issuer)


def _tokens(issuer: Issuer, order: Mapping[str, Any]) -> Iterator[Bad]:
    body = json.dumps(order).encode()
    json_type = {"content-type": "application/json"}
    good = issuer.token(TENANT)
    header, claims, signature = good.split(".")
    unsigned = _part({"alg": "none", "typ": "JWT", "kid": "sandbox"})
    operator = _part({**json.loads(_decoded(claims)), "scope": "operator", "tenant": "victim"})
    secret = _part({"alg": "HS256", "typ": "JWT", "kid": "sandbox"})
    forged = {
        "no token": "",
        "an expired token": issuer.token(TENANT, lifetime_seconds=-3600),
        "a token that is not valid yet": issuer.token(TENANT, nbf=int(time.time()) + 3600),
        "a token of another issuer": issuer.token(TENANT, iss="https://evil.example.com"),
        "a token for another audience": issuer.token(TENANT, aud="billing"),
        "a token without a tenant": issuer.token("", tenant=None),
        "a token with a forged signature": f"{header}.{claims}.{_flipped(signature)}",
        "a token with other claims": f"{header}.{operator}.{signature}",
        "an unsigned token": f"{unsigned}.{claims}.",
        "a token signed with a shared secret": f"{secret}.{claims}.{signature}",
        "no token at all": "garbage",
    }
    for name, token in forged.items():
        headers = {**json_type, **({"authorization": f"Bearer {token}"} if token else {})}
        yield Bad(name=name, status=(401,), headers=headers, body=body)


def _tenants(issuer: Issuer) -> Iterator[Bad]:
    mine = {"content-type": "application/json", "authorization": f"Bearer {issuer.token(TENANT)}"}
    theirs = {"customer_id": VICTIM, "items": []}
    yield Bad(
        name="an order of another tenant",
        status=(403,),
        headers=mine,
        body=json.dumps(theirs).encode(),
        customer=VICTIM,
    )
    yield Bad(name="orders of another tenant", status=(403,), method="GET", path=f"/orders/{VICTIM}", headers=mine)
    spoofed = {**mine, "x-holdfast-tenant": "victim"}
    yield Bad(
        name="a tenant in a header of one's own",
        status=(403,),
        headers=spoofed,
        body=json.dumps(theirs).encode(),
        customer=VICTIM,
    )
    yield Bad(name="all tenants at once", status=(403,), method="GET", path="/orders?status=pending", headers=mine)
    transfer = {"from_account": VICTIM, "to_account": CUSTOMER, "amount": 1}
    key = {"idempotency-key": f"{int(time.time() * 1000)}-transfer"}
    yield Bad(
        name="credits of another tenant",
        status=(403,),
        path="/transfers",
        headers={**mine, **key},
        body=json.dumps(transfer).encode(),
    )


async def run(http: Http, issuer: Issuer) -> dict[str, dict[str, Any]]:
    """Send every bad request; say of each whether it was refused as it must, and wrote nothing."""
    good = {"content-type": "application/json", "authorization": f"Bearer {issuer.token(TENANT)}"}
    key = f"{int(time.time() * 1000)}-replayed"
    order = {"customer_id": CUSTOMER, "items": [{"sku": "x", "quantity": 1}]}
    await http.post("/orders", order, {**good, "idempotency-key": key})
    results: dict[str, dict[str, Any]] = {}
    for bad in cases(issuer, replayed=key):
        before = await _orders(http, issuer, bad.customer)
        try:
            answer = await http.request(bad.method, bad.path, bad.headers, bad.body)
        except HttpError as error:
            results[bad.name] = {"ok": False, "said": f"no answer ({error})"}
            continue
        written = await _orders(http, issuer, bad.customer) != before
        refused = answer.status in bad.status and _clear(answer.body)
        said = f"{answer.status}{', and something was written' if written else ''} {answer.body[:200]!r}"
        results[bad.name] = {"ok": refused and not written, "status": answer.status, "said": said}
    return results


async def _orders(http: Http, issuer: Issuer, customer: str) -> list[str]:
    headers = {"authorization": f"Bearer {issuer.token(customer.partition(':')[0])}"}
    answer = await http.request("GET", f"/orders/{customer}?limit=1000", headers, b"")
    return sorted(order["order_id"] for order in answer.json()["orders"])


def _clear(body: bytes) -> bool:
    """Whether an answer says in our shape what is wrong, and shows no trace."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(error["code"]) and isinstance(error["message"], str) and "Traceback" not in error["message"]


def _part(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _flipped(signature: str) -> str:
    middle = len(signature) // 2
    return signature[:middle] + ("A" if signature[middle] != "A" else "B") + signature[middle + 1 :]
