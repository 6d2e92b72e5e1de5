"""A stack to run, and the share of the conformance cases that the real engine has never been seen to do."""

import pytest

from sandbox.engine import Engine, Program, StateFile
from sandbox.engine.testing import TestHost, write_program
from sandbox.engine.testing.cases import CASES, never_seen
from sandbox.engine.testing.runners import pulumi_command


class Stack:
    """One stack of the test provider in a directory of its own."""

    def __init__(self, directory, host, name="dev"):
        self.directory = directory
        self.host = host
        self.name = name
        self.state = StateFile(directory / name / "state.json", "x")
        self.events = []

    def write(self, body):
        write_program(self.directory / "program", body)
        return self

    def engine(self, **options):
        config = options.pop("config", {})
        return Engine(
            Program(directory=self.directory / "program", project="test", stack=self.name, config=config),
            state=self.state,
            plugins=self.host,
            on_event=self.events.append,
            **options,
        )


@pytest.fixture
def host():
    host = TestHost()
    yield host
    host.close()


@pytest.fixture
def stack(tmp_path, host):
    return Stack(tmp_path, host)


@pytest.fixture
def other_stack(tmp_path, host):
    return Stack(tmp_path, host, "other")


def pytest_terminal_summary(terminalreporter):
    ran = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if "test_conformance" in getattr(report, "nodeid", "")
    ]
    if not ran or pulumi_command() is not None:
        return
    terminalreporter.write_line(
        f"conformance: {len(CASES)} cases, {never_seen():.0%} never seen on the real engine "
        "(read in its source; put `pulumi` on the PATH to run all of them there)"
    )
