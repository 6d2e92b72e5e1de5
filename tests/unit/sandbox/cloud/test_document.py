"""sandbox.json and the status are read across releases."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.cloud import Sandbox, SandboxDocument, SandboxError, SandboxStatus

DOCUMENT = SandboxDocument(
    pid=os.getpid(),
    incarnation="abc",
    admin="http://127.0.0.1:1",
    regions=("us-east-1",),
    account_id="111122223333",
    gateways={"us-east-1": "http://127.0.0.1:2"},
    started="2026-01-01T00:00:00+00:00",
)


def test_a_document_is_read_back_whole(tmp_path: Path) -> None:
    DOCUMENT.write(tmp_path)
    assert SandboxDocument.read(tmp_path) == DOCUMENT
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o777 == 0o600


def test_another_releases_fields_are_passed_over(tmp_path: Path) -> None:
    DOCUMENT.write(tmp_path)
    path = tmp_path / "sandbox.json"
    values = json.loads(path.read_text())
    del values["dax"]
    path.write_text(json.dumps({**values, "something_new": 1}))
    assert SandboxDocument.read(tmp_path) == DOCUMENT


def test_what_is_no_document_is_none(tmp_path: Path) -> None:
    assert SandboxDocument.read(tmp_path) is None
    (tmp_path / "sandbox.json").write_text("{")
    assert SandboxDocument.read(tmp_path) is None
    (tmp_path / "sandbox.json").write_text('{"pid": 1}')
    assert SandboxDocument.read(tmp_path) is None


def test_a_process_that_is_no_supervisor_is_not_alive() -> None:
    assert not DOCUMENT.alive()  # this test's own pid


def test_a_status_of_another_release_is_read() -> None:
    status = SandboxStatus.from_json(
        {
            "incarnation": "abc",
            "started": "",
            "account_id": "1",
            "regions": ["us-east-1"],
            "gateways": {},
            "services": {},
            "redis": {},
            "dax": {},
            "dynamodb": "sandbox",
            "parts": [
                {"name": "aws", "state": "running", "pid": 1, "memory_mb": 10.0, "detail": ""},
                {
                    "name": "dynamodb",
                    "state": "crashed",
                    "pid": None,
                    "memory_mb": 0.0,
                    "detail": "was ended by SIGKILL",
                },
            ],
            "faults": [],
            "weather": "fine",
        }
    )
    assert status.crashed == ("dynamodb",)
    assert not status.healthy
    assert status.memory_mb == 10.0


def test_a_sandbox_of_another_release_is_named_before_anything_is_asked_of_it(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, replace(DOCUMENT, protocol=0))
    for ask in (sandbox.status, sandbox.replication, sandbox.heal):
        with pytest.raises(SandboxError, match="another release of this program; stop it first: holdfast sandbox stop"):
            ask()
