"""The bootstrap as `holdfast bootstrap` runs it: made in the sandbox, judged, and run again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.sandbox


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "holdfast", "bootstrap", *words],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with nothing but what the bootstrap needs."""
    folder = tmp_path_factory.mktemp("account")
    shutil.copytree(ROOT / "bootstrap", folder / "bootstrap", ignore=shutil.ignore_patterns(".holdfast", "__pycache__"))
    (folder / "policies").symlink_to(ROOT / "policies")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def made(project: Path) -> dict[str, Any]:
    done = run(project, "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    state = json.loads((project / "bootstrap" / ".holdfast" / "account" / "state.json").read_text())
    return {"document": document, "resources": state["deployment"]["resources"]}


def inputs(made: dict[str, Any], type_: str, name: str) -> dict[str, Any]:
    found = [one for one in made["resources"] if one["type"].endswith(type_) and one["urn"].endswith(f"::{name}")]
    assert len(found) == 1
    result: dict[str, Any] = found[0]["inputs"]
    return result


def test_it_comes_up_passes_the_packs_and_a_second_run_changes_nothing(made: dict[str, Any]) -> None:
    document = made["document"]
    assert document["ok"]
    assert document["changes"] > 30
    assert document["second_run_changes"] == 0
    assert not [finding for finding in document["findings"] if finding["level"] == "mandatory"]
    assert document["outputs"]["backend_url"].startswith("s3://holdfast-111122223333-us-east-1-state")


def test_the_state_is_versioned_encrypted_logged_and_only_over_tls(made: dict[str, Any]) -> None:
    assert inputs(made, ":BucketVersioning", "state-versions")["versioningConfiguration"]["status"] == "Enabled"
    rule = inputs(made, ":BucketServerSideEncryptionConfiguration", "state-encryption")["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert inputs(made, ":BucketLogging", "state-access-logging")["targetPrefix"] == "state/"
    policy = json.loads(inputs(made, ":BucketPolicy", "state-policy")["policy"])
    assert {"Bool": {"aws:SecureTransport": "false"}} in [one.get("Condition") for one in policy["Statement"]]
    # What is in the bucket is never expired; only versions that were replaced are.
    lifecycle = inputs(made, ":BucketLifecycleConfiguration", "state-lifecycle")["rules"][0]
    assert "expiration" not in lifecycle
    assert lifecycle["noncurrentVersionExpiration"]["noncurrentDays"] == 365


@pytest.mark.parametrize(
    ("role", "subjects"),
    [
        ("prod-preview", ["repo:example/orders:pull_request", "repo:example/orders:ref:refs/heads/main"]),
        ("prod-deploy", ["repo:example/orders:environment:prod"]),
        ("dev-deploy", ["repo:example/orders:environment:dev"]),
    ],
)
def test_a_role_is_taken_only_by_the_jobs_that_it_is_for(made: dict[str, Any], role: str, subjects: list[str]) -> None:
    (statement,) = json.loads(inputs(made, ":Role", role)["assumeRolePolicy"])["Statement"]
    condition = statement["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:sub"] == subjects
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"


def test_a_preview_writes_no_state_and_reads_no_items(made: dict[str, Any]) -> None:
    statements = json.loads(inputs(made, ":RolePolicy", "prod-preview-state")["policy"])["Statement"]
    allowed = {action for one in statements if one["Effect"] == "Allow" for action in one["Action"]}
    denied = {action for one in statements if one["Effect"] == "Deny" for action in one["Action"]}
    assert allowed == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}
    assert {"dynamodb:GetItem", "dynamodb:Scan", "secretsmanager:GetSecretValue"} <= denied


def test_a_deployment_makes_roles_only_under_a_boundary_of_its_stack(made: dict[str, Any]) -> None:
    statements = json.loads(inputs(made, ":RolePolicy", "dev-deploy-identities")["policy"])["Statement"]
    creating = [one for one in statements if "iam:CreateRole" in one["Action"]]
    assert [one["Condition"] for one in creating] == [
        {"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/dev-*boundary"}}
    ]
    assert all(one["Resource"] == ["arn:aws:iam::111122223333:role/dev-*"] for one in creating)


def test_the_stack_file_is_written_from_the_options_and_checked(project: Path) -> None:
    refused = run(
        project, "--stack", "other", "--account", "12", "--repository", "example/orders", "-e", "prod=holdfast"
    )
    assert refused.returncode == 2
    assert "twelve digits" in refused.stderr
    assert not (project / "bootstrap" / "Pulumi.other.yaml").exists()
