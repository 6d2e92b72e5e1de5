"""`python -m sandbox.cloud.supervisor OPTIONS`: the supervisor's process."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import signal
import sys

from sandbox.cloud.errors import PortInUse, SandboxError
from sandbox.cloud.supervisor.logs import LIMIT_BYTES
from sandbox.cloud.supervisor.options import Options
from sandbox.cloud.supervisor.reaper import start_reaper
from sandbox.cloud.supervisor.supervisor import Supervisor


async def _run(options: Options) -> None:
    supervisor = Supervisor(options)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.request_stop)
    await supervisor.run()


def main() -> int:
    """Run until stopped; the exit code is 0 when that was asked for."""
    options = Options.decode(sys.argv[1])
    options.logs.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(options.logs / "supervisor.log", maxBytes=LIMIT_BYTES, backupCount=1)
    logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s")
    reaper = start_reaper()
    try:
        asyncio.run(_run(options))
    except PortInUse as error:
        print(f"PORT {error.name} {error.port}", flush=True)
        return 1
    except SandboxError as error:
        print(f"ERROR {error}", flush=True)
        return 1
    finally:
        # First the shell, so that it does not see its pipe close and kill the group.
        reaper.kill()
        reaper.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
