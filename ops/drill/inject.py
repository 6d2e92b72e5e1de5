"""Setting the faults of a scenario in the sandbox, each with a lease that is renewed while the drill lives."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from ops.drill.scenarios import Injection, Scenario
    from ops.estate.access import Estate
    from sandbox.cloud import Sandbox

LEASE_SECONDS = 4.0
"""A fault ends this long after the drill has died; the drill renews it in time."""
RENEW_SECONDS = 1.0


class Injector:
    """The faults of one scenario in one region."""

    def __init__(self, scenario: Scenario, region: str, sandbox: Sandbox, estate: Estate, key: str | None) -> None:
        self._scenario, self._region, self._sandbox, self._estate, self._key = scenario, region, sandbox, estate, key
        self._ids: dict[int, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self.faults: list[str] = []

    def __enter__(self) -> Self:
        for index, injection in enumerate(self._scenario.injections):
            self._set(index, injection)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sandbox.heal(self._region)
        if self._key is not None and any(injection.kind == "disable-key" for injection in self._scenario.injections):
            self._estate.client("kms", self._region).enable_key(KeyId=self._key)

    def _set(self, index: int, injection: Injection) -> None:
        if injection.kind == "disable-key":
            self._estate.client("kms", self._region).disable_key(KeyId=self._key)
            return
        options: dict[str, Any] = {**injection.options, "lease_seconds": LEASE_SECONDS}
        # The kinds are the gateway's own; it refuses one that it does not know.
        kind: Any = injection.kind
        before = self._ids.get(index)
        self._ids[index] = self._sandbox.fault(self._region, kind, service=injection.service, **options)
        if before is not None:
            self._sandbox.heal(fault_id=before)

    def _renew(self) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            for index, injection in enumerate(self._scenario.injections):
                if injection.kind != "disable-key":
                    self._set(index, injection)


def wait(seconds: float) -> None:
    """Sleep; apart so that a test can shorten it."""
    time.sleep(seconds)
