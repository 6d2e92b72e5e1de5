"""Resources and time of the program against the number of regions, without an engine: `python -m benchmarks.program`.

Measured on two cores, November 2026, stack `prod` (the children that pulumi-eks registers come on top, about 20 a
region):

| regions | registrations | seconds |
|---|---|---|
| 1 | 377 | 6 to 8, imports included |
| 3 | 943 | 4 to 6 |
| 5 | 1487 | 6 to 9 |
"""

import copy
import json
import time
from pathlib import Path

import settings
from tests.unit.components.recorder import record

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "us-east-2", "eu-central-1")


def main() -> None:
    """Print one row per number of regions."""
    base = dict(settings.read_stack_file(Path(__file__).parents[1] / "Pulumi.prod.yaml").config)
    print("| regions | registrations | seconds |\n|---|---|---|")
    for count in (1, 3, 5):
        config = copy.deepcopy(base)
        config["holdfast:regions"] = [
            {"name": name, "cidr": f"10.{10 + number}.0.0/16", "home": number == 0}
            for number, name in enumerate(REGIONS[:count])
        ]
        if count == 1:
            config["holdfast:recovery"].pop("region_switch")
            config["holdfast:recovery"]["dns"]["continents"] = {}
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        started = time.perf_counter()
        made = record(texts, stack="prod")
        print(f"| {count} | {len(made.resources)} | {time.perf_counter() - started:.1f} |")


if __name__ == "__main__":
    main()
