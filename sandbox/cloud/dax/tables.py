"""DynamoDB behind the cluster, through its region's gateway, and what the cluster remembers of tables."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any


class TableError(Exception):
    """DynamoDB's own error."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Tables:
    """A client of the gateway, one connection a thread."""

    def __init__(self, port: int, region: str, access_key: str) -> None:
        self._port = port
        credential = f"{access_key}/20260101/{region}/dynamodb/aws4_request"
        self._authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
        self._local = threading.local()
        self._schemas: dict[str, list[tuple[str, str]]] = {}

    def ask(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send an operation.

        Raises:
            TableError: DynamoDB refuses, or does not answer.
        """
        body = json.dumps(params).encode()
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": self._authorization,
        }
        try:
            connection = self._connection()
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._local.connection = None
            raise TableError("InternalServerError", f"DynamoDB does not answer: {error}", 500) from None
        document: dict[str, Any] = json.loads(text)
        if response.status != 200:
            code = str(document.get("__type", "")).rpartition("#")[2]
            message = document.get("message") or document.get("Message") or ""
            raise TableError(code, message, response.status)
        return document

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            self._local.connection = connection
        return connection

    def schema(self, table: str) -> list[tuple[str, str]]:
        """Names and types of a table's key attributes, partition key first.

        Raises:
            TableError: there is no such table.
        """
        known = self._schemas.get(table)
        if known is None:
            description = self.ask("DescribeTable", {"TableName": table})["Table"]
            types = {entry["AttributeName"]: entry["AttributeType"] for entry in description["AttributeDefinitions"]}
            known = [(entry["AttributeName"], types[entry["AttributeName"]]) for entry in description["KeySchema"]]
            self._schemas[table] = known
        return known


class AttributeLists:
    """Ids of lists of attribute names: a client names the attributes of its items by them. 1 is the empty list."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, ...], int] = {(): 1}
        self._names: dict[int, tuple[str, ...]] = {1: ()}

    def identify(self, names: tuple[str, ...]) -> int:
        """The id of a list."""
        with self._lock:
            known = self._ids.get(names)
            if known is None:
                known = self._ids[names] = len(self._ids) + 1
                self._names[known] = names
            return known

    def names(self, identifier: int) -> tuple[str, ...]:
        """The list of an id."""
        return self._names[identifier]
