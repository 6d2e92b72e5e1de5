"""`python -m sandbox.cloud.edge OPTIONS`: the edge of one region; a line on standard input reads the document anew."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path

from sandbox.cloud.edge.document import EdgeDocument
from sandbox.cloud.edge.functions import FunctionError
from sandbox.cloud.edge.server import Edge
from sandbox.cloud.http import serve
from sandbox.cloud.http.server import port_of


def _read(path: Path) -> EdgeDocument:
    return EdgeDocument.from_json(json.loads(path.read_text()))


def _tell(path: Path, said: dict[str, str]) -> None:
    """Write in one step: whoever waits for the file reads it whole."""
    temporary = path.with_suffix(".saying")
    temporary.write_text(json.dumps(said))
    temporary.replace(path)


async def main(options: dict[str, str]) -> None:
    """Serve until standard input ends."""
    edge = Edge(options["region"], options["account"], json.loads(options["environment"]))
    path = Path(options["document"])
    await edge.load(_read(path))
    server = await serve(edge)
    print("READY " + json.dumps({"port": port_of(server)}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := await reader.readline():
            answer = path.with_suffix(f".{line.decode().strip()}")
            try:
                await edge.load(_read(path))
            except (FunctionError, ValueError, OSError) as error:
                _tell(answer, {"fault": str(error)})
            else:
                _tell(answer, {})
    finally:
        await edge.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(json.loads(sys.argv[1])))
