"""Who may become a role: AssumeRole and AssumeRoleWithWebIdentity as wishes against the role's trust policy."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from sandbox.cloud.authorization.wish import Wish
from sandbox.cloud.http import Request

ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
"""The identity policy of the sandbox's own access key."""

JUDGED = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity"})


def parameters(request: Request) -> dict[str, str]:
    """The form of a query-protocol request."""
    return {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def wishes(operation: str, form: Mapping[str, str], trust: str) -> list[Wish]:
    """What a request to become a role wants.

    Args:
        operation: AssumeRole or AssumeRoleWithWebIdentity.
        form: its parameters.
        trust: the role's trust policy, as JSON.
    """
    role = form.get("RoleArn", "")
    context: dict[str, str | list[str]] = {"sts:RoleSessionName": form.get("RoleSessionName", "")}
    if "ExternalId" in form:
        context["sts:ExternalId"] = form["ExternalId"]
    if "SourceIdentity" in form:
        context["sts:SourceIdentity"] = form["SourceIdentity"]
    tags = _members(form, "Tags.member.")
    for tag in tags:
        context[f"aws:RequestTag/{tag.get('Key', '')}"] = tag.get("Value", "")
    if tags:
        context["aws:TagKeys"] = [tag.get("Key", "") for tag in tags]
    if operation == "AssumeRoleWithWebIdentity":
        issuer, claims = _claims(form.get("WebIdentityToken", ""))
        context |= {f"{issuer}:{name}": value for name, value in claims.items()}
    found = [Wish(action=f"sts:{operation}", resource=role, context=context, policy=trust)]
    if tags:
        found.append(Wish(action="sts:TagSession", resource=role, context=context, policy=trust))
    return found


def federation(form: Mapping[str, str], account: str) -> str:
    """The ARN of the identity provider that a web identity token comes from."""
    issuer, _ = _claims(form.get("WebIdentityToken", ""))
    return f"arn:aws:iam::{account}:oidc-provider/{issuer}"


def _members(form: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        if name.startswith(prefix):
            number, _, member = name[len(prefix) :].partition(".")
            found.setdefault(number, {})[member] = value
    return list(found.values())


def _claims(token: str) -> tuple[str, dict[str, str]]:
    """Issuer without its scheme, and the claims that conditions may ask about. The token itself is not verified."""
    try:
        part = token.split(".")[1]
        content: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return "", {}
    if not isinstance(content, dict):
        return "", {}
    issuer = str(content.get("iss", "")).removeprefix("https://")
    return issuer, {name: str(content[name]) for name in ("aud", "sub", "azp", "amr") if name in content}
