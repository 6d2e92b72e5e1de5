"""A stub resolver with a cache, as an operating system or a client library has one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_SECONDS = 2.0


class UnknownNameError(OSError):
    """A name that was not answered."""


class Resolver:
    """Asks one server for addresses, and asks again when the shortest time to live of an answer is over."""

    def __init__(self, server: tuple[str, int], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}
        self.queries = 0

    async def address(self, name: str) -> str:
        """The address of a name.

        Raises:
            UnknownNameError: there is none, or no answer came.
        """
        known = self._known.get(name)
        if known is not None and self._clock() < known[0]:
            return known[1]
        self.queries += 1
        query = dns.message.make_query(name, dns.rdatatype.A)
        host, port = self._server
        try:
            answer = await dns.asyncquery.udp(query, host, port=port, timeout=ANSWER_SECONDS)
        except (dns.exception.DNSException, OSError) as error:
            raise UnknownNameError(f"{name}: {type(error).__name__}") from None
        addresses = [item.address for item in answer.answer if item.rdtype == dns.rdatatype.A for item in item]
        if not addresses:
            raise UnknownNameError(f"{name}: no address")
        seconds = min(part.ttl for part in answer.answer)
        self._known[name] = (self._clock() + seconds, addresses[0])
        return str(addresses[0])
