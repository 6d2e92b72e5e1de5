"""Each exit code of each command: those that need no running stack here, the others by the test that is named."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import ops.cli
from holdfast.topology import Region, Topology
from ops import lock
from ops.drill.scenarios import SCENARIOS
from ops.exits import Exit
from ops.trust import refuse_damaged
from sandbox.engine.crypto import Crypter
from tests.unit.ops.command_line import GROUP, LEAVES
from tests.unit.ops.exit_codes import CODES, HERE

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "ops" / "exit-codes.md"
ROLE = "hf-us-east-1-app"
STATEMENT = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:table/orders"]}
TINY = """config:
  holdfast:stack: {account_id: "111122223333", name_prefix: hf}
  holdfast:regions: [{name: us-east-1, home: true, cidr: 10.10.0.0/16}]
"""
HISTORY = "time,region,table,index,read_units,write_units\n" + "".join(
    f"2026-11-01T00:{5 * step:02}:00Z,{region},Production,,{{units}},1\n"
    for step in range(12)
    for region in ("us-east-1", "us-west-2")
)
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""What marks a secret in a state of Pulumi's."""
WORDS = {"file": str(ROOT / "LICENSE"), "scenario": "region-loss", "kind": "cut", "region": "us-east-1"}
"""Parameter → a value that is right; `orders` for the others."""


WITHOUT = {
    "cost": ["cost", "--state", "x.json", "--actual"],
    "deploy": ["deploy", "--aws", "--yes"],
    "drift": ["drift", "--aws"],
}
"""What needs credentials or the pulumi command only when it is asked so."""


def resource(kind, name, /, **inputs):
    return {"type": kind, "urn": f"urn:pulumi:t::hf::{kind}::{name}", "custom": True, "inputs": inputs}


