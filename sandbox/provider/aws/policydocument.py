"""`aws.iam.get_policy_document`: builds a policy's JSON as the real data source does."""

from __future__ import annotations

import hashlib
import json

from sandbox.codec import Value
from sandbox.provider.context import Context
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import Properties


def policy_document(_context: Context, args: Properties) -> Properties:
    """The document of these statements, merged with the given source and override documents."""
    statements: list[dict[str, Value]] = []
    for source in args.get("sourcePolicyDocuments") or []:
        statements.extend(_parsed(source))
    _refuse_twice(statements)
    own = [_statement(statement) for statement in args.get("statements") or []]
    statements = _merged(statements, own)
    for override in args.get("overridePolicyDocuments") or []:
        statements = _merged(statements, _parsed(override))
    document: dict[str, Value] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = statements
    text = json.dumps(document, indent=2)
    return {
        **args,
        "version": document["Version"],
        "id": str(int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)),
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _parsed(source: Value) -> list[dict[str, Value]]:
    try:
        document = json.loads(source)
    except (TypeError, ValueError):
        raise ProviderError("getPolicyDocument: a source or override policy document is no JSON") from None
    found = document.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def _refuse_twice(statements: list[dict[str, Value]]) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    for sid in sids:
        if sids.count(sid) > 1:
            raise ProviderError(f"getPolicyDocument: duplicate Sid {sid!r} in the source policy documents; rename one")


def _merged(first: list[dict[str, Value]], second: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """Statements of both; one of `second` replaces one of `first` with the same Sid, in its place."""
    result = list(first)
    for statement in second:
        sid = statement.get("Sid")
        place = next((index for index, other in enumerate(result) if sid and other.get("Sid") == sid), None)
        if place is None:
            result.append(statement)
        else:
            result[place] = statement
    return result


def _statement(given: dict[str, Value]) -> dict[str, Value]:
    statement: dict[str, Value] = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for key, name in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(key):
            statement[name] = _one_or_sorted(given[key])
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(key):
            statement[name] = _principals(given[key])
    if given.get("conditions"):
        statement["Condition"] = _conditions(given["conditions"])
    return statement


def _one_or_sorted(values: list[str]) -> str | list[str]:
    distinct = sorted(set(values), reverse=True)
    return distinct[0] if len(distinct) == 1 else distinct


def _principals(given: list[dict[str, Value]]) -> Value:
    if any(principal["type"] == "*" for principal in given):
        return "*"
    merged: dict[str, list[str]] = {}
    for principal in given:
        merged.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one_or_sorted(identifiers) for kind, identifiers in merged.items()}


def _conditions(given: list[dict[str, Value]]) -> dict[str, Value]:
    merged: dict[str, dict[str, Value]] = {}
    for condition in given:
        values = condition["values"]
        merged.setdefault(condition["test"], {})[condition["variable"]] = (
            values[0] if len(values) == 1 else list(values)
        )
    return merged
