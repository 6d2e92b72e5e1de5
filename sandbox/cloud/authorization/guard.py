"""Judges requests at the gateways: looks up who signed, and evaluates the policies that bind them.

Every signature is verified. DynamoDB, the use of KMS keys and the assuming of roles are judged; other services let
every known caller through. The sandbox's own access key is the account's administrator.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from awsfacts.iam.document import Document, parse
from awsfacts.iam.evaluate import Policies, Request, evaluate
from sandbox.cloud.authorization import dynamodb, kms, signature, trust
from sandbox.cloud.authorization.shapes import TableShape
from sandbox.cloud.authorization.wish import Wish
from sandbox.cloud.gateway.errors import error
from sandbox.cloud.gateway.gateway import operation_of
from sandbox.cloud.gateway.route import Route
from sandbox.cloud.http import Request as HttpRequest
from sandbox.cloud.http import Response

_REMEMBER_SECONDS = 1.0
"""How long a principal's policies are remembered: a change takes effect within it, as in IAM's eventual consistency."""


_INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message, not a secret
_NOBODY = '{"Version":"2012-10-17","Statement":[]}'
"""The trust policy of a role that is not there."""


class Credentials(NamedTuple):
    """An access key and its secret."""

    access_key: str
    secret_key: str


class Asker(Protocol):
    """Control paths of a part."""

    async def ask(self, action: str, **parameters: Any) -> Any:
        """Ask and wait for the answer."""


class Guard:
    """Authorization of one sandbox."""

    def __init__(self, aws: Asker, tables: Asker, *, administrator: Credentials, account: str) -> None:
        self._aws = aws
        self._tables = tables
        self._administrator = administrator
        self._account = account
        self._known: dict[str, tuple[float, Any]] = {}

    async def refusal(self, request: HttpRequest, route: Route, region: str) -> Response | None:
        """The answer that refuses a request, or None when it is allowed."""
        operation = operation_of(request)
        if not route.access_key:
            return await self._unsigned(request, operation, region)
        who = await self._caller(route.access_key)
        if who is None:
            status = 400 if route.service == "dynamodb" else 403
            return error(request, route.service, status, "UnrecognizedClientException", _INVALID_TOKEN)
        wrong = signature.fault(request, who["secret"], service=route.service, now=time.time())
        if wrong is not None:
            status = 400 if request.header(b"x-amz-target") else 403
            return error(request, route.service, status, *wrong)
        if route.service == "sts" and operation in trust.JUDGED:
            return await self._assumption(request, operation, who, region)
        if route.access_key == self._administrator.access_key or route.service not in ("dynamodb", "kms"):
            return None
        try:
            params = json.loads(request.body or b"{}")
        except ValueError:
            return None  # the service says what is wrong with it
        for wish in await self._wishes(route.service, operation, params, region):
            message = self._denied(who, wish, region)
            if message is not None:
                return error(request, route.service, 400, "AccessDeniedException", message)
        return None

    async def _caller(self, access_key: str) -> Any:
        """Who signs with a key, and what binds them; None when nobody does."""
        if access_key == self._administrator.access_key:
            return {
                "arn": f"arn:aws:iam::{self._account}:user/administrator",
                "secret": self._administrator.secret_key,
                "policies": [trust.ADMINISTRATOR],
                "boundary": None,
                "session": None,
                "tags": {},
            }
        return await self._remembered(f"identity?access_key={quote(access_key)}", self._aws)

    async def _unsigned(self, request: HttpRequest, operation: str, region: str) -> Response | None:
        """Requests without a signature: only a web identity may become a role so."""
        if operation == "AssumeRoleWithWebIdentity":
            form = trust.parameters(request)
            nobody: dict[str, Any] = {"policies": [], "boundary": None, "session": None, "tags": {}}
            who = {"arn": trust.federation(form, self._account), **nobody}
            return await self._assumption(request, operation, who, region)
        code = "MissingAuthenticationToken" + ("Exception" if request.header(b"x-amz-target") else "")
        return error(
            request, "", 400 if code.endswith("Exception") else 403, code, "Request is missing Authentication Token"
        )

    async def _assumption(
        self, request: HttpRequest, operation: str, who: Mapping[str, Any], region: str
    ) -> Response | None:
        form = trust.parameters(request)
        policy = await self._aws.ask(f"trust?role={quote(form.get('RoleArn', ''), safe='')}")
        for wish in trust.wishes(operation, form, policy or _NOBODY):
            message = self._denied(who, wish, region)
            if message is not None:
                return error(request, "sts", 403, "AccessDenied", message)
        return None

    async def _wishes(self, service: str, operation: str, params: Mapping[str, Any], region: str) -> list[Wish]:
        if service == "kms":
            if not kms.judged(operation):
                return []
            blob = params.get("CiphertextBlob", "")
            path = f"key?region={region}&key={quote(str(params.get('KeyId', '')))}&blob={quote(str(blob))}"
            key = await self._aws.ask(path)
            return [] if key is None else kms.wishes(operation, params, key, region)
        shapes: dict[str, TableShape | None] = {}
        for name in dynamodb.tables_of(operation, params):
            found = await self._tables.ask("shape", region=region, table=name)
            shapes[name] = TableShape(**found) if found is not None else None
        return dynamodb.wishes(operation, params, shapes.get, region, self._account)

    def _denied(self, who: Mapping[str, Any], wish: Wish, region: str) -> str | None:
        """Why a wish is denied, in the service's words, or None."""
        policies = Policies(
            identity=[_document(text) for text in who["policies"]],
            boundary=_optional(who["boundary"]),
            session=_optional(who["session"]),
            resource=_optional(wish.policy),
        )
        context = {"aws:RequestedRegion": region, "aws:SecureTransport": "true", **wish.context}
        decision = evaluate(
            Request(
                principal=who["arn"],
                action=wish.action,
                resource=wish.resource,
                context=context,
                session_tags=who["tags"],
            ),
            policies,
        )
        if decision.allowed:
            return None
        because = (
            "with an explicit deny in a policy"
            if decision.explicit_deny
            else f"because no identity-based policy allows the {wish.action} action"
            if "no identity" in decision.reason
            else f"because {decision.reason.rpartition(': ')[2]}"
        )
        return (
            f"User: {who['arn']} is not authorized to perform: {wish.action} on resource: {wish.resource} {because} "
        ).rstrip()

    async def _remembered(self, path: str, part: Asker) -> Any:
        now = time.monotonic()
        known = self._known.get(path)
        if known is not None and now - known[0] < _REMEMBER_SECONDS:
            return known[1]
        answer = await part.ask(path)
        if len(self._known) > 1000:  # sessions come and go
            self._known.clear()
        self._known[path] = (now, answer)
        return answer


@lru_cache(maxsize=1024)
def _document(text: str) -> Document:
    return parse(text)


def _optional(text: str | None) -> Document | None:
    return _document(text) if text else None
