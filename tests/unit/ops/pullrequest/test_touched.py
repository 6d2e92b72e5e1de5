import subprocess
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.pullrequest.touched import changed_files, touched

KNOWN = ["dev", "orders", "prod"]


@pytest.mark.parametrize(
    ("files", "stacks"),
    [
        ([], []),
        (["docs/settings.md", "tests/unit/x.py", "ops/cli.py", "sandbox/codec.py", "README.md"], []),
        (["Pulumi.prod.yaml"], ["prod"]),
        (["exemptions.dev.yaml", "docs/x.md"], ["dev"]),
        (["Pulumi.prod.yaml", "Pulumi.dev.yaml"], ["dev", "prod"]),
        (["Pulumi.gone.yaml"], []),
        (["components/data/home.py"], KNOWN),
        (["policies/recovery/PulumiPolicy.yaml"], KNOWN),
        (["__main__.py"], KNOWN),
        (["Pulumi.yaml"], KNOWN),
    ],
)
def test_a_change_names_the_stacks_that_it_may_change(files: list[str], stacks: list[str]) -> None:
    assert touched(files, KNOWN) == stacks


def test_what_a_branch_changed_is_asked_of_git(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=tmp_path, check=True, capture_output=True
        )

    git("init", "-b", "main")
    (tmp_path / "a").touch()
    git("add", "a")
    git("commit", "-m", "a")
    git("checkout", "-b", "change")
    (tmp_path / "b").touch()
    git("add", "b")
    git("commit", "-m", "b")
    assert changed_files(tmp_path, "main") == ["b"]
    with pytest.raises(OpsError, match="cannot compare with 'nowhere'") as caught:
        changed_files(tmp_path, "nowhere")
    assert "git fetch" in caught.value.fix
