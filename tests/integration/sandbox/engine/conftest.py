"""Tells, after a run of the conformance cases, how much of them the real engine has never been seen to do."""

from sandbox.engine.testing.cases import CASES, never_seen
from sandbox.engine.testing.runners import pulumi_command


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
