"""Sessions: items that end by themselves."""

from __future__ import annotations

import secrets
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdfast.errors import ConditionalCheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdfast import AsyncClient

LIFETIME_SECONDS = 3_600


class Sessions:
    """Sessions of users. DynamoDB deletes expired items within days, so a read looks at the time itself."""

    def __init__(self, client: AsyncClient, table: str, *, wall: Callable[[], float] = time.time) -> None:
        self._table = client.table(table)
        self._wall = wall

    async def start(self, data: Mapping[str, Any], *, lifetime_seconds: int = LIFETIME_SECONDS) -> dict[str, Any]:
        """Begin a session."""
        item = {
            "session_id": secrets.token_urlsafe(24),
            "data": dict(data),
            "expires_at": Decimal(int(self._wall()) + lifetime_seconds),
        }
        await self._table.put(item, condition="attribute_not_exists(session_id)")
        return item

    async def get(self, session_id: str) -> dict[str, Any] | None:
        """A session that has not expired, or None."""
        item = await self._table.get({"session_id": session_id})
        return item if item is not None and item["expires_at"] > self._wall() else None

    async def extend(self, session_id: str, *, lifetime_seconds: int = LIFETIME_SECONDS) -> dict[str, Any] | None:
        """Let a session last that long from now on; None when there is none."""
        now = int(self._wall())
        try:
            result = await self._table.update(
                {"session_id": session_id},
                "SET expires_at = :until",
                condition="attribute_exists(session_id) AND expires_at > :now",
                values={":until": now + lifetime_seconds, ":now": now},
                return_values="ALL_NEW",
            )
        except ConditionalCheckFailedError:
            return None
        found: dict[str, Any] = result.attributes
        return found

    async def end(self, session_id: str) -> None:
        """End a session."""
        await self._table.delete({"session_id": session_id})
