from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """No test sees the credentials or the topology of the machine it runs on."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "HOLDFAST_TOPOLOGY"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("HOLDFAST_") or name == "DAX_ENDPOINT"]:
        monkeypatch.delenv(name)
