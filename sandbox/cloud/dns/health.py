"""Health checks: endpoints asked over HTTP, alarms looked at, and both joined."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sandbox.cloud.dns.document import CheckSpec, DnsDocument
from sandbox.cloud.http import Request, Upstream, UpstreamError

ANSWER_SECONDS = 4.0
"""Time to connect to an endpoint (Route 53 developer guide, "How Route 53 determines whether an endpoint is healthy");
another 2 s to answer. Here both together, as the pace has it, and never under a second."""
ALARM_SECONDS = 10.0
"""How often an alarm's state is looked at."""
_STATE = re.compile(rb"<StateValue>(\w+)</StateValue>")


@dataclass
class State:
    """What is known of one check."""

    healthy: bool = True
    against: int = 0
    """Probes in a row that contradict the state."""
    since: float = field(default_factory=time.time)
    """When the state last changed, in seconds since 1970."""
    probes: int = 0
    last: str = ""


class Health:
    """The checks of a document, made again and again."""

    def __init__(self, document: DnsDocument, *, aws_port: int, clock: Callable[[], float] = time.time) -> None:
        self._document = document
        self._clock = clock
        self.states: dict[str, State] = {check.id: State(since=clock()) for check in document.checks}
        self._checks: dict[str, CheckSpec] = {check.id: check for check in document.checks}
        self._aws = Upstream(aws_port)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to check."""
        loop = asyncio.get_running_loop()
        for number, check in enumerate(self._document.checks):
            work = {"HTTPS": self._endpoint, "HTTP": self._endpoint, "CLOUDWATCH_METRIC": self._alarm}.get(check.type)
            if work is not None:
                self._tasks.append(loop.create_task(self._again(check, work, number)))

    async def stop(self) -> None:
        """Stop checking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._aws.close()

    def healthy(self, check_id: str) -> bool:
        """Whether a check passes; one that is unknown does."""
        check = self._checks.get(check_id)
        if check is None:
            return True
        if check.type == "CALCULATED":
            return sum(self.healthy(child) for child in check.children) >= check.threshold
        return self.states[check_id].healthy

    def judged(self, check_id: str, *, passed: bool, said: str) -> None:
        """Take a probe's verdict: the state turns after as many in a row as the check asks for."""
        check, state = self._checks[check_id], self.states[check_id]
        state.probes += 1
        state.last = said
        if passed == state.healthy:
            state.against = 0
            return
        state.against += 1
        needed = 1 if check.type == "CLOUDWATCH_METRIC" else check.failures
        if state.against >= needed:
            state.healthy, state.against, state.since = passed, 0, self._clock()

    def describe(self) -> dict[str, Any]:
        """Every check by its name."""
        return {
            check.name: {
                "type": check.type,
                "healthy": self.healthy(check.id),
                "since": self.states[check.id].since,
                "probes": self.states[check.id].probes,
                "last": self.states[check.id].last,
            }
            for check in self._document.checks
        }

    async def _again(self, check: CheckSpec, work: Callable[[CheckSpec], Awaitable[None]], number: int) -> None:
        pace = self._document.pace
        interval = (ALARM_SECONDS if check.type == "CLOUDWATCH_METRIC" else check.interval_seconds) * pace
        # Checkers of AWS are not in step with each other either.
        await asyncio.sleep(interval * (number % 5) / 5)
        while True:
            started = time.monotonic()
            await work(check)
            await asyncio.sleep(max(0.01, interval - (time.monotonic() - started)))

    async def _endpoint(self, check: CheckSpec) -> None:
        address = self._address(check.fqdn)
        if address is None:
            self.judged(check.id, passed=False, said="no address")
            return
        limit = max(1.0, (ANSWER_SECONDS + 2) * self._document.pace)
        try:
            status = await asyncio.wait_for(ask(address, self._document.port, check.fqdn, check.path), limit)
        except (TimeoutError, OSError, ValueError) as error:
            self.judged(check.id, passed=False, said=type(error).__name__)
            return
        self.judged(check.id, passed=200 <= status < 400, said=str(status))

    def _address(self, fqdn: str) -> str | None:
        from sandbox.cloud.dns.answers import answer  # noqa: PLC0415 - the two read each other's documents

        found = answer(self._document, fqdn, healthy=lambda _: True) or []
        return next((value for _, kind, _, value in found if kind == "A"), None)

    async def _alarm(self, check: CheckSpec) -> None:
        with contextlib.suppress(UpstreamError, TimeoutError):
            response = await asyncio.wait_for(self._aws.ask(_describe_alarm(check)), ANSWER_SECONDS)
            found = _STATE.search(response.body)
            # LastKnownStatus: no data, or no alarm, changes nothing.
            if found is not None and found[1] in (b"OK", b"ALARM"):
                self.judged(check.id, passed=found[1] == b"OK", said=found[1].decode())


def _describe_alarm(check: CheckSpec) -> Request:
    body = urlencode({"Action": "DescribeAlarms", "Version": "2010-08-01", "AlarmNames.member.1": check.alarm})
    scope = f"dns/20260101/{check.alarm_region}/monitoring/aws4_request"
    headers = [
        (b"host", f"monitoring.{check.alarm_region}.amazonaws.com".encode()),
        (b"authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0".encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    return Request(b"POST", b"/", headers, body.encode())


async def ask(address: str, port: int, host: str, path: str) -> int:
    """The status of a GET, on a connection of its own.

    Raises:
        OSError, ValueError: there is no answer, or none of HTTP.
    """
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nuser-agent: health-check\r\n\r\n".encode()
        )
        line = await reader.readline()
        return int(line.split(b" ", 2)[1])
    except IndexError:
        raise ValueError("no answer of HTTP") from None
    finally:
        writer.close()
