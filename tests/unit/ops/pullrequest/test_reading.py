import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.errors import OpsError
from ops.pullrequest.model import Note
from ops.pullrequest.reading import parse, read
from ops.pullrequest.render import render

Make = Callable[..., dict[str, Any]]


def test_a_step_is_read_with_its_place_its_diff_and_what_it_would_lose(step: Make, document: Make) -> None:
    replaced = step(
        "replace",
        "us-east-1-orders",
        oldInputs={"hashKey": "a", "tags": {"x": "1"}},
        newInputs={"hashKey": "b", "tags": {"x": "2"}},
        detailedDiff={"hashKey": "update-replace", "tags.x": "update"},
        replaceKeys=["hashKey"],
    )
    found = parse(document([replaced]), "prod")
    (change,) = found.changes
    assert (change.region, change.layer) == ("us-east-1", "data")
    assert change.holds_data
    assert change.forcing == ("hashKey",)
    assert change.touched == ("~hashKey", "~tags")
    assert '- hashKey: "a"  # forces replacement' in change.diff
    assert '+ tags.x: "2"' in change.diff
    assert found.unchanged == 7


def test_a_retained_object_is_no_loss(step: Make, document: Make) -> None:
    (change,) = parse(document([step("delete", "us-east-1-orders", retain=True)]), "prod").changes
    assert not change.holds_data


def test_policy_documents_are_compared_line_by_line(step: Make, document: Make) -> None:
    before = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["dynamodb:GetItem"]}]})
    after = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["dynamodb:*"]}]})
    changed = step(
        "update",
        "us-east-1-app",
        type="aws:iam/rolePolicy:RolePolicy",
        oldInputs={"policy": before},
        newInputs={"policy": after},
    )
    (change,) = parse(document([changed]), "prod").changes
    assert any(line.startswith("-") and "dynamodb:GetItem" in line for line in change.diff)
    assert any(line.startswith("+") and "dynamodb:*" in line for line in change.diff)


