"""Carrying a plan out: step by step, each recorded before the next, so that a killed command goes on where it was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ops.data.compare import Comparer
from ops.errors import OpsError
from ops.estate import control
from ops.estate.probe import probe
from ops.failover import plan as planning
from ops.failover.observe import deep_health

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.estate.access import Estate
    from ops.failover.lease import Journal, Lease
    from ops.failover.plan import Plan

WAIT_SECONDS = 60.0
"""How long a step waits for the world to follow."""
POLL_SECONDS = 0.2


class Execution:
    """One operation on its way. Data planes only: items of the control table, and reads."""

    def __init__(
        self,
        estate: Estate,
        plan: Plan,
        journal: Journal,
        lease: Lease,
        *,
        services: Mapping[str, str],
        reason: str,
        say: Callable[[str], None],
        after_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._estate, self._plan, self._journal, self._lease = estate, plan, journal, lease
        self._services = services
        self._reason = reason
        self._say = say
        self._after_step = after_step

    def run(self) -> Journal:
        """Do what is not done yet.

        Raises:
            OpsError: a step did not succeed; the journal says which, and the same command goes on from it.
        """
        for step in self._plan.steps:
            words = planning.describe(step, self._plan)
            if self._journal.done(step):
                self._say(f"done already: {words}")
                continue
            self._say(words)
            started = time.time()
            self._journal.steps = [entry for entry in self._journal.steps if entry["step"] != step]
            detail: dict[str, Any] = getattr(self, f"_step_{step}")()
            self._journal.steps.append({"step": step, "started": started, "ended": time.time(), "detail": detail})
            if step == "release":
                self._journal.finished = time.time()
            self._lease.renew(self._journal)
            self._say(f"  {time.time() - started:.2f} s{_words(detail)}")
            self._after_step(step)
        return self._journal

    @property
    def _leaving(self) -> bool:
        return self._plan.kind == "failover"

    def _fail(self, message: str, fix: str) -> OpsError:
        return OpsError(message, fix=f"{fix}; then repeat the command: it goes on from this step")

    def _step_lease(self) -> dict[str, Any]:
        """It was taken before the first step was reached; this records it."""
        return {"operation": self._journal.operation, "by": self._journal.by, "in": self._lease.regions}

    def _step_flag(self) -> dict[str, Any]:
        source = self._plan.source
        seen = control.read_flags(self._estate, patience=control.PATIENCE_SECONDS)
        known = control.newest(seen, source)
        if known is not None and known.holds(time.time()) == self._leaving:
            return {"epoch": known.epoch, "already": True}
        raised = control.raise_flag(
            self._estate, source, evacuated=self._leaving, reason=self._reason, wait_seconds=0.0
        )
        return {"epoch": raised.flag.epoch, "written_in": raised.written_in}

    def _step_spread(self) -> dict[str, Any]:
        """Every region that answers shows the newest flag."""

        def look() -> dict[str, Any] | None:
            seen = control.read_flags(self._estate, patience=control.PATIENCE_SECONDS)
            newest = control.newest(seen, self._plan.source)
            epoch = newest.epoch if newest else 0
            shown = {name: flags for name, flags in seen.items() if isinstance(flags, dict)}
            behind = [
                name
                for name, flags in shown.items()
                if self._plan.source not in flags or flags[self._plan.source].epoch < epoch
            ]
            return None if behind else {"shown_in": sorted(shown), "silent": sorted(set(seen) - set(shown))}

        found = self._until(look)
        if found is None:
            raise self._fail("a region that answers does not show the flag", "look at it with: holdfast status")
        return found

    def _step_health(self) -> dict[str, Any]:
        """Deep health of the region follows its flag, and DNS follows deep health."""
        url = self._services.get(self._plan.source)
        if url is None:
            return {"skipped": "no address of the region's service is known"}
        wanted = 503 if self._leaving else 200

        def look() -> dict[str, Any] | None:
            status = deep_health(url)
            # Leaving: a service that is gone answers no health check either.
            return {"status": status} if status == wanted or (self._leaving and status is None) else None

        found = self._until(look)
        if found is None:
            raise self._fail(
                f"deep health of {self._plan.source} answers {deep_health(url)}, {wanted} wanted",
                f"look at {url}/health/deep",
            )
        return found

    def _step_drain(self) -> dict[str, Any]:
        """An item written after the last acknowledged one arrives after it."""
        source, target = self._plan.source, self._plan.target
        first, second = (source, target) if self._leaving else (target, source)
        try:
            lag = probe(self._estate, first, [second], limit=WAIT_SECONDS).lag_ms[second]
        except Exception as error:  # a region that is gone cannot drain
            if self._leaving:
                return {"skipped": f"{source} does not answer; it drains when it is back"}
            raise self._fail(f"{first} does not answer: {error}", "wait for it") from error
        if lag is None:
            raise self._fail(
                f"replication from {first} to {second} did not drain within {WAIT_SECONDS:.0f} s",
                "look at the lag with: holdfast status",
            )
        return {"lag_ms": lag}

    def _step_compare(self) -> dict[str, Any]:
        """Before clients return, both regions hold the same items."""
        clients = tuple(self._estate.client("dynamodb", name) for name in (self._plan.target, self._plan.source))
        compared: dict[str, int] = {}
        for logical, table in self._estate.topology.region(self._plan.source).tables.items():
            names = [table.partition_key.name, *([table.sort_key.name] if table.sort_key else [])]
            comparer = Comparer((clients[0], clients[1]), table=table.name, key_names=names)
            found = comparer.run(self._plan.target, self._plan.source)
            if not found.equal:
                first = found.differences[0]
                raise self._fail(
                    f"table {table.name}: {len(found.differences)} items differ, such as {first.key} ({first.kind})",
                    f"repair them: holdfast data repair {logical} --from {self._plan.target} --to {self._plan.source}",
                )
            compared[table.name] = found.items[self._plan.source]
        return {"items": compared}

    def _step_serve(self) -> dict[str, Any]:
        name = self._plan.target if self._leaving else self._plan.source
        found = probe(self._estate, name, [], limit=0.0)
        return {"region": name, "write_ms": found.write_ms, "read_ms": found.read_ms}

    def _step_release(self) -> dict[str, Any]:
        return {"seconds": round(time.time() - self._journal.started, 3)}

    def _until(self, look: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        end = time.monotonic() + WAIT_SECONDS
        while (found := look()) is None and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        return found


def _words(detail: Mapping[str, Any]) -> str:
    return "".join(f", {name.replace('_', ' ')} {value}" for name, value in detail.items())
