"""Reading the parameters of a request that several operations share."""

from __future__ import annotations

import re
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid, table_missing
from sandbox.cloud.dynamodb.expressions import Binder
from sandbox.cloud.dynamodb.table import Table
from sandbox.cloud.dynamodb.values import serialization

Params = dict[str, Any]

_NAME = re.compile(r"[a-zA-Z0-9_.-]+\Z")
_ARN = re.compile(r"arn:aws:dynamodb:([a-z0-9-]+):([0-9]{12}):table/([a-zA-Z0-9_.-]{3,255})\Z")


def table_name(params: Params, region: str, *, member: str = "tableName") -> str:
    """The TableName of a request, a name or an ARN of this region.

    Raises:
        ServiceError: it is absent or malformed, or names another region.
    """
    name = params.get("TableName")
    if name is None:
        raise constraint(None, member, "Member must not be null")
    if not isinstance(name, str):
        raise serialization("Unexpected value type in payload")
    if name.startswith("arn:"):
        match = _ARN.match(name)
        if match is None:
            raise invalid("Invalid table ARN")
        if match.group(1) != region:
            raise ServiceError("AccessDeniedException", f"Table ARN {name} is not in region {region}")
        return match.group(3)
    check_name(name, member)
    return name


def check_name(name: str, member: str, *, low: int = 1) -> None:
    """A table's name by the service's own rules.

    Raises:
        ServiceError: it is too short, too long, or has characters that names do not have.
    """
    if len(name) < low:
        raise constraint(name, member, f"Member must have length greater than or equal to {low}")
    if len(name) > 255:
        raise constraint(name, member, "Member must have length less than or equal to 255")
    if not _NAME.match(name):
        raise constraint(name, member, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")


def constraint(value: Any, member: str, rule: str) -> ServiceError:
    """The validation error of one member of the request."""
    shown = "null" if value is None else f"'{value}'"
    return invalid(f"1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: {rule}")


def binder(params: Params, *expressions: str) -> Binder:
    """The placeholders of an operation that has these expression parameters."""
    return Binder(
        params.get("ExpressionAttributeNames"),
        params.get("ExpressionAttributeValues"),
        expressions={name: params.get(name) for name in expressions},
    )


def refuse_mixing(params: Params, expressions: tuple[str, ...], legacy: tuple[str, ...]) -> None:
    """Expressions and the parameters that they replaced exclude each other.

    Raises:
        ServiceError: both are there.
    """
    new = [name for name in expressions if params.get(name) is not None]
    old = [name for name in legacy if params.get(name) is not None]
    if new and old:
        raise invalid(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
            f"{{{', '.join(old)}}} Expression parameters: {{{', '.join(new)}}}"
        )


def require_table(table: Table | None) -> Table:
    """The table, or the error that item operations give.

    Raises:
        ServiceError: there is none.
    """
    if table is None or table.status == "CREATING":
        raise table_missing()
    return table
