"""How commands that reach a forge, AWS or the pulumi command end where those refuse: run as a user runs them.

What stands in is at the outer edge: a server on this machine for the forge and for S3, a script for pulumi.
"""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ops.exits import Exit

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from ops.cli import main; main()"]
SIGNED_IN = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "of-a-test"}


@pytest.fixture
def project(tmp_path):
    """A checkout with the bootstrap program and a preview; nothing of it was ever run."""
    ignored = shutil.ignore_patterns(".holdfast", "__pycache__")
    shutil.copytree(ROOT / "bootstrap", tmp_path / "bootstrap", ignore=ignored)
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    (tmp_path / "preview.json").write_text(json.dumps({"ok": True, "stack": "prod", "steps": []}))
    return tmp_path


@pytest.fixture
def answering():
    """A server that gives every request one status; `answering(403)` says its address."""
    servers = []

    def serve(status: int) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_POST = answer  # noqa: N815 (the names are the base class's)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def run(project, *words, **environment):
    """The command with nothing of this machine's sign-ins and an empty PATH, but for what a test gives."""
    nothing = str(project / "none")
    clean = {
        "PYTHONPATH": str(ROOT), "PATH": nothing, "HOME": nothing, "NO_PROXY": "127.0.0.1",
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing,
    }  # fmt: skip
    done = subprocess.run(
        [*COMMAND, *words], cwd=project, env=clean | environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    ("status", "told"),
    [(None, "GitHub does not answer: ConnectionError"), (403, "pull-requests: write")],
    ids=["nothing-answers", "refused"],
)
def test_a_forge_that_does_not_take_the_comment_is_4_and_the_comment_is_kept(project, answering, status, told):
    address = answering(status) if status else "http://127.0.0.1:1"  # tcpmux: nothing of today listens there
    done = run(
        project, "pr-comment", "prod=preview.json", "--commit", "a" * 40, "--output", "comment.md", "--post",
        GITHUB_REPOSITORY="o/r", GITHUB_REF="refs/pull/7/merge", GITHUB_TOKEN="of-a-test", GITHUB_API_URL=address,
    )  # fmt: skip
    assert done.returncode == Exit.UNAVAILABLE, done.stderr
    assert told in done.stderr
    assert "of-a-test" not in done.stdout + done.stderr
    assert "prod" in (project / "comment.md").read_text()


def test_a_bootstrap_without_credentials_is_4_and_nothing_was_made(project):
    done = run(project, "bootstrap", "--aws", "--yes")
    assert done.returncode == Exit.UNAVAILABLE, done.stderr
    assert "AWS cannot be asked: Unable to locate credentials" in done.stderr
    assert "aws sso login" in done.stderr
    assert not (project / "bootstrap" / ".holdfast").exists()


def test_a_bootstrap_whose_step_fails_is_1_and_can_be_run_again(project, answering):
    script = project / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no room' if 'export' in sys.argv else 0)\n")
    script.chmod(0o755)
    found = {"AWS_ENDPOINT_URL": answering(404), "PATH": str(script.parent), **SIGNED_IN}
    done = run(project, "bootstrap", "--aws", "--yes", "--json", **found)
    assert done.returncode == Exit.FAILED, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["what"].startswith("`pulumi stack export")
    assert "run the same command again" in error["fix"]
    assert "no room" in done.stderr
    assert (project / "bootstrap" / ".holdfast" / "account" / "backend").is_dir()
