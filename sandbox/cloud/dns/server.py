"""DNS over UDP and TCP on loopback."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from sandbox.cloud.dns.answers import Answer

Lookup = Callable[[str], list[Answer] | None]
"""Name → answers for an address, None where the name is in no zone of ours."""


def reply(wire: bytes, lookup: Lookup) -> bytes | None:
    """The answer to a DNS message, None to what is none."""
    try:
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query)
    except (dns.exception.DNSException, ValueError):
        return None
    response.flags |= dns.flags.AA
    if len(query.question) != 1:
        response.set_rcode(dns.rcode.FORMERR)
        return response.to_wire()
    question = query.question[0]
    found = lookup(question.name.to_text(omit_final_dot=True).lower())
    if found is None:
        response.set_rcode(dns.rcode.REFUSED)
        return response.to_wire()
    wanted = {dns.rdatatype.A: ("A", "CNAME"), dns.rdatatype.CNAME: ("CNAME",)}.get(question.rdtype, ())
    for name, kind, seconds, value in found:
        if kind in wanted or (kind == "CNAME" and question.rdtype == dns.rdatatype.AAAA):
            data = f"{value.rstrip('.')}." if kind == "CNAME" else value
            response.answer.append(dns.rrset.from_text(f"{name}.", seconds, "IN", kind, data))
    if not found:
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = reply(data, self._lookup)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


async def serve(lookup: Lookup, port: int = 0) -> int:
    """Answer on 127.0.0.1 over UDP and TCP; says the port."""
    loop = asyncio.get_running_loop()

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                answer = reply(await reader.readexactly(size), lookup)
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", port)
    bound = int(server.sockets[0].getsockname()[1])
    await loop.create_datagram_endpoint(lambda: _Datagrams(lookup), local_addr=("127.0.0.1", bound))
    return bound
