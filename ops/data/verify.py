"""Comparing two tables of one region, such as a table and its restored copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.data.compare import Comparer, Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Renamed:
    """A client that asks another table than it is told to: the comparer knows one name."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def scan(self, **request: Any) -> Any:
        """Scan the other table."""
        return self._client.scan(**{**request, "TableName": self._table})

    def get_item(self, **request: Any) -> Any:
        """Read from the other table."""
        return self._client.get_item(**{**request, "TableName": self._table})


def compare_tables(client: Any, first: str, second: str, *, key_names: Sequence[str]) -> Comparison:
    """Compare two tables of one region by the digests of their items."""
    comparer = Comparer((client, _Renamed(client, second)), table=first, key_names=key_names)
    return comparer.run(first, second)
