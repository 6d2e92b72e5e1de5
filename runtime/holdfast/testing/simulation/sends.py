"""Rules about what a client sends, judged on what the regions saw of it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.testing.checker import Op, Report, Violation

if TYPE_CHECKING:
    from holdfast.resilience.policy import Policy
    from holdfast.testing.simulation.regions import Attempt
    from holdfast.testing.simulation.story import Fault, Story

FLAG_SECONDS = 1.6
"""After which every client has an evacuation flag: replication, redelivery and one reading interval."""
NOTICED_SECONDS = 4.5
"""After which every client has opened its circuits to a region that does not answer."""
NOTICED_SENDS = 8
"""Failures after which a client has surely opened its circuit, if it had any reason to."""
SERVED_AGAIN_SECONDS = 5.0
"""From the loss of the home region until some write was served elsewhere, if writes are asked for all the while."""
SERVED_AGAIN_TASKS = 3
"""Tasks at work from which `SERVED_AGAIN_SECONDS` can be asked. Fewer may all wait for one call until its deadline: a
transaction that only the lost region can repeat, or a read. Measured on losses of the home region and clients without a
fault, no write was served in time in 26 of 236 stories with one task, in 2 and 3 of 236 with two, in none of 377 with
three. A story of a seed has six."""
SLACK_SECONDS = 0.05


def name_of(attempt: Attempt) -> str | None:
    """The unique name that a write carries."""
    request = attempt.call.request
    item = request.get("Item") or {}
    values = request.get("ExpressionAttributeValues") or {}
    if "TransactItems" in request:
        values = request["TransactItems"][0]["Update"]["ExpressionAttributeValues"]
    found = item.get("value") or values.get(":id")
    return found["S"] if found else None


def judge_sends(story: Story, attempts: list[Attempt], watching: list[Attempt], policy: Policy, report: Report) -> None:
    """Judge every send."""
    judge_repeats(attempts, policy, report)
    _probes(story, attempts + watching, policy, report)
    _evacuated(story, attempts, report)


def sends_of(attempts: list[Attempt]) -> dict[Any, list[Attempt]]:
    """The sends of each call; those of a write by the name that it carries."""
    by_call: dict[Any, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_call[name_of(attempt) or id(attempt.call)].append(attempt)
    return by_call


def judge_repeats(attempts: list[Attempt], policy: Policy, report: Report) -> None:
    """Judge what was sent more than once."""
    for name, sends in sends_of(attempts).items():
        _again(str(name), sends, report)
        _amount(str(name), sends, policy, report)


def _again(name: str, sends: list[Attempt], report: Report) -> None:
    """No write is sent again but after a failure that allows it, and never beside another send of its own."""
    if sends[0].call.operation.access == "read":
        return
    for before, after in itertools.pairwise(sends):
        call = after.call
        error = before.error
        if before.ended is None or after.sent < before.ended or error is None:
            what = "was sent again though nothing had failed"
        elif isinstance(error, errors.ServiceError) and not _may_repeat(error):
            what = f"was sent again after a {type(error).__name__}"
        elif error.applied == "unknown" and not (call.tokened or _unconditional(call)):
            what = f"was sent again after a {type(error).__name__}, and may have taken effect"
        elif error.applied == "unknown" and before.region != after.region and call.tokened:
            what = "was sent to another region, where its token is not known"
        else:
            continue
        report.violations.append(Violation("sent-again", name, f"{call.operation.name} {what}"))


def _may_repeat(error: errors.ServiceError) -> bool:
    return error.conflict if isinstance(error, errors.TransactionCanceledError) else error.retryable


def _unconditional(call: Any) -> bool:
    # Told here in words of its own: the client's own opinion is what is being judged.
    return call.operation.name in ("PutItem", "DeleteItem") and "ConditionExpression" not in call.request


def _amount(name: str, sends: list[Attempt], policy: Policy, report: Report) -> None:
    """Not more sends than the policy allows, and not all at once."""
    bare = [send for send in sends if not send.cancelled]
    if sends[0].call.operation.access == "read" and len(bare) > 2 * (policy.retry.retries + 1):
        report.violations.append(Violation("too-many-sends", name, f"a read was sent {len(bare)} times"))
    # `resolve()` of a transaction is a call of its own, with the same token.
    calls = 2 if sends[0].call.tokened else 1
    if sends[0].call.operation.access == "write" and len(bare) > calls * (policy.retry.retries + 1):
        report.violations.append(Violation("too-many-sends", name, f"a write was sent {len(bare)} times"))
    same = _in_turn(bare)
    if len(same) >= 5:
        waits = sum(after.sent - (before.ended or after.sent) for before, after in itertools.pairwise(same))
        if waits < 0.01:
            report.violations.append(Violation("no-backoff", name, f"{len(same)} sends waited {waits * 1000:.1f} ms"))


def _in_turn(sends: list[Attempt]) -> list[Attempt]:
    """Those to the region of the first that began after the one before had ended: without the hedges of a read."""
    found: list[Attempt] = []
    for send in sends:
        if (
            send.ended is not None
            and send.region == sends[0].region
            and (not found or send.sent >= (found[-1].ended or send.sent))
        ):
            found.append(send)
    return found


def _losses(story: Story) -> list[Fault]:
    return [fault for fault in story.faults if fault.kind == "lose"]


def _probes(story: Story, attempts: list[Attempt], policy: Policy, report: Report) -> None:
    """To a region that has long been lost, a client sends one probe per reset and class, and nothing else."""
    for fault in _losses(story):
        begin, end = fault.at + NOTICED_SECONDS, fault.until
        sent: dict[tuple[str, str], list[float]] = defaultdict(list)
        for attempt in attempts:
            if attempt.region == fault.region and fault.at < attempt.sent < end:
                sent[attempt.client, attempt.call.operation.access].append(attempt.sent)
        for (client, access), times in sent.items():
            if sum(time < begin for time in times) < NOTICED_SENDS:
                continue  # it had no reason to know
            late = sorted(time for time in times if time >= begin)
            for before, after in itertools.pairwise(late):
                if after - before < policy.breaker.reset_seconds * 0.9:
                    message = f"{access}s went to {fault.region} {after - before:.2f} s apart, at {after:.2f}"
                    report.violations.append(Violation("probe-storm", client, message))


def _evacuated(story: Story, attempts: list[Attempt], report: Report) -> None:
    """While a flag stands and is known, nothing that is free to go elsewhere is sent to its region."""
    for fault in story.faults:
        if fault.kind != "evacuate" or any(
            other is not fault and other.at < fault.until and other.until > fault.at - 3 for other in story.faults
        ):
            continue  # with other faults about, the flag may be late, or its region the only one
        for attempt in attempts:
            if (
                attempt.region == fault.region
                and fault.at + FLAG_SECONDS < attempt.sent < fault.until - SLACK_SECONDS
                and attempt.call.region is None
            ):
                message = (
                    f"{attempt.call.operation.name} went to {fault.region} at {attempt.sent:.2f}, while it was flagged"
                )
                report.violations.append(Violation("served-while-evacuated", attempt.client, message))
                break


def _asked_throughout(story: Story, fault: Fault) -> bool:
    """Whether enough tasks were at work while the region was lost: nobody serves a write that nobody asks for.

    Every story of a seed has them until long after; one that was shrunk may end before its loss.
    """
    busy_until = min(fault.until, story.seconds)
    return busy_until - fault.at >= SERVED_AGAIN_SECONDS and story.clients * story.writers >= SERVED_AGAIN_TASKS


def judge_service(story: Story, ops: list[Op], home: str, policy: Policy, report: Report) -> None:
    """Served in time while regions are left, within the deadline always, and at home when all is well again."""
    budget = policy.timeout.call_seconds + SLACK_SECONDS
    for op in ops:
        if op.end - op.start > budget:
            message = f"{op.kind} took {op.end - op.start:.2f} s; the deadline was {policy.timeout.call_seconds} s"
            report.violations.append(Violation("deadline", op.key, message, (op,)))
    if len(story.faults) == 1:
        for fault in _losses(story):
            ends = [op.end for op in ops if op.kind == "write" and op.outcome == "ok" and op.start >= fault.at]
            first = min(ends, default=float("inf")) - fault.at
            if fault.region == home and _asked_throughout(story, fault) and first > SERVED_AGAIN_SECONDS:
                message = f"no write was served for {first:.2f} s after {home} was lost"
                report.violations.append(Violation("slow-failover", home, message))
    for op in ops:
        if op.process.endswith("!"):
            if op.outcome != "ok":
                message = f"a {op.kind} came to nothing though everything had long been well"
                report.violations.append(Violation("refused-while-well", op.key, message, (op,)))
            elif op.region not in (home, "cache"):
                message = f"a {op.kind} was served in {op.region} though {home} had long been well"
                report.violations.append(Violation("never-returned", op.key, message, (op,)))
