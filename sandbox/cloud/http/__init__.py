"""HTTP/1.1 for loopback: a server and a client on asyncio protocols and httptools, without tasks per request.

Every request to the sandbox passes here, so this is kept short: whole messages in memory, no streaming.
"""

from sandbox.cloud.http.client import Upstream, UpstreamError
from sandbox.cloud.http.messages import Request, Response
from sandbox.cloud.http.server import Connection, Handler, serve

__all__ = ["Connection", "Handler", "Request", "Response", "Upstream", "UpstreamError", "serve"]
