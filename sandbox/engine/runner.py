"""The child process in which a program, or a policy pack, runs. It dies with its parent.

Run by path, with nothing of this project on the module path, by the interpreter that has the program's own
packages: `runner.py program`, with a JSON description on the first line of standard input, or
`runner.py module NAME ARGUMENT…`. Standard input stays open as long as the parent lives.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import runpy
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SHOWN = 32
"""Exit code: the program failed, and the reason was given to the engine."""
_SHUT_DOWN = "Resource monitor has terminated, shutting down"
"""What the SDK makes of the end of a run: the engine has told why."""
_COLLECT = (200_000, 50, 1_000)
"""Thresholds of the garbage collector: the tens of thousands of classes and functions that an SDK's import makes stay
for good, and looking through them again and again is a fifth of that import's time (1.8 s instead of 1.4 s of processor
for the modules that the stacks use; CPython 3.11's own thresholds are 700, 10, 10)."""
_THREADS_PER_OPERATION = 4  # as the Pulumi language host has it


def _first_line() -> bytes:
    line = bytearray()
    while True:
        byte = os.read(0, 1)
        if byte in (b"", b"\n"):
            return bytes(line)
        line += byte


def _die_with_parent() -> None:
    """The parent holds the other end of standard input: when that closes, it is gone."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the life of the process


def _user_traceback(program: Path) -> str:
    """The traceback from the program's own first frame on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    for index, frame in enumerate(frames):
        if Path(frame.filename).is_relative_to(program) and ".venv" not in frame.filename:
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


def _run_program(description: dict[str, Any]) -> int:
    import pulumi  # noqa: PLC0415 - the program's own SDK, and only when a program is run
    import pulumi.runtime  # noqa: PLC0415

    # The SDK's own traces, a call to the engine each: nobody reads them, and they more than double a run. What the
    # program itself logs at this level goes through another name.
    pulumi.log.debug = lambda *_args, **_kwargs: None
    pulumi.runtime.set_all_config(description["config"], description["secretKeys"])
    settings = pulumi.runtime.Settings(
        monitor=description["monitor"],
        engine=description["engine"],
        project=description["project"],
        stack=description["stack"],
        organization=description["organization"],
        parallel=description["parallel"],
        dry_run=description["dryRun"],
        root_directory=description["directory"],
    )
    pulumi.runtime.configure(settings)
    program = Path(description["directory"])
    os.chdir(program)
    sys.argv = [str(program)]
    # What a failed program leaves unawaited is no news: asyncio would tell of each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(1, description["parallel"]) * _THREADS_PER_OPERATION)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(
            pulumi.runtime.run_in_stack(lambda: _ignore(runpy.run_path(str(program), run_name="__main__")))
        )
    except pulumi.RunError as error:
        if str(error) != _SHUT_DOWN:
            pulumi.log.error(str(error))
        return 1
    except Exception:  # noqa: BLE001 - whatever a program raises is told to the engine
        pulumi.log.error("Program failed with an unhandled exception:\n" + _user_traceback(program))
        return SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
    return 0


def _ignore(_globals: dict[str, Any]) -> None:
    """A program's module globals are no coroutine."""


def main() -> int:
    """Run what the arguments say; give the exit code."""
    gc.set_threshold(*_COLLECT)
    mode = sys.argv[1]
    if mode == "program":
        description = json.loads(_first_line())
        _die_with_parent()
        return _run_program(description)
    _die_with_parent()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the SDK's channels would keep the interpreter for a moment more.
    os._exit(code)
