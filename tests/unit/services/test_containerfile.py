"""The container file, read line by line: no engine is needed to see that what it copies and starts is there."""

import json
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILE = ROOT / "services" / "orders" / "Containerfile"


def instructions():
    """(instruction, words) of every line, in order."""
    text = FILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    found = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, rest in found]


def of(wanted):
    return [rest for name, rest in instructions() if name == wanted]


def test_only_known_instructions_are_used_and_it_begins_with_a_pinned_base():
    known = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "EXPOSE", "ENTRYPOINT"}
    assert {name for name, _ in instructions()} <= known
    assert [name for name, _ in instructions()[:2]] == ["ARG", "FROM"]
    name, _, image = of("ARG")[0].partition("=")
    for base in of("FROM"):
        assert base.split()[0] == f"${{{name}}}"
        assert ":" in image.rsplit("/", 1)[1], f"{image} names no version"
        assert not image.endswith(":latest")


def test_what_is_copied_is_in_the_repository_or_in_an_earlier_stage():
    stages = {base.split()[2] for base in of("FROM") if " AS " in base}
    for copied in of("COPY"):
        words = shlex.split(copied)
        if words[0].startswith("--from="):
            assert words[0].removeprefix("--from=") in stages
            continue
        for source in words[:-1]:
            assert (ROOT / source).exists(), f"COPY {source}: there is no such file"


def test_every_requirement_is_pinned_by_hash_and_nothing_else_is_resolved():
    installs = [run for run in of("RUN") if "pip install" in run]
    assert len(installs) == 1
    assert "--require-hashes -r service.txt" in installs[0]
    text = (ROOT / "requirements" / "service.txt").read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("needed", ["starlette", "uvicorn", "orjson", "httptools", "botocore", "redis"])
def test_what_the_service_imports_is_among_the_requirements(needed):
    text = (ROOT / "requirements" / "service.txt").read_text(encoding="utf-8").lower()
    assert any(line.startswith((f"{needed}==", f"{needed}[")) for line in text.splitlines())


def test_the_builder_is_sent_what_is_copied_and_nothing_else():
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {word for line in of("COPY") if not line.startswith("--from=") for word in shlex.split(line)[:-1]}
    assert sent == copied


def test_it_runs_the_service_as_a_user_without_rights():
    names = [name for name, _ in instructions()]
    assert of("USER") == ["10001"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    command = json.loads(of("ENTRYPOINT")[0])
    assert command[:3] == ["python", "-m", "services.orders"]
    assert find_spec("services.orders.__main__") is not None
    assert command[command.index("--port") + 1] == of("EXPOSE")[0]
    assert command[command.index("--host") + 1] == "0.0.0.0"