SECRETS = [
    *(("password", f"hunter{number}hunter") for number in range(4)),
    ("masterPassword", "correct-horse"),
    ("db_password", "battery"),
    ("authToken", "abc"),
    ("secret", "plain-words"),
    ("clientSecret", "short"),
    ("apiKey", "1234567"),
    ("api_key", "98765"),
    ("private_key", "MIIEvQIBADANBg"),
    ("accessKey", "nothing-special"),
    ("connectionString", "Server=x;Uid=y"),
    ("webhookUrlSecret", "zzz-yyy"),
    ("credentials", "user-and-word"),
    ("signing_key", "s1gn1ng"),
    ("passphrase", "open sesame"),
    ("settings", "password=swordfish99"),
    ("settings", '{"token": "tok-value-1"}'),
    ("environment", {"variables": {"DB_PASSWORD": "envpass1"}}),
    ("environment", {"variables": {"STRIPE": "sk_live_" + "4eC39HqLyjWDarjtT1"}}),
    ("environment", [{"name": "x", "value": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"}]),
    ("value", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("value", "ASIA" + "Y34FZKBOKMUTVV7A"),
    ("value", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"),
    ("value", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA75\n-----END RSA PRIVATE KEY-----"),
    ("value", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA"),
    ("value", "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"),
    ("value", "gho_" + "16C7e42F292c6912E7710c838347Ae178B4a"),
    ("value", "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ"),
    ("value", "glpat-" + "abcdefgh12345678"),
    ("value", "xoxb-" + "123456789012-abcdefABCDEF"),
    ("value", "https://hooks.slack.com/services/" + "T000/B000/XXXX"),
    ("value", "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("value", "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"),
    ("value", "pul-" + "0123456789abcdef0123456789abcdef01234567"),
    ("value", "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("value", "SG." + "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"),
    ("value", "postgres://admin:" + "s3cr3tpw@db.example.com/x"),
    ("value", "https://user:" + "t0psecret@example.com"),
    ("value", "Authorization: Bearer " + "abcdefgh.ijklmnop"),
    ("value", "Basic " + "dXNlcjpwYXNzd29yZA=="),
    ("value", "AccountKey=" + "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"),
    ("value", "d41d8cd98f00b204e9800998ecf8427e" + "d41d8cd9"),
    ("value", "Zx8Kq2Lm9Wp4Rt7Yv1Nb6Hd3Fs5Gj0Qa"),
    ("value", "q9W2e8R3t7Y4u6I5o1P0aSdFgHjKlZxC"),
    ("userData", "#!/bin/sh\nexport TOKEN=run-me-4711\n"),
    ("documents", '{"db": {"password": "nested-in-json"}}'),
    ("documents", ["fine", {"private_key": "listed-secret"}]),
    ("tls", {"key": {"privateKeyPem": "not-even-pem"}}),
]


def words(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [word for inner in found.values() for word in words(inner)]
    if isinstance(found, list):
        return [word for inner in found for word in words(inner)]
    return [str(found)]


def core(found: str) -> list[str]:
    """The parts of a planted value that must not be shown."""
    for prefix in ("password=", "Authorization: Bearer ", "Basic ", "AccountKey="):
        found = found.removeprefix(prefix)
    if "://" in found and "@" in found:
        return [found.split("://")[1].split("@")[0].split(":")[1]]
    if found.startswith("{"):
        return [words(json.loads(found))[-1]]
    if "TOKEN=" in found:
        return ["run-me-4711"]
    return [line for line in found.splitlines() if not line.startswith("---")]


@pytest.mark.parametrize("kind", ["update", "add", "finding", "error"])
def test_none_of_fifty_planted_secrets_is_shown(kind: str, step: Make, document: Make) -> None:
    assert len(SECRETS) >= 50
    steps, findings, errors = [], [], []
    for number, (name, value) in enumerate(SECRETS):
        if kind in ("update", "add"):
            old = {} if kind == "add" else {name: "before"}
            steps.append(step("update", f"us-east-1-{number}", oldInputs=old, newInputs={name: value}))
        elif isinstance(value, str) and name in ("value", "settings"):
            message = f"could not use {value} here"
            findings.append({"pack": "p", "policy": f"q{number}", "level": "mandatory", "urn": "", "message": message})
            errors.append({"severity": "error", "message": message})
    shown = document(
        steps, findings=findings if kind == "finding" else [], diagnostics=errors if kind == "error" else []
    )
    text = render(Note(commit="c", order=1, at="", previews=(parse(shown, "prod"),)), room=200_000)
    assert "[hidden]" in text.replace("\\", "")
    plain = text.replace("\\", "")
    leaked = [
        (name, part)
        for name, value in SECRETS
        for word in words(value)
        for part in core(word)
        if part not in ("fine", "x") and part in plain
    ]
    assert not leaked


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:dynamodb:us-east-1:111122223333:table/orders-production/index/OrderDateIndex",
        "holdfast-prod-us-east-1-ReadThrottleEvents-orders-production",
        "dynamodb-replication-latency.us-west-2.amazonaws.com",
        "rate(5 minutes)",
        "PAY_PER_REQUEST",
    ],
)
def test_ordinary_values_are_shown(value: str, step: Make, document: Make) -> None:
    changed = step("update", "us-east-1-x", oldInputs={"description": "a"}, newInputs={"description": value})
    (change,) = parse(document([changed]), "prod").changes
    assert f'+ description: "{value[:70]}' in "\n".join(change.diff)


def test_names_of_secrets_are_no_secrets(step: Make, document: Make) -> None:
    changed = step("update", "us-east-1-x", oldInputs={"secretArn": "arn:aws:a"}, newInputs={"secretArn": "arn:aws:b"})
    (change,) = parse(document([changed]), "prod").changes
    assert '+ secretArn: "arn:aws:b"' in change.diff


def test_the_log_of_the_pulumi_command_is_read(tmp_path: Path, step: Make) -> None:
    wanted = step("create", "us-east-1-orders")
    events = [
        {"sequence": 1, "timestamp": 1, "preludeEvent": {"config": {}}},
        {
            "sequence": 2,
            "timestamp": 1,
            "resourcePreEvent": {
                "metadata": {
                    "op": "create",
                    "urn": wanted["urn"],
                    "type": wanted["type"],
                    "new": {"custom": True, "inputs": {"name": "x"}},
                }
            },
        },
        {"sequence": 3, "timestamp": 2, "summaryEvent": {"resourceChanges": {"create": 1}}},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in events) + "\n")
    found = read(path, "prod")
    assert found.ok
    assert [change.name for change in found.changes] == ["us-east-1-orders"]


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"a": 1}'])
def test_another_file_is_refused_with_what_to_do(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(OpsError, match="neither a preview's document nor an event log") as caught:
        read(path, "prod")
    assert "run the preview again" in str(caught.value)


def test_a_preview_that_could_not_start_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps({"ok": False, "error": {"what": "Pulumi.prod.yaml: regions", "why": "", "fix": "write one"}})
    )
    found = read(path, "prod")
    assert not found.ok
    assert "Pulumi.prod.yaml: regions" in found.errors[0]
