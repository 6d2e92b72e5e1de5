"""Every code block of the pages is what it says: Python that compiles, data that parses, commands that exist."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^( *)(`{3,})(\w*)[^\n]*\n(.*?)^\1\2\s*$", re.MULTILINE | re.DOTALL)
SHOWN = {
    "",
    "text",
    "console",
    "yaml",
    "python",
    "json",
    "toml",
    "sh",
    "bash",
    "diff",
    "ini",
    "http",
    "mermaid",
    "sql",
    "html",
}
MAKE = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
WORDS = {
    "make",
    "holdfast",
    "pulumi",
    "git",
    "aws",
    "export",
    "python",
    "pip",
    "cd",
    "curl",
    "npm",
    "node",
    "npx",
    "jq",
    "docker",
    "source",
    "eval",
    "kubectl",
    "uvx",
    "go",
}


def blocks(language: str) -> Iterator[object]:
    for page in PAGES:
        for number, found in enumerate(BLOCK.finditer(page.read_text())):
            if found[3] in ({language} | ({"sh", "bash"} if language == "console" else set())):
                body = "".join(line.removeprefix(found[1]) for line in found[4].splitlines(keepends=True))
                yield pytest.param(body, id=f"{page.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize("body", blocks("python"))
def test_python_compiles(body: str) -> None:
    compile(body, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("body", blocks("yaml"))
def test_yaml_parses(body: str) -> None:
    assert yaml.safe_load(body) is not None


@pytest.mark.parametrize("body", blocks("json"))
def test_json_parses(body: str) -> None:
    json.loads(re.sub(r"…|\.\.\.", '"…"', body))


@pytest.mark.parametrize("body", blocks("toml"))
def test_toml_parses(body: str) -> None:
    tomllib.loads(body)


@pytest.mark.parametrize("body", blocks("console"))
def test_commands_are_known_and_make_has_the_targets(body: str) -> None:
    targets = set(MAKE.findall((ROOT / "Makefile").read_text()))
    for line in re.sub(r"\\\n", " ", body).splitlines():
        plain = line.partition(" #")[0].strip().removeprefix("$ ")
        if not plain or plain.startswith("#"):
            continue
        for part in re.split(r"\s(?:&&|\|\||\||;)\s", plain):
            words = [word for word in shlex.split(re.sub("[<>]", "_", part)) if "=" not in word or word.startswith("-")]
            if not words or words[0] == "true":
                continue
            head = Path(words[0]).name
            assert head.rstrip("3") in WORDS or (ROOT / words[0]).exists(), f"{head!r} in {line!r}"
            if head == "make":
                assert not {word for word in words[1:] if re.fullmatch(r"[a-z-]+", word)} - targets, line


def test_every_block_has_a_known_language() -> None:
    odd = {
        (str(page.relative_to(ROOT)), found[3])
        for page in PAGES
        for found in BLOCK.finditer(page.read_text())
        if found[3] not in SHOWN
    }
    assert odd == set()


def test_every_relative_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", BLOCK.sub("", page.read_text()))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert dead == []
