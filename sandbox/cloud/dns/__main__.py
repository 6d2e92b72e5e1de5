"""`python -m sandbox.cloud.dns OPTIONS`: the names of a sandbox; a line on standard input reads the document anew."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from sandbox.cloud.dns.answers import Answer, answer
from sandbox.cloud.dns.document import DnsDocument
from sandbox.cloud.dns.health import Health
from sandbox.cloud.dns.server import serve as serve_names
from sandbox.cloud.http import Connection, Request, Response, serve
from sandbox.cloud.http.server import port_of


class Names:
    """The document that is served now, and its checks."""

    def __init__(self, path: Path, aws_port: int) -> None:
        self._path, self._aws_port = path, aws_port
        self._document = DnsDocument()
        self._health = Health(self._document, aws_port=aws_port)

    async def load(self) -> None:
        """Serve what the file says now; checks begin anew, as well."""
        await self._health.stop()
        self._document = DnsDocument.from_json(json.loads(self._path.read_text()))
        self._health = Health(self._document, aws_port=self._aws_port)
        self._health.start()

    def lookup(self, name: str) -> list[Answer] | None:
        """The answers for a name."""
        return answer(self._document, name, healthy=self._health.healthy)

    # The handler's part: the state of the checks as JSON.

    def opened(self, connection: Connection) -> None:
        """A client connected."""

    def closed(self, connection: Connection) -> None:
        """A client went away."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Tell every check."""
        del request
        body = json.dumps({"checks": self._health.describe(), "pace": self._document.pace}).encode()
        connection.reply(Response(200, [(b"content-type", b"application/json")], body))


def _done(path: Path) -> None:
    """Tell that the document is served, in one step."""
    temporary = path.with_suffix(".saying")
    temporary.write_text("{}")
    temporary.replace(path)


async def main(options: dict[str, Any]) -> None:
    """Serve until standard input ends."""
    path = Path(options["document"])
    names = Names(path, options["aws_port"])
    await names.load()
    port = await serve_names(names.lookup)
    server = await serve(names)
    print("READY " + json.dumps({"dns": port, "port": port_of(server)}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await names.load()
        _done(path.with_suffix(f".{line.decode().strip()}"))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(json.loads(sys.argv[1])))