def state(*resources):
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the stack `prod`, and `tiny`; nothing is up."""
    for path in ("Pulumi.yaml", "Pulumi.prod.yaml", "policies", "services", "settings", "components", "awsfacts",
                 "runtime", "__main__.py"):  # fmt: skip
        (tmp_path / path).symlink_to(ROOT / path)
    (tmp_path / "Pulumi.tiny.yaml").write_text(TINY)
    (tmp_path / ".holdfast" / "prod").mkdir(parents=True)
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "STACK", "HOLDFAST_TOPOLOGY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


BY_NAME = {**LEAVES, "cost": GROUP.get_command(None, "cost")}  # works by itself, and has a command beneath


def line(name):
    """The words of a command with what it cannot do without, and without a question."""
    words = name.split()
    for parameter in BY_NAME[name].params:
        if parameter.required:
            value = WORDS.get(parameter.name, "orders")
            words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
        elif "--yes" in parameter.opts:
            words.append("--yes")
    return words


def code_of(monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", ["holdfast", *map(str, words)])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        ops.cli.main()
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return int(ended.value.code)


def here(code):
    return [name for name, codes in CODES.items() if codes.get(code) == HERE]


@pytest.mark.parametrize("name", CODES)
def test_an_option_that_does_not_exist_is_2(project, monkeypatch, capsys, name):
    assert code_of(monkeypatch, capsys, [*line(name), "--no-such-option"]) == Exit.USAGE


@pytest.mark.parametrize("name", here(Exit.BUSY))
def test_a_stack_that_another_command_holds_is_3(project, monkeypatch, capsys, name):
    with lock.hold(project / ".holdfast" / "prod" / "lock", command="holdfast up"):
        assert code_of(monkeypatch, capsys, line(name)) == Exit.BUSY


@pytest.mark.parametrize("name", here(Exit.UNAVAILABLE))
def test_what_needs_a_running_stack_or_credentials_is_4_without(project, monkeypatch, capsys, name):
    (project / "x.json").write_text(state(resource("aws:ec2/natGateway:NatGateway", "us-east-1-nat")))
    monkeypatch.setenv("PATH", str(project / "none"))
    assert code_of(monkeypatch, capsys, WITHOUT.get(name, line(name))) == Exit.UNAVAILABLE


@pytest.mark.parametrize("name", here(Exit.CORRUPT))
def test_a_state_that_cannot_be_trusted_is_5_and_left(project, monkeypatch, capsys, name):
    path = project / ".holdfast" / "prod" / "state.json"
    path.write_text('{"deployment": {"resources": [')
    assert code_of(monkeypatch, capsys, line(name)) == Exit.CORRUPT
    assert path.read_text() == '{"deployment": {"resources": ['


@pytest.mark.parametrize("words", [["readiness"], ["check"], ["report"]])
def test_a_state_with_secrets_is_opened_by_the_passphrase_of_the_environment(project, monkeypatch, capsys, words):
    path = project / ".holdfast" / "prod" / "state.json"
    crypter = Crypter("right")
    crypter.prepare()
    deployment = {
        "manifest": {}, "secrets_providers": {"type": "passphrase", "state": {"salt": crypter.state}},
        "resources": [{"urn": "urn:pulumi:prod::hf::pulumi:pulumi:Stack::a", "type": "pulumi:pulumi:Stack",
                       "outputs": {"word": SECRET | {"ciphertext": crypter.encrypt('"x"')}}}],
    }  # fmt: skip
    path.write_text(json.dumps({"version": 3, "deployment": deployment}))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    assert code_of(monkeypatch, capsys, words) == Exit.FAILED
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "right")
    refuse_damaged(path)


def done(project, name):
    """Words with which a command that needs no running stack does its work."""
    if name == "cost":
        (project / "x.json").write_text(state(resource("aws:ec2/natGateway:NatGateway", "us-east-1-nat")))
        return ["cost", "--state", "x.json", "--check"]
    if name == "capacity":
        (project / "x.csv").write_text(HISTORY.format(units=10))
        return ["capacity", "--csv", "x.csv"]
    if name == "topology":
        region = Region(name="us-east-1", control_table="c")
        shown = Topology(stack="prod", home_region="us-east-1", regions={"us-east-1": region})
        (project / "t.json").write_text(json.dumps(shown.to_dict()))
        return ["topology", "--topology", "t.json"]
    if name == "drill schedule":
        folder = project / ".holdfast" / "prod" / "evidence" / "drills"
        folder.mkdir(parents=True)
        for one in SCENARIOS:
            evidence = {"ok": True, "started": "2999-01-01T00:00:00+00:00", "scenario": {"name": one.name}}
            (folder / f"{one.name}.json").write_text(json.dumps({"evidence": evidence}))
    if name == "changed":
        git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.com"]
        for words in (["init", "-q", "-b", "main"], ["add", "Pulumi.yaml"], ["commit", "-q", "-m", "a"]):
            subprocess.run([*git, *words], cwd=project, check=True, capture_output=True)
        return ["changed", "--base", "main"]
    if name == "pr-comment":
        (project / "p.json").write_text(json.dumps({"ok": True, "stack": "prod", "steps": []}))
        return ["pr-comment", "prod=p.json", "--commit", "a" * 40]
    if name == "init":
        return ["init", "shop", "--no-preview"]
    return line(name)


@pytest.mark.parametrize("name", [name for name in here(Exit.OK) if name not in ("drift", "package")])
def test_what_is_done_or_as_it_should_be_is_0(project, monkeypatch, capsys, name):
    assert code_of(monkeypatch, capsys, done(project, name)) == Exit.OK


def no(project, name):
    """Words to which the answer is no."""
    if name == "cost":
        kind = "aws:ec2/natGateway:NatGateway"
        (project / "x.json").write_text(state(*(resource(kind, f"us-east-1-{one}") for one in range(300))))
        return ["cost", "--state", "x.json", "--check"]
    if name == "capacity":
        (project / "x.csv").write_text(HISTORY.format(units=9000))
        return ["capacity", "--csv", "x.csv"]
    if name == "check":
        table = resource("aws:dynamodb/table:Table", "orders", name="orders", hashKey="pk")
        (project / "x.json").write_text(state(table))
        return ["check", "x.json"]
    if name == "readiness":
        (project / "x.json").write_text(state())
        return ["readiness", "--state", "x.json"]
    if name == "doctor":
        return ["doctor", "--stack", "prood"]
    if name == "drill verify":
        signature = {"algorithm": "Ed25519", "public_key": "", "value": ""}
        (project / "x.json").write_text(json.dumps({"evidence": {}, "signature": signature}))
        return ["drill", "verify", "x.json"]
    return line(name)


@pytest.mark.parametrize("name", [name for name in here(Exit.FAILED) if name not in ("drift", "preview", "init")])
def test_an_answer_of_no_is_1(project, monkeypatch, capsys, name):
    assert code_of(monkeypatch, capsys, no(project, name)) == Exit.FAILED


def test_readiness_of_a_stack_that_shows_every_required_line_is_0(project, monkeypatch, capsys):
    shown = resource("aws:iam/rolePolicy:RolePolicy", "app", role=ROLE, policy=json.dumps({"Statement": [STATEMENT]}))
    (project / "x.json").write_text(state(shown))
    assert code_of(monkeypatch, capsys, ["readiness", "--stack", "tiny", "--state", "x.json"]) == Exit.OK


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("ops.deployment.drift.drift", ["drift"]),
        ("ops.deployment.preview.preview", ["preview"]),
        ("ops.deployment.preview.preview", ["init", "shop"]),
    ],
)
@pytest.mark.parametrize("ok", [True, False])
def test_a_run_of_the_engine_is_0_or_1_by_what_it_says(project, monkeypatch, capsys, place, words, ok):
    """The engine's part is another test's; here it has run."""
    monkeypatch.setattr(place, lambda *_, **__: {"ok": ok})
    assert code_of(monkeypatch, capsys, words) == (Exit.OK if ok else Exit.FAILED)


def test_packages_that_were_built_are_0(project, monkeypatch, capsys):
    monkeypatch.setattr("ops.package.build.build", lambda *_, **__: {})
    assert code_of(monkeypatch, capsys, ["package"]) == Exit.OK


def test_every_command_is_in_the_table_and_every_test_that_it_names_exists():
    assert CODES.keys() == BY_NAME.keys()
    tests = ROOT / "tests"
    for name, codes in CODES.items():
        assert Exit.USAGE in codes
        assert set(codes) <= {int(one) for one in Exit}
        for code, place in codes.items():
            file, _, function = place.partition("::")
            assert not function or f"def {function}(" in (tests / file).read_text(), (name, code, place)
    asking = {name for name, command in BY_NAME.items() if any("--yes" in one.opts for one in command.params)}
    assert {name for name, codes in CODES.items() if Exit.DECLINED in codes} == asking


def test_an_answer_is_read_in_one_place():
    """So that what `confirm` does holds for every command that asks."""
    readers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "ops").rglob("*.py")
        if "sys.stdin.readline" in path.read_text() or " input(" in path.read_text()
    }
    assert readers == {"ops/console.py", "ops/starting/stackfile.py"}


def test_the_page_shows_this_table():
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in PAGE.read_text().splitlines()
        if row.startswith("| `holdfast ")
    ]
    order = [0, 1, 2, 3, 4, 5, 6]
    told = {row[0].strip("`").removeprefix("holdfast "): row[1:] for row in rows}
    assert told == {name: ["yes" if code in codes else "" for code in order] for name, codes in CODES.items()}
