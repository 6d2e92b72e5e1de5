"""The table of coverage by room adds up what belongs together."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def rooms():
    spec = importlib.util.spec_from_file_location("rooms", ROOT / "release" / "rooms.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["rooms"] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    yield module
    del sys.modules["rooms"]


def summary(lines, run, branches, taken):
    return {
        "summary": {"num_statements": lines, "covered_lines": run, "num_branches": branches, "covered_branches": taken}
    }


@pytest.mark.parametrize(
    ("file", "room"),
    [
        ("awsfacts/iam/evaluate.py", "awsfacts"),
        ("sandbox/codec.py", "sandbox"),
        ("sandbox/engine/display/lines.py", "sandbox/engine"),
        ("runtime/holdfast/resilience/breaker.py", "runtime/holdfast/resilience"),
        ("policies/holdfast_policies/cost.py", "policies/holdfast_policies"),
        ("services/__init__.py", "services"),
        ("services/orders/app.py", "services/orders"),
    ],
)
def test_a_file_belongs_to_a_room(rooms, file, room):
    assert rooms.room_of(file) == room


def test_files_are_summed_and_a_room_without_branches_has_no_share(rooms):
    rows = rooms.table({
        "sandbox/engine/a.py": summary(10, 5, 4, 1),
        "sandbox/engine/b.py": summary(30, 15, 4, 1),
        "settings/c.py": summary(5, 5, 0, 0),
    })  # fmt: skip
    assert "| sandbox/engine | 8 | 25.0 % | 40 | 50.0 % |" in rows
    assert "| settings | 0 | none | 5 | 100.0 % |" in rows
    assert rows[-1] == "| all | 8 | 25.0 % | 45 | 55.6 % |"
