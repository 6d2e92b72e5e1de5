import json
from collections.abc import Callable
from typing import Any

from ops.pullrequest.sarif import from_previews


def test_findings_are_placed_at_the_line_that_registered_the_resource(
    step: Callable[..., dict[str, Any]], document: Callable[..., dict[str, Any]]
) -> None:
    made = step("create", "us-east-1-orders", sourcePosition="project:///components/data/home.py#41")
    stranger = step("create", "other", sourcePosition="project:///.venv/lib/pulumi/x.py#1")
    message = "orders has no recovery [dynamodb-pitr]. Fix: turn it on."
    findings = [
        {"pack": "recovery", "policy": "dynamodb-pitr", "level": "mandatory", "urn": made["urn"], "message": message},
        {
            "pack": "recovery",
            "policy": "dynamodb-pitr",
            "level": "advisory",
            "urn": stranger["urn"],
            "message": message,
        },
        {"pack": "theirs", "policy": "unknown-to-us", "level": "mandatory", "urn": "", "message": "x"},
    ]
    (run,) = json.loads(from_previews([document([made, stranger], findings=findings)]))["runs"]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("components/data/home.py", 41)
    assert (first["level"], second["level"]) == ("error", "note")
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.yaml"
    assert first["message"]["text"].count("[dynamodb-pitr]") == 1
