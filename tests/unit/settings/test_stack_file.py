"""A stack file is read as Pulumi reads it, and every fault knows its line."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

import settings
from settings._stackfile import scalar

ROOT = Path(__file__).parents[3]


def write(directory, text, stack="test"):
    path = directory / f"Pulumi.{stack}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("no", "no"), ("true", True), ("False", False), ("null", None), ("~", None),
        ("12", 12), ("-3", -3), ("0x10", 16), ("0o17", 15), ("010", 8), ("0b11", 3), ("1_000", 1000), ("1.5", 1.5), ("1e3", 1000.0),
        ("012345678901", 12345678901.0), ("10.10.0.0/16", "10.10.0.0/16"), ("us-east-1", "us-east-1"), ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01 00:00:00 +0000 UTC"), ("2026-01-01T10:11:12Z", "2026-01-01 10:11:12 +0000 UTC"), ("2026-13-01", "2026-13-01"),
    ],
)  # fmt: skip
def test_plain_scalars_are_those_of_pulumi(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_keys_and_quotes_are_kept(tmp_path):
    path = write(
        tmp_path, 'config:\n  holdfast:a:\n    on: "12"\n    no: [yes, 0x1]\n  holdfast:b: plain\n  holdfast:c: true\n'
    )
    file = settings.read_stack_file(path)
    assert file.config == {"holdfast:a": {"on": "12", "no": ["yes", 1]}, "holdfast:b": "plain", "holdfast:c": True}
    assert file.pulumi_config() == {
        "holdfast:a": '{"on": "12", "no": ["yes", 1]}',
        "holdfast:b": "plain",
        "holdfast:c": "true",
    }


def test_anchors_and_merges_are_followed(tmp_path):
    path = write(tmp_path, "config:\n  holdfast:a: &base {x: 1, y: 2}\n  holdfast:b:\n    <<: *base\n    y: 3\n")
    assert settings.read_stack_file(path).config["holdfast:b"] == {"x": 1, "y": 3}


def test_agrees_with_another_reader_on_the_stack_files():
    for path in ROOT.glob("Pulumi.?*.yaml"):
        assert settings.read_stack_file(path).config == yaml.safe_load(path.read_text())["config"], path.name


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("config:\n  a: [1\n", "is not YAML", 3),
        ("config:\n  a: 1\n b: 2\n", "is not YAML", 3),
        ("config:\n  a:b: 1\n  a:b: 2\n", "written twice", 3),
        ("- a\n", "must hold keys", 1),
        ("config: text\n", "must hold keys", None),
        ("config:\n  a:b:\n    secure: v1:abc\n", "encrypted value", 2),
        ("a: \x00\n", "is not YAML", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_line(tmp_path, text, rule, line):
    with pytest.raises(settings.SettingsError) as caught:
        settings.read_stack_file(write(tmp_path, text))
    (fault,) = caught.value.faults
    assert rule in fault.rule
    assert fault.line == line
    assert str(caught.value).startswith("Pulumi.test.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "Pulumi.test.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(settings.SettingsError, match="cannot be read"):
        settings.read_stack_file(path)


def test_an_empty_file_has_no_configuration(tmp_path):
    assert settings.read_stack_file(write(tmp_path, "")).config == {}


def test_a_stack_that_does_not_exist_names_those_that_do(tmp_path):
    write(tmp_path, "config: {}\n", "dev")
    write(tmp_path, "config: {}\n", "prod")
    with pytest.raises(settings.SettingsError) as caught:
        settings.load_stack("pord", tmp_path)
    assert "no stack 'pord'" in str(caught.value)
    assert "dev, prod" in str(caught.value)
    assert settings.stacks(tmp_path) == ["dev", "prod"]


def test_faults_of_a_file_know_their_lines(tmp_path):
    write(
        tmp_path,
        "config:\n  holdfast:stack:\n    account_id: 1\n    name_prefix: shop\n"
        "  holdfast:regions:\n    - name: us-east-1\n      home: true\n      cidr: 10.0.0.0/16\n    - name: nowhere\n      cidr: 10.1.0.0/16\n",
    )
    with pytest.raises(settings.SettingsError) as caught:
        settings.load_stack("test", tmp_path)
    assert {fault.path: fault.line for fault in caught.value.faults} == {
        "holdfast:stack.account_id": 3,
        "holdfast:regions[1].name": 9,
    }
    assert "Pulumi.test.yaml:3: holdfast:stack.account_id" in str(caught.value)


@pytest.mark.parametrize("stack", settings.stacks(ROOT))
def test_stack_files_of_the_project_are_legal_and_fit_the_schema(stack):
    assert settings.load_stack(stack, ROOT).stack.account_id == "111122223333"
    file = settings.read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
    jsonschema.Draft202012Validator(settings.json_schema()).validate({"config": dict(file.config)})


@pytest.mark.parametrize(
    "config",
    [
        {"holdfast:stack": {"account_id": 1, "name_prefix": "a"}},
        {"holdfast:stak": {}},
        {"holdfast:stack": {"account_id": "111122223333", "name_prefix": "a", "other": 1}, "holdfast:regions": []},
    ],
)
def test_the_schema_refuses_what_the_settings_refuse(config):
    validator = jsonschema.Draft202012Validator(settings.json_schema())
    assert list(validator.iter_errors({"config": config}))
    with pytest.raises(settings.SettingsError):
        settings.parse(config, "x")


def test_the_schema_is_json_and_describes_every_key():
    schema = json.loads(json.dumps(settings.json_schema()))
    properties = schema["properties"]["config"]["properties"]
    assert set(properties) == {f"holdfast:{name}" for name in settings.Settings.model_fields}
    for model in schema["$defs"].values():
        for name, entry in model.get("properties", {}).items():
            assert entry.get("description"), name


def test_the_schema_that_editors_read_is_that_of_the_settings():
    written = json.loads((ROOT / "docs" / "settings.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(settings.json_schema())), (
        "write it again: holdfast settings schema > docs/settings.schema.json"
    )
