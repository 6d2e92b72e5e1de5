"""Key schemas: which attributes are keys, and what a request must give for them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sandbox.cloud.dynamodb.errors import ServiceError, invalid, invalid_values
from sandbox.cloud.dynamodb.values import Item, check, check_item, kind, order, size

MAX_PARTITION_BYTES = 2048
MAX_SORT_BYTES = 1024

Token = tuple[str, ...]
"""An item's key as hashable text: partition key, then sort key where there is one."""


class KeyAttribute(NamedTuple):
    """One attribute of a key and its type (S, N or B)."""

    name: str
    type: str


class KeySchema(NamedTuple):
    """The key of a table or index. Only global indexes have further attributes beyond one of each kind."""

    partition: KeyAttribute
    sort: KeyAttribute | None
    partitions: tuple[KeyAttribute, ...] = ()
    """Further attributes of the partition key."""
    sorts: tuple[KeyAttribute, ...] = ()
    """Further attributes of the sort key, in the order in which they sort."""

    @property
    def all_partitions(self) -> tuple[KeyAttribute, ...]:
        """The attributes of the partition key."""
        return (self.partition, *self.partitions)

    @property
    def all_sorts(self) -> tuple[KeyAttribute, ...]:
        """The attributes of the sort key, none where there is none."""
        return () if self.sort is None else (self.sort, *self.sorts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its attributes, the partition key's first."""
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """Its attributes, the partition key's first."""
        if not self.partitions and not self.sorts:
            return (self.partition,) if self.sort is None else (self.partition, self.sort)
        return (*self.all_partitions, *self.all_sorts)

    def of(self, item: Item) -> Item:
        """The key part of an item."""
        return {name: item[name] for name in self.names}

    def token(self, item: Item) -> Token:
        """The key of a checked item or key of a table as text."""
        partition = item[self.partition.name][self.partition.type]
        return (partition,) if self.sort is None else (partition, item[self.sort.name][self.sort.type])

    def partition_text(self, item: Item) -> str:
        """An item's partition key as text: one value as it is, several as a list."""
        if not self.partitions:
            return str(item[self.partition.name][self.partition.type])
        return json.dumps([item[name][kind_] for name, kind_ in self.all_partitions])

    def sort_value(self, item: Item) -> tuple[Any, ...]:
        """What an item sorts by in its partition."""
        if not self.sorts:
            return () if self.sort is None else (order(item[self.sort.name]),)
        return tuple(order(item[attribute.name]) for attribute in self.all_sorts)

    def document(self) -> list[dict[str, str]]:
        """The schema as DescribeTable gives it."""
        roles = [(attribute, "HASH") for attribute in self.all_partitions]
        roles += [(attribute, "RANGE") for attribute in self.all_sorts]
        return [{"AttributeName": attribute.name, "KeyType": role} for attribute, role in roles]


def require_key(schema: KeySchema, key: Any) -> Item:
    """A `Key` parameter, checked against the schema.

    Raises:
        ServiceError: attributes are absent, too many, of the wrong type, empty or too long.
    """
    checked = check_item(key)
    if len(checked) != len(schema.names) or any(name not in checked for name in schema.names):
        raise invalid("The provided key element does not match the schema")
    for attribute in schema.attributes:
        if kind(checked[attribute.name]) != attribute.type:
            raise invalid("The provided key element does not match the schema")
    _check_lengths(schema, checked)
    return checked


def require_item_key(schema: KeySchema, item: Item) -> None:
    """The key attributes of a whole item.

    Raises:
        ServiceError: one is missing, of the wrong type, empty or too long.
    """
    for attribute in schema.attributes:
        value = item.get(attribute.name)
        if value is None:
            raise invalid_values(f"Missing the key {attribute.name} in the item")
        found = kind(value)
        if found != attribute.type:
            raise invalid_values(f"Type mismatch for key {attribute.name} expected: {attribute.type} actual: {found}")
    _check_lengths(schema, item)


def _check_lengths(schema: KeySchema, item: Item) -> None:
    for attribute, limit in zip(schema.attributes, (MAX_PARTITION_BYTES, MAX_SORT_BYTES), strict=False):
        value = item[attribute.name]
        if attribute.type == "N":
            continue
        length = size(value)
        if length == 0:
            what = "string" if attribute.type == "S" else "binary"
            raise invalid_values(
                f"The AttributeValue for a key attribute cannot contain an empty {what} value. Key: {attribute.name}"
            )
        if length > limit:
            which = "hashkey" if limit == MAX_PARTITION_BYTES else "rangekey"
            raise invalid_values(
                f"Size of {which} has exceeded the maximum size limit of{limit} bytes"
                if which == "hashkey"
                else f"Aggregated size of all range keys has exceeded the size limit of {limit} bytes"
            )


def check_index_keys(index: str, schema: KeySchema, item: Item, table_names: tuple[str, ...]) -> None:
    """The index key attributes that an item has: of the right type, and not empty.

    Raises:
        ServiceError: one does not fit.
    """
    for attribute in schema.attributes:
        value = item.get(attribute.name)
        if value is None or attribute.name in table_names:
            continue
        found = kind(value)
        if found != attribute.type:
            raise invalid_values(
                f"Type mismatch for Index Key {attribute.name} Expected: {attribute.type} Actual: {found} "
                f"IndexName: {index}"
            )
        if found != "N" and size(value) == 0:
            what = "string" if found == "S" else "binary"
            raise invalid_values(
                "A value specified for a secondary index key is not supported. The AttributeValue for a key attribute "
                f"cannot contain an empty {what} value. IndexName: {index}, IndexKey: {attribute.name}"
            )


def start_key(schema: KeySchema, table: KeySchema, key: Any) -> Item:
    """An ExclusiveStartKey, checked.

    Raises:
        ServiceError: it is not a key of the table or index.
    """
    try:
        checked = {name: check(value) for name, value in key.items()}
    except ServiceError as error:
        if error.code != "ValidationException":
            raise
        raise invalid("The provided starting key is invalid: " + error.message) from None
    wanted = {attribute.name: attribute.type for attribute in (*table.attributes, *schema.attributes)}
    if set(checked) != set(wanted):
        raise invalid("The provided starting key is invalid")
    if any(kind(value) != wanted[name] for name, value in checked.items()):
        raise invalid("The provided starting key is invalid: The provided key element does not match the schema")
    return checked
