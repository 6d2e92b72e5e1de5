"""What a person sees while a run goes on: a moving line on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from rich.text import Text

from sandbox.engine.display import Style, progress_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ops.console import Output
    from sandbox.engine import Event


class Progress:
    """Follows the events of a run; they may come from any thread."""

    def __init__(self, output: Output, *, title: str, total: int) -> None:
        self._output = output
        self._title = title
        self._total = total
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
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
            if self._bar is None or self._task is None:
                line = progress_line(event)
                if line is not None and event.kind != "step-start":
                    self._output.say(line)
                return
            line = progress_line(event, Style(color=self._output.color))
            if line is not None and event.kind not in ("step-start", "step-done"):
                self._bar.console.print(Text.from_ansi(line))
            self._follow(event, self._bar, self._task)

    def _follow(self, event: Event, bar: Bar, task: TaskID) -> None:
        step = event.step
        if step is None or progress_line(event, started=True) is None:
            return
        if event.kind == "step-start":
            self._running[step.urn] = step.name
        elif self._running.pop(step.urn, None) is not None:
            bar.advance(task)
        bar.update(task, current=", ".join(list(self._running.values())[:3]))
