"""How long the packs take for a resource, and what one more rule costs.

    .venv/bin/python benchmarks/policies.py [--resources N]

Judges N resources (one of each type that the rules know, in turn): every rule by the dispatcher; the same by
Pulumi's own, which decodes each resource for each policy; and the dispatcher with a growing part of the rules.
Times are the best of three runs, in milliseconds of wall time for a resource and all four packs, without transport.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi_policy.policy import EnforcementLevel, _PolicyAnalyzerServicer

from holdfast_policies import standard
from holdfast_policies.judge import Judge
from holdfast_policies.packs import PACKS, all_rules
from holdfast_policies.testing import SOUND, make
from holdfast_policies.wire import resource_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def requests(count: int) -> list[wire.AnalyzeRequest]:
    """As many requests, one type after the other."""
    made = []
    for index in range(count):
        kind = list(SOUND)[index % len(SOUND)]
        resource = make(kind, f"r{index}")
        properties = struct_pb2.Struct()
        json_format.ParseDict(dict(resource.data), properties)
        made.append(wire.AnalyzeRequest(type=kind, name=resource.name, urn=resource.urn, properties=properties))
    return made


def best(run: Callable[[], None], count: int) -> float:
    """Milliseconds for each of `count` resources, the best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return round(min(times) * 1000 / count, 4)


def by_dispatcher(made: Sequence[wire.AnalyzeRequest], rules: Sequence[Any]) -> float:
    """Decode once for each pack, as four processes do, and judge."""
    judges = [Judge(rules=[rule for rule in rules if rule.pack == pack]) for pack in PACKS]

    def run() -> None:
        for request in made:
            for judge in judges:
                judge.judge(resource_of(request))

    return best(run, len(made))


def by_pulumi(made: Sequence[wire.AnalyzeRequest]) -> float:
    """Pulumi's own servicer, in the same process."""
    servicers = []
    for pack in PACKS:
        words = standard.arguments(pack)
        servicers.append(
            _PolicyAnalyzerServicer(
                words["name"], "0.1.0", words["policies"], EnforcementLevel.ADVISORY, None, words["description"]
            )
        )

    def run() -> None:
        for request in made:
            for servicer in servicers:
                servicer.Analyze(request, None)

    return best(run, len(made))


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=500)
    count = parser.parse_args().resources
    logging.disable(logging.INFO)
    rules = [rule for rule in all_rules() if not rule.of_stack]
    made = requests(count)
    start = time.perf_counter()
    judge = Judge(rules=rules)
    for request in made:
        judge.judge(resource_of(request))
    first = (time.perf_counter() - start) * 1000 / count
    growing = {size: by_dispatcher(made, rules[:size]) for size in (0, 25, 50, len(rules))}
    document = {
        "resources": count,
        "rules": len(rules),
        "dispatcher_ms_per_resource": growing[len(rules)],
        "dispatcher_first_run_ms_per_resource": round(first, 4),
        "pulumi_ms_per_resource": by_pulumi(made[: max(50, count // 10)]),
        "dispatcher_by_number_of_rules": growing,
        "microseconds_per_added_rule": round((growing[len(rules)] - growing[0]) * 1000 / len(rules), 2),
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
