import json
import os
from pathlib import Path

import pytest

from ops.bootstrap.account import carry_out, plan
from ops.console import Output
from ops.errors import OpsError
from ops.workspace import Workspace
from settings import SettingsError
from settings.bootstrap import KEY, BootstrapSettings, parse_bootstrap

GIVEN = {"account_id": "111122223333", "repository": "example/orders", "environments": {"prod": "holdfast"}}


def wanted(**more: object) -> BootstrapSettings:
    return parse_bootstrap({KEY: {**GIVEN, **more}}, "test")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for pack in ("encryption", "recovery"):
        (tmp_path / "policies" / pack).mkdir(parents=True)
        (tmp_path / "policies" / pack / "PulumiPolicy.yaml").touch()
    (tmp_path / "bootstrap").mkdir()
    return Workspace(project=tmp_path / "bootstrap", stack="account")


def recorder(folder: Path, monkeypatch: pytest.MonkeyPatch, *, fails_at: str = "never") -> Path:
    """A `pulumi` that writes down what it was asked for."""
    log = folder / "log"
    script = folder / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(
        "#!/usr/bin/env python3\n"
        "import json, os, sys\n"
        f"open({str(log)!r}, 'a').write(json.dumps([sys.argv[1:], os.environ['PULUMI_BACKEND_URL'],"
        " os.environ['PULUMI_CONFIG_PASSPHRASE']]) + '\\n')\n"
        f"sys.exit({fails_at!r} in sys.argv)\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    return log


def test_the_first_run_carries_the_state_from_a_file_into_the_bucket(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    log = recorder(tmp_path, monkeypatch)
    carry_out(workspace, plan(workspace, wanted(), bucket_exists=False), Output())
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert [call[0][0] if call[0][0] == "up" else call[0][1] for call in calls] == [
        "select",
        "up",
        "export",
        "init",
        "import",
    ]
    backends = [call[1].partition(":")[0] for call in calls]
    assert backends == ["file", "file", "file", "s3", "s3"]
    assert calls[1][0].count("--policy-pack") == 2
    assert "awskms://alias/holdfast-secrets?region=us-east-1&awssdk=v2" in calls[3][0]
    passphrase = calls[0][2]
    assert len(passphrase) >= 32
    assert passphrase not in "".join(capsys.readouterr())
    assert (workspace.root / "passphrase").stat().st_mode & 0o077 == 0
    assert not (workspace.root / "carried.json").exists()


def test_a_later_run_updates_what_the_bucket_has(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recorder(tmp_path, monkeypatch)
    carry_out(workspace, plan(workspace, wanted(), bucket_exists=True), Output())
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert [call[0][:2] for call in calls] == [["stack", "select"], ["up", "--stack"]]
    assert all(call[1].startswith("s3://holdfast-111122223333-us-east-1-state") for call in calls)


def test_a_step_that_fails_stops_the_rest_and_keeps_the_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recorder(tmp_path, monkeypatch, fails_at="export")
    with pytest.raises(OpsError, match="stack export") as caught:
        carry_out(workspace, plan(workspace, wanted(), bucket_exists=False), Output())
    assert "run the same command again" in caught.value.fix
    assert len(log.read_text().splitlines()) == 3
    assert (workspace.root / "backend").is_dir()


def test_without_the_command_it_says_where_to_get_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OpsError, match="no `pulumi` on the PATH"):
        carry_out(workspace, plan(workspace, wanted(), bucket_exists=True), Output())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"account_id": "1"}, "twelve digits"),
        ({"repository": "orders"}, "owner/name"),
        ({"environments": {}}, "write 1"),
        ({"environments": {"Prod!": "holdfast"}}, "small letters"),
        ({"acount": "x"}, "not a known key"),
        ({"key_deletion_window_days": 3}, "write 7 or more"),
    ],
)
def test_a_setting_that_is_wrong_is_told_with_what_to_write(change: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        wanted(**change)
    assert told in str(caught.value)
