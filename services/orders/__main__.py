"""`python -m services.orders --port N`: one process of the orders service."""

from __future__ import annotations

import argparse
import sys

import uvicorn

from services.orders.app import create_app
from services.orders.parent import exit_with_parent
from services.orders.settings import ConfigurationError, ServiceSettings

SHUTDOWN_SECONDS = 5
"""How long requests in flight may go on after SIGTERM."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM. Returns 2 when the environment cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m services.orders", description="The orders service of one region.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (a container sets 0.0.0.0)")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when the starting process is gone")
    options = parser.parse_args(arguments)
    try:
        settings = ServiceSettings.from_environment()
    except ConfigurationError as error:
        print(f"orders: {error}", file=sys.stderr)
        return 2
    if options.exit_with_parent:
        exit_with_parent()
    uvicorn.run(
        create_app(settings),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
