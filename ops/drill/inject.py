"""Making the home region fail in the sandbox: faults with leases, renewed while the drill lives."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from ops.drill.scenario import DISABLE_KEY

if TYPE_CHECKING:
    from ops.drill.scenario import Injection, Scenario
    from ops.estate.access import Estate
    from sandbox.cloud import Sandbox

LEASE_SECONDS = 3.0
"""A fault ends this long after the drill has died; the drill renews it in time."""
RENEW_SECONDS = 1.0


class Failure(Protocol):
    """What makes a region fail while the block runs."""

    began: float
    """When the region began to fail, on the monotonic clock; known once the block is entered."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def over(self) -> str | None:
        """None while it goes on; once it has ended by itself, why: empty as planned, else a reason to stop."""
        ...


class SandboxFailure:
    """The faults of one scenario in one region of the sandbox."""

    def __init__(self, scenario: Scenario, region: str, sandbox: Sandbox, estate: Estate, key: str | None) -> None:
        self._scenario, self._region, self._sandbox, self._estate, self._key = scenario, region, sandbox, estate, key
        self._faults = [injection for injection in scenario.injections if injection.kind != DISABLE_KEY]
        self._ids: dict[int, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self.began = 0.0

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        if self._scenario.disables_key:
            self._estate.client("kms", self._region).disable_key(KeyId=self._key)
        for index, injection in enumerate(self._faults):
            self._set(index, injection)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sandbox.heal(self._region)
        if self._scenario.disables_key:
            self._estate.client("kms", self._region).enable_key(KeyId=self._key)

    def over(self) -> str | None:
        """It goes on until it is healed."""
        return None

    def _set(self, index: int, injection: Injection) -> None:
        options: dict[str, Any] = {**injection.options, "lease_seconds": LEASE_SECONDS}
        # The kinds are the gateway's own; it refuses one that it does not know.
        kind: Any = injection.kind
        before = self._ids.get(index)
        self._ids[index] = self._sandbox.fault(self._region, kind, service=injection.service, **options)
        if before is not None:
            self._sandbox.heal(fault_id=before)

    def _renew(self) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            for index, injection in enumerate(self._faults):
                self._set(index, injection)
