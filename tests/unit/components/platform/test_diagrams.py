"""The drawings in the pages are those of what the program registers. `make diagrams` draws them anew."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "docs" / "diagrams"


@pytest.fixture(scope="module")
def diagrams():
    spec = importlib.util.spec_from_file_location("diagrams", ROOT / "release" / "diagrams.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["diagrams"] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    yield module
    del sys.modules["diagrams"]


def region_of(name: str, regions: list[str]) -> str:
    return next((region for region in regions if name.startswith(f"{region}-")), "global")


def drawn(diagrams, recording) -> dict[str, str]:
    made = [
        diagrams.Made(
            urn=one.urn,
            type=one.type,
            name=one.name,
            layer=one.layer,
            after=one.dependencies,
            region=region_of(one.name, recording.outputs["regions"]),
        )
        for one in recording.resources
        if one.custom and not one.type.startswith("pulumi:")
    ]
    home = recording.outputs["home_region"]
    replicas = {}
    for table in recording.of("dynamodb/table:Table"):
        others = [
            one
            for one in recording.of("dynamodb/tableReplica:TableReplica")
            if one.name.endswith(table.name.removeprefix("table"))
        ]
        named = [one["regionName"] for one in table.inputs.get("replicas", [])]
        replicas[table.inputs["name"]] = [home, *named, *(one.provider_name for one in others)]
    return {"prod-layers.svg": diagrams.layers("prod", made), "prod-tables.svg": diagrams.tables("prod", replicas)}


def test_the_drawings_are_those_of_the_program(diagrams, prod):
    found = drawn(diagrams, prod)
    if os.environ.get("APPROVE"):
        FOLDER.mkdir(exist_ok=True)
        for name, text in found.items():
            (FOLDER / name).write_text(text)
    committed = {path.name: path.read_text() for path in FOLDER.glob("*.svg")}
    assert committed == found, "the program has changed: make diagrams"


def test_a_drawing_is_sound_and_shows_every_region_and_table(diagrams, prod):
    texts = {name: " ".join(ET.fromstring(svg).itertext()) for name, svg in drawn(diagrams, prod).items()}  # noqa: S314 (our own text)
    for region in prod.outputs["regions"]:
        assert all(region in text for text in texts.values())
    for table in prod.of("dynamodb/table:Table"):
        assert table.inputs["name"] in texts["prod-tables.svg"]
