"""PartiQL statements as wishes: each has an action of its own (`dynamodb:PartiQLSelect`, …)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.cloud.authorization.shapes import TableShape
from sandbox.cloud.authorization.wish import Wish
from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.expressions.nodes import Among, Attribute, Compare, Literal, Node
from sandbox.cloud.dynamodb.operations.reading import attributes
from sandbox.cloud.dynamodb.partiql import Bound, Delete, Exists, Insert, Select, Statement, Update, bind
from sandbox.cloud.dynamodb.partiql.bind import conjuncts
from sandbox.cloud.dynamodb.partiql.requests import statements

_ACTIONS: dict[type[Any], str] = {
    Select: "PartiQLSelect",
    Exists: "PartiQLSelect",
    Insert: "PartiQLInsert",
    Update: "PartiQLUpdate",
    Delete: "PartiQLDelete",
}


def wishes(operation: str, params: Mapping[str, Any], shapes: Callable[[str], TableShape | None]) -> list[Wish]:
    """What a request's statements want; those that cannot be read are the operation's to refuse."""
    found = []
    for statement, parameters in statements(params):
        try:
            bound = bind(statement, parameters)
        except ServiceError:
            continue
        found.append(_wish(operation, statement, bound, shapes(statement.source.table)))
    return found


def _wish(operation: str, statement: Statement, bound: Bound, shape: TableShape | None) -> Wish:
    source = statement.source
    context: dict[str, str | list[str]] = {}
    if shape is not None:
        partition = shape.partition if source.index_name is None else shape.indexes.get(source.index_name, "")
        leading = list(_leading(partition, bound))
        if leading:
            context["dynamodb:LeadingKeys"] = leading
        elif isinstance(statement, Select):
            context["dynamodb:FullTableScan"] = "true"
    named = set(bound.item) | {str(action.path[0]) for action in bound.update}
    if bound.where is not None:
        named |= set(attributes(bound.where))
    if isinstance(statement, Select):
        named |= {str(column.path[0]) for column in statement.columns}
        context["dynamodb:Select"] = "SPECIFIC_ATTRIBUTES" if statement.columns else "ALL_ATTRIBUTES"
    if named:
        context["dynamodb:Attributes"] = sorted(named)
    if operation == "ExecuteTransaction":
        context["dynamodb:EnclosingOperation"] = operation
    arn = shape.arn if shape is not None else source.table
    return Wish(
        action=f"dynamodb:{_ACTIONS[type(statement)]}",
        resource=arn if source.index_name is None else f"{arn}/index/{source.index_name}",
        context=context,
        policy=shape.policy if shape is not None else None,
    )


def _leading(partition: str, bound: Bound) -> Iterator[str]:
    """The partition keys that a statement can reach; none when it can reach all."""
    if partition in bound.item:
        yield _text(bound.item[partition])
    for node in conjuncts(bound.where):
        for value in _values(Attribute((partition,)), node):
            yield _text(value)


def _values(attribute: Attribute, node: Node) -> list[dict[str, Any]]:
    if isinstance(node, Compare) and node.operator == "=":
        sides = (node.left, node.right)
        return [side.value for side in sides if isinstance(side, Literal)] if attribute in sides else []
    if isinstance(node, Among) and node.operand == attribute:
        return [choice.value for choice in node.choices if isinstance(choice, Literal)]
    return []


def _text(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values()), ""))
