"""The few words of Redis's protocol that joining a cluster takes."""

from __future__ import annotations

import asyncio
import ssl

from sandbox.cloud.errors import SandboxError


class Session:
    """A connection to one node."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, *, password: str | None, context: ssl.SSLContext | None) -> Session:
        """Connect and authenticate.

        Raises:
            OSError: nothing listens.
        """
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="localhost" if context is not None else None
        )
        session = cls(reader, writer)
        if password:
            await session.run("AUTH", password)
        return session

    async def run(self, *words: str | int) -> str:
        """Run a command whose answer is a line, a number or a text.

        Raises:
            SandboxError: the answer is an error.
        """
        encoded = [str(word).encode() for word in words]
        parts = [b"*%d\r\n" % len(encoded)] + [b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded]
        self._writer.write(b"".join(parts))
        line = (await self._reader.readuntil(b"\r\n"))[:-2].decode()
        if line.startswith("-"):
            raise SandboxError(f"redis refuses {words[0]} {words[1] if len(words) > 1 else ''}: {line[1:]}")
        if line.startswith("$"):
            return (await self._reader.readexactly(int(line[1:]) + 2))[:-2].decode()
        return line[1:]

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
