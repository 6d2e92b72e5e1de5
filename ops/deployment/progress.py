"""What a person sees while a run goes on: a moving line on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ops.console import Output
    from sandbox.engine import Event

_DONE = {
    "create": "created",
    "create-replacement": "created",
    "update": "updated",
    "delete": "deleted",
    "delete-replaced": "deleted",
    "read": "read",
    "import": "imported",
}


class Progress:
    """Follows the events of a run; they may come from any thread."""

    def __init__(self, output: Output, *, title: str, total: int) -> None:
        self._output = output
        self._title = title
        self._total = total
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._output.lively:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 (only a terminal needs it)

            self._bar = Progress(
                TextColumn("[bold]{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[current]}", style="dim"),
                console=self._output.console,
                transient=True,
            )
            self._task = self._bar.add_task(self._title, total=self._total, current="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Take an event of the engine."""
        with self._lock:
            if event.diagnostic is not None and event.diagnostic.severity in ("warning", "error"):
                self._line(f"{event.diagnostic.severity}: {event.diagnostic.message.rstrip()}")
            if event.step is None or str(event.step.op) not in _DONE:
                return
            step = event.step
            if event.kind == "step-start":
                self._running[step.urn] = step.name
            elif event.kind in ("step-done", "step-failed"):
                self._running.pop(step.urn, None)
                failed = event.kind == "step-failed"
                verb = f"FAILED to {step.op}" if failed else _DONE[str(step.op)]
                if failed or self._bar is None:
                    self._line(f"  {verb} {step.type} {step.name}")
                if self._bar is not None and self._task is not None:
                    self._bar.advance(self._task)
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, current=", ".join(list(self._running.values())[:3]))

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False)
        else:
            self._output.say(text)
