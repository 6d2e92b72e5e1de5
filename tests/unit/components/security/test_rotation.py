# ruff: noqa: N803 - the stand-in has the argument names of the real client
"""The function that rotates a secret, step by step, against a client that keeps versions."""

import pytest

from components.security.rotation.handler import RotationError, handle


class Secrets:
    """As much of Secrets Manager as a rotation calls."""

    class exceptions:  # noqa: N801 - the client's own name
        ResourceNotFoundException = KeyError

    def __init__(self):
        self.stages = {"old": ["AWSCURRENT"], "new": ["AWSPENDING"]}
        self.values = {"old": "x" * 64}

    def describe_secret(self, SecretId):
        return {"VersionIdsToStages": {key: list(value) for key, value in self.stages.items()}}

    def get_secret_value(self, SecretId, VersionId, VersionStage):
        return {"SecretString": self.values[VersionId]}

    def get_random_password(self, PasswordLength, ExcludePunctuation):
        return {"RandomPassword": "r" * PasswordLength}

    def put_secret_value(self, SecretId, ClientRequestToken, SecretString, VersionStages):
        self.values[ClientRequestToken] = SecretString

    def update_secret_version_stage(self, SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId=None):
        self.stages[MoveToVersionId] = [VersionStage]
        if RemoveFromVersionId:
            self.stages[RemoveFromVersionId] = ["AWSPREVIOUS"]


def step(secrets, name, token="new"):  # noqa: S107 - the id of a version
    handle({"SecretId": "s", "ClientRequestToken": token, "Step": name}, None, secrets)


def test_four_steps_make_the_new_value_current():
    secrets = Secrets()
    for name in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        step(secrets, name)
    assert secrets.values["new"] == "r" * 64
    assert secrets.stages == {"old": ["AWSPREVIOUS"], "new": ["AWSCURRENT"]}


def test_a_repeated_step_keeps_the_value_that_was_written():
    secrets = Secrets()
    step(secrets, "createSecret")
    secrets.get_random_password = None
    step(secrets, "createSecret")
    assert secrets.values["new"] == "r" * 64


def test_a_first_rotation_has_no_current_version():
    secrets = Secrets()
    del secrets.stages["old"]
    step(secrets, "createSecret")
    step(secrets, "finishSecret")
    assert secrets.stages == {"new": ["AWSCURRENT"]}


def test_a_current_version_is_left_alone():
    secrets = Secrets()
    step(secrets, "createSecret", token="old")
    assert secrets.values == {"old": "x" * 64}


@pytest.mark.parametrize(
    ("name", "token", "reason"),
    [
        ("createSecret", "other", "not a version"),
        ("reverse", "new", "no step"),
        ("finishSecret", "past", "not waiting"),
    ],
)
def test_what_must_not_go_on_is_refused(name, token, reason):
    secrets = Secrets()
    secrets.stages["past"] = ["AWSPREVIOUS"]
    with pytest.raises(RotationError, match=reason):
        step(secrets, name, token)


def test_a_value_that_is_too_short_is_not_made_current(monkeypatch):
    monkeypatch.setenv("SECRET_LENGTH", "8")
    secrets = Secrets()
    step(secrets, "createSecret")
    with pytest.raises(RotationError, match="shorter than 32"):
        step(secrets, "testSecret")
