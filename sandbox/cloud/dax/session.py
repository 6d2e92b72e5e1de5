"""One connection of a client: requests in DAX's protocol, in their order.

The method numbers, parameter numbers and shapes are those of amazon-dax-client, whose decoder and encoder are used.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from amazondax import AttributeValueDecoder, AttributeValueEncoder
from amazondax.CborDecoder import NoMoreData
from amazondax.CborEncoder import CborEncoder
from amazondax.Constants import (
    DaxDataRequestParam,
    DaxMethodIds,
    DaxResponseParam,
    ReturnConsumedCapacityValues,
    ReturnValues,
    SelectValues,
)
from amazondax.DaxCborDecoder import DaxCborDecoder

from sandbox.cloud.dax import expressions
from sandbox.cloud.dax.cluster import Cluster
from sandbox.cloud.dax.tables import TableError
from sandbox.cloud.dax.wire import Item, from_json, item_from_json, item_to_json, to_json

_MAGIC = "J7yne5G"
_READ_BYTES = 16_384

_CODES = {
    "ResourceNotFoundException": [4, 37, 38, 39, 41],
    "ProvisionedThroughputExceededException": [4, 37, 38, 39, 40],
    "ConditionalCheckFailedException": [4, 37, 38, 39, 43],
    "ValidationException": [4, 37, 38, 39, 46],
    "InternalServerError": [4, 37, 38, 39, 47],
    "ItemCollectionSizeLimitExceededException": [4, 37, 38, 39, 48],
    "ThrottlingException": [4, 37, 38, 39, 50],
    "AccessDeniedException": [4, 37, 38, 42],
    "RequestLimitExceeded": [4, 37, 38, 39, 61],
}
"""DAX's error codes by DynamoDB's."""

_RETURN_VALUES = {number: name for name, number in vars(ReturnValues).items() if not name.startswith("_")}
_RETURN_CAPACITY = {
    number: name for name, number in vars(ReturnConsumedCapacityValues).items() if not name.startswith("_")
}
_SELECT = {number: name for name, number in vars(SelectValues).items() if not name.startswith("_")}


class _Options(NamedTuple):
    """The named parameters of a request."""

    params: dict[str, Any]
    """As DynamoDB takes them, expressions as text."""
    projection: list[str] | None
    """The paths of the projection, in the order in which an answer numbers them."""


class Session:
    """Serves one connection until the client hangs up."""

    def __init__(self, connection: socket.socket, cluster: Cluster, number: int) -> None:
        self._socket = connection
        self._cluster = cluster
        self._number = number
        self._dec = DaxCborDecoder(self._more)
        self._methods: dict[int, Callable[[CborEncoder], None]] = {
            DaxMethodIds.endpoints_455855874_1_Id: self._endpoints,
            DaxMethodIds.defineKeySchema_N742646399_1_Id: self._define_key_schema,
            DaxMethodIds.defineAttributeList_670678385_1_Id: self._define_attribute_list,
            DaxMethodIds.defineAttributeListId_N1230579644_1_Id: self._define_attribute_list_id,
            DaxMethodIds.getItem_263244906_1_Id: self._get_item,
            DaxMethodIds.putItem_N2106490455_1_Id: self._put_item,
            DaxMethodIds.updateItem_1425579023_1_Id: self._update_item,
            DaxMethodIds.deleteItem_1013539361_1_Id: self._delete_item,
            DaxMethodIds.batchGetItem_N697851100_1_Id: self._batch_get_item,
            DaxMethodIds.batchWriteItem_116217951_1_Id: self._batch_write_item,
            DaxMethodIds.query_N931250863_1_Id: self._query,
            DaxMethodIds.scan_N1875390620_1_Id: self._scan,
        }
        self._refused = {
            DaxMethodIds.transactGetItems_1866287579_1_Id: ("TransactGetItems", 4),
            DaxMethodIds.transactWriteItems_N1160037738_1_Id: ("TransactWriteItems", 9),
        }

    def _more(self, buffer: bytearray, wanted: int) -> int:
        data = self._socket.recv(max(wanted, _READ_BYTES))
        if not data:
            raise NoMoreData
        buffer += data
        return len(data)

    def run(self) -> None:
        """Serve until the client hangs up."""
        try:
            self._greet()
            while True:
                self._serve_one()
        except (NoMoreData, OSError):
            return
        finally:
            self._socket.close()

    def _greet(self) -> None:
        if self._dec.decode_string() != _MAGIC:
            raise NoMoreData
        self._dec.decode_int()  # layering
        self._dec.decode_object()  # session
        self._dec.decode_map()  # user agent
        self._dec.decode_int()  # types

    def _serve_one(self) -> None:
        self._dec.decode_int()  # service
        method = self._dec.decode_int()
        if method == DaxMethodIds.authorizeConnection_1489122155_1_Id:
            for _ in range(5):  # access key, signature, string to sign, token, user agent: it has no answer
                self._dec.decode_object()
            return
        answer = CborEncoder()
        if method not in self._methods and method not in self._refused:
            raise NoMoreData  # its parameters cannot be told from the next request
        try:
            self._answer(method, answer)
        except TableError as error:
            answer = _failure(error)
        self._socket.sendall(answer.as_bytes())

    def _answer(self, method: int, answer: CborEncoder) -> None:
        if method in self._refused:
            name, count = self._refused[method]
            for _ in range(count):
                self._dec.decode_object()
            message = f"the sandbox's DAX does not serve {name}: send it to DynamoDB"
            raise TableError("ValidationException", message, 400)
        answer.append_array_header(0)
        self._methods[method](answer)

    # What a request holds.

    def _table(self) -> str:
        return bytes(self._dec.decode_binary()).decode()

    def _schema(self, table: str) -> list[dict[str, str]]:
        return [{"AttributeName": name, "AttributeType": kind} for name, kind in self._cluster.tables.schema(table)]

    def _key(self, decoder: Any, schema: list[dict[str, str]]) -> Item:
        return item_to_json(AttributeValueDecoder._decode_key_bytes(decoder, schema))  # noqa: SLF001 - its only way

    def _values(self, decoder: Any) -> Item:
        """An item's attributes but its key."""
        inner = decoder.decode_cbor()
        names = self._cluster.lists.names(inner.decode_int())
        values = AttributeValueDecoder._decode_anonymous_streamed_values(inner)  # noqa: SLF001 - its only way
        return {name: to_json(value) for name, value in zip(names, values, strict=True)}

    def _options(self, schema: list[dict[str, str]]) -> _Options:
        params: dict[str, Any] = {}
        raw: dict[int, bytes] = {}
        start: bytes | None = None
        if self._dec.try_decode_null():
            return _Options(params, None)
        for entry in self._dec.decode_map_iter():
            name = entry.decode_int()
            if name == DaxDataRequestParam.ExpressionAttributeNames:
                entry.decode_map()
                continue
            if name == DaxDataRequestParam.ExpressionAttributeValues:
                AttributeValueDecoder._decode_attribute_value(entry)  # noqa: SLF001 - they are in the trees too
                continue
            value = entry.decode_object()
            if name == DaxDataRequestParam.ConsistentRead:
                params["ConsistentRead"] = bool(value)
            elif name == DaxDataRequestParam.ScanIndexForward:
                params["ScanIndexForward"] = bool(value)
            elif name == DaxDataRequestParam.ReturnConsumedCapacity:
                params["ReturnConsumedCapacity"] = _RETURN_CAPACITY[value]
            elif name == DaxDataRequestParam.ReturnValues:
                params["ReturnValues"] = _RETURN_VALUES[value]
            elif name == DaxDataRequestParam.Select:
                params["Select"] = _SELECT[value]
            elif name == DaxDataRequestParam.IndexName:
                params["IndexName"] = bytes(value).decode()
            elif name in (DaxDataRequestParam.Limit, DaxDataRequestParam.Segment, DaxDataRequestParam.TotalSegments):
                params[{13: "Limit", 16: "Segment", 17: "TotalSegments"}[name]] = value
            elif name == DaxDataRequestParam.ExclusiveStartKey:
                start = bytes(value)
            elif isinstance(value, bytes | bytearray):
                raw[name] = bytes(value)  # an expression; of two under one number the second is the tree
        placeholders = expressions.Placeholders()
        self._pending = placeholders
        for number, parameter in (
            (DaxDataRequestParam.ConditionExpression, "ConditionExpression"),
            (DaxDataRequestParam.FilterExpression, "FilterExpression"),
        ):
            if number in raw:
                params[parameter] = expressions.condition(raw[number], placeholders)
        if DaxDataRequestParam.UpdateExpression in raw:
            params["UpdateExpression"] = expressions.update(raw[DaxDataRequestParam.UpdateExpression], placeholders)
        projection = None
        if DaxDataRequestParam.ProjectionExpression in raw:
            projection = expressions.projection(raw[DaxDataRequestParam.ProjectionExpression], placeholders)
            params["ProjectionExpression"] = ", ".join(projection)
        if start is not None:
            params["ExclusiveStartKey"] = self._start_key(start, schema, index="IndexName" in params)
        params |= placeholders.parameters()
        return _Options(params, projection)

    def _start_key(self, data: bytes, schema: list[dict[str, str]], *, index: bool) -> Item:
        if index:
            return item_to_json(AttributeValueDecoder._decode_compound_key(expressions.decoder_of(data)))  # noqa: SLF001
        outer = CborEncoder().append_binary(data).as_bytes()
        return self._key(expressions.decoder_of(outer), schema)

    # What an answer holds.

    def _append_values(self, answer: CborEncoder, item: Item, schema: list[dict[str, str]]) -> None:
        keys = {entry["AttributeName"] for entry in schema}
        names = tuple(sorted(name for name in item if name not in keys))
        identifier = self._cluster.lists.identify(names)
        answer.append_binary(AttributeValueEncoder.encode_values(item_from_json(item), schema, names, identifier))

    def _append_key(self, answer: CborEncoder, item: Item, schema: list[dict[str, str]]) -> None:
        answer.append_binary(AttributeValueEncoder.encode_key(item_from_json(item), schema))

    def _append_projected(self, answer: CborEncoder, item: Item, paths: list[str], names: dict[str, str]) -> None:
        found = [(number, value) for number, path in enumerate(paths) if (value := _at(item, path, names)) is not None]
        answer.append_map_header(len(found))
        for number, value in found:
            answer.append_int(number)
            AttributeValueEncoder.encode_attribute_value_direct(answer, from_json(value))

    # Methods.

    def _endpoints(self, answer: CborEncoder) -> None:
        nodes = self._cluster.nodes()
        answer.append_array_header(len(nodes))
        for number, port in nodes:
            answer.append_map_header(7)
            leader = number == nodes[0][0]
            for field, value in enumerate(
                (number, "127.0.0.1", b"\x7f\x00\x00\x01", port, 1 if leader else 2, "az", 1)
            ):
                answer.append_int(field)
                if isinstance(value, bytes):
                    answer.append_binary(value)
                elif isinstance(value, str):
                    answer.append_string(value)
                else:
                    answer.append_int(value)

    def _define_key_schema(self, answer: CborEncoder) -> None:
        schema = self._schema(self._table())
        answer.append_map_header(len(schema))
        for entry in schema:
            answer.append_string(entry["AttributeName"])
            answer.append_string(entry["AttributeType"])

    def _define_attribute_list(self, answer: CborEncoder) -> None:
        names = self._cluster.lists.names(self._dec.decode_int())
        answer.append_array_header(len(names))
        for name in names:
            answer.append_string(name)

    def _define_attribute_list_id(self, answer: CborEncoder) -> None:
        answer.append_int(self._cluster.lists.identify(tuple(self._dec.decode_array())))

    def _get_item(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        key = self._key(self._dec, schema)
        options = self._options(schema)
        item, consumed = self._cluster.get_item(table, key, options.params)
        fields = (item is not None) + (consumed is not None)
        if not fields:
            answer.append_null()
            return
        answer.append_map_header(fields)
        if item is not None:
            answer.append_int(DaxResponseParam.Item)
            if options.projection is None:
                self._append_values(answer, item, schema)
            else:
                names = options.params.get("ExpressionAttributeNames", {})
                self._append_projected(answer, item, options.projection, names)
        self._append_consumed(answer, consumed)

    def _append_consumed(self, answer: CborEncoder, consumed: dict[str, Any] | None) -> None:
        if consumed is not None:
            answer.append_int(DaxResponseParam.ConsumedCapacity)
            answer.append_binary(_capacity(consumed))

    def _written(self, answer: CborEncoder, result: dict[str, Any], schema: list[dict[str, str]], mode: str) -> None:
        attributes, consumed = result.get("Attributes"), result.get("ConsumedCapacity")
        if attributes is None and consumed is None:
            answer.append_null()
            return
        answer.append_map_header((attributes is not None) + (consumed is not None))
        if attributes is not None:
            answer.append_int(DaxResponseParam.Attributes)
            if mode in ("UPDATED_OLD", "UPDATED_NEW"):
                names = tuple(sorted(attributes))
                inner = CborEncoder()
                inner.append_int(self._cluster.lists.identify(names))
                inner.append_map_header(len(names))
                for number, name in enumerate(names):
                    inner.append_int(number)
                    AttributeValueEncoder.encode_attribute_value_direct(inner, from_json(attributes[name]))
                answer.append_binary(inner.as_bytes())
            else:
                self._append_values(answer, attributes, schema)
        self._append_consumed(answer, consumed)

    def _put_item(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        item = {**self._key(self._dec, schema), **self._values(self._dec)}
        params = self._options(schema).params
        self._written(answer, self._cluster.put_item(table, item, params), schema, "ALL_OLD")

    def _delete_item(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        key = self._key(self._dec, schema)
        params = self._options(schema).params
        self._written(answer, self._cluster.delete_item(table, key, params), schema, "ALL_OLD")

    def _update_item(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        key = self._key(self._dec, schema)
        params = self._options(schema).params
        mode = params.get("ReturnValues", "NONE")
        self._written(answer, self._cluster.update_item(table, key, params), schema, mode)

    def _batch_get_item(self, answer: CborEncoder) -> None:
        wanted: dict[str, tuple[list[Item], list[str] | None, dict[str, Any]]] = {}
        schemas: dict[str, list[dict[str, str]]] = {}
        for entry in self._dec.decode_map_iter():
            table = entry.decode_string()
            schemas[table] = self._schema(table)
            entry._decode_array_header()  # noqa: SLF001 - three entries
            params: dict[str, Any] = {"ConsistentRead": entry.decode_object()}
            paths = None
            if not entry.try_decode_null():
                placeholders = expressions.Placeholders()
                paths = expressions.projection(bytes(entry.decode_binary()), placeholders)
                params |= {"ProjectionExpression": ", ".join(paths), **placeholders.parameters()}
            keys = [self._key(part, schemas[table]) for part in entry.decode_array_iter()]
            wanted[table] = (keys, paths, params)
        self._options([])
        answer.append_array_header(2)
        answer.append_map_header(len(wanted))
        for table, (keys, paths, params) in wanted.items():
            items = self._cluster.batch_get(table, keys, params)
            answer.append_string(table)
            if paths is not None:
                answer.append_array_header(len(items))
                for item in items:
                    self._append_projected(answer, item, paths, params.get("ExpressionAttributeNames", {}))
            else:
                answer.append_array_header(2 * len(items))
                for item in items:
                    self._append_key(answer, item, schemas[table])
                    self._append_values(answer, item, schemas[table])
        answer.append_map_header(0)  # unprocessed keys
        answer.append_array_header(0)  # consumed capacity

    def _batch_write_item(self, answer: CborEncoder) -> None:
        writes: dict[str, list[tuple[Item, Item | None]]] = {}
        for entry in self._dec.decode_map_iter():
            table = entry.decode_string()
            schema = self._schema(table)
            found = writes.setdefault(table, [])
            for _ in range(entry._decode_array_header() // 2):  # noqa: SLF001 - its only way
                key = self._key(entry, schema)
                found.append((key, None if entry.try_decode_null() else {**key, **self._values(entry)}))
        self._options([])
        self._cluster.batch_write(writes)
        answer.append_map_header(0)  # unprocessed items
        answer.append_array_header(0)  # consumed capacity
        answer.append_map_header(0)  # item collection metrics

    def _query(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        encoded = None if self._dec.try_decode_null() else bytes(self._dec.decode_binary())
        options = self._options(schema)
        params = dict(options.params)
        if encoded is not None:
            placeholders = expressions.Placeholders()
            placeholders.names.update(params.get("ExpressionAttributeNames", {}))
            placeholders.values.update(params.get("ExpressionAttributeValues", {}))
            params["KeyConditionExpression"] = expressions.condition(encoded, placeholders)
            params |= placeholders.parameters()
        self._page(answer, self._cluster.search("Query", table, params), schema, options)

    def _scan(self, answer: CborEncoder) -> None:
        table = self._table()
        schema = self._schema(table)
        options = self._options(schema)
        self._page(answer, self._cluster.search("Scan", table, dict(options.params)), schema, options)

    def _page(
        self, answer: CborEncoder, result: dict[str, Any], schema: list[dict[str, str]], options: _Options
    ) -> None:
        items, last = result.get("Items"), result.get("LastEvaluatedKey")
        consumed = result.get("ConsumedCapacity")
        answer.append_map_header(2 + (items is not None) + (last is not None) + (consumed is not None))
        if items is not None:
            answer.append_int(DaxResponseParam.Items)
            answer.append_array_header(len(items))
            for item in items:
                if options.projection is not None:
                    names = options.params.get("ExpressionAttributeNames", {})
                    self._append_projected(answer, item, options.projection, names)
                else:
                    answer.append_array_header(2)
                    self._append_key(answer, item, schema)
                    self._append_values(answer, item, schema)
        for number, name in ((DaxResponseParam.Count, "Count"), (DaxResponseParam.ScannedCount, "ScannedCount")):
            answer.append_int(number)
            answer.append_int(result[name])
        if last is not None:
            answer.append_int(DaxResponseParam.LastEvaluatedKey)
            if "IndexName" in options.params:
                answer.append_binary(AttributeValueEncoder.encode_compound_key(item_from_json(last)))
            else:
                self._append_key(answer, last, schema)
        self._append_consumed(answer, consumed)


def _failure(error: TableError) -> CborEncoder:
    answer = CborEncoder()
    codes = _CODES.get(error.code, _CODES["InternalServerError" if error.status >= 500 else "ValidationException"])
    answer.append_array_header(len(codes))
    for code in codes:
        answer.append_int(code)
    answer.append_string(error.message)
    answer.append_array_header(3)
    answer.append_string("sandbox")
    answer.append_string(error.code)
    answer.append_int(error.status)
    return answer


def _capacity(consumed: dict[str, Any]) -> bytes:
    inner = CborEncoder()
    inner.append_string(consumed["TableName"])
    inner.append_number(consumed["CapacityUnits"])
    if "Table" in consumed:
        inner.append_number(consumed["Table"]["CapacityUnits"])
    else:
        inner.append_null()
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = consumed.get(name)
        if not indexes:
            inner.append_null()
            continue
        inner.append_map_header(len(indexes))
        for index, units in indexes.items():
            inner.append_string(index)
            inner.append_number(units["CapacityUnits"])
    encoded: bytes = inner.as_bytes()
    return encoded


def _at(item: Item, path: str, names: dict[str, str]) -> Any:
    """The value at a path of text (`#n0.#n1[2]`), or None."""
    value: Any = {"M": item}
    for word in path.replace("[", ".[").split("."):
        if value is None:
            return None
        if word.startswith("["):
            entries = value.get("L")
            number = int(word[1:-1])
            value = entries[number] if entries is not None and number < len(entries) else None
        else:
            value = (value.get("M") or {}).get(names.get(word, word))
    return value
