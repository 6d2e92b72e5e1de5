"""Making a region fail in AWS: an experiment of AWS Fault Injection Service, bound to alarms, that the stack made."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.drill.scenario import Scenario
    from ops.estate.access import Estate

TAG = "holdfast:drill"
"""Carries the drill's id, so that the process that heals finds the experiment."""
RUNNING = ("pending", "initiating", "running")
START_SECONDS = 120.0
POLL_SECONDS = 1.0


def template_of(estate: Estate, scenario: Scenario) -> str:
    """The id of the experiment template that stands for a scenario in the home region.

    Raises:
        OpsError: AWS has no experiment for it, or the stack did not make one.
    """
    if scenario.experiment is None:
        raise OpsError(
            f"scenario {scenario.name!r} runs in the sandbox only",
            why="AWS Fault Injection Service has no action that does it",
            fix="run it on the stack in the sandbox, or see holdfast drill list for those with an experiment",
            code=Exit.USAGE,
        )
    found = estate.topology.home.experiments.get(scenario.experiment)
    if found is None:
        raise OpsError(
            f"the stack has no experiment {scenario.experiment!r} in {estate.topology.home_region}",
            fix="set holdfast:recovery.drills in the stack file, and deploy",
            code=Exit.UNAVAILABLE,
        )
    return found.rsplit("/", 1)[-1]


def check(estate: Estate, template: str) -> list[str]:
    """The names of the alarms that end the experiment; all of them are well.

    Raises:
        OpsError: no alarm would end it, or one fires already.
    """
    region = estate.topology.home_region
    described = estate.client("fis", region).get_experiment_template(id=template)["experimentTemplate"]
    bound = [one["value"] for one in described.get("stopConditions", []) if one["source"] != "none"]
    if not bound:
        raise OpsError(
            f"experiment template {template} in {region} has no stop condition",
            why="nothing would end it when it goes wrong",
            fix="bind it to an alarm: deploy the stack's own template",
        )
    names = [arn.rsplit(":", 1)[-1] for arn in bound]
    client = estate.client("cloudwatch", region)
    found = client.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
    firing = [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    missing = sorted(set(names) - {alarm["AlarmName"] for alarm in alarms})
    if firing or missing:
        raise OpsError(
            "the alarms that end the experiment do not allow it to start",
            why="; ".join([f"{name} fires" for name in firing] + [f"{name} does not exist" for name in missing]),
            fix="see holdfast status; begin when all of them are well",
        )
    return names


class Experiment:
    """One experiment: started on entering, stopped on leaving."""

    def __init__(self, client: Any, template: str, *, drill: str, stack: str) -> None:
        self._client, self._template, self._drill = client, template, drill
        # Operators may start what carries their stack's tag, and nothing else.
        self._tags = {TAG: drill, "Stack": stack}
        self._id = ""
        self.began = 0.0

    def __enter__(self) -> Self:
        """Start it, and wait until its actions run.

        Raises:
            OpsError: it does not start.
        """
        reply = self._client.start_experiment(
            clientToken=self._drill, experimentTemplateId=self._template, tags=self._tags
        )
        self._id = reply["experiment"]["id"]
        end = time.monotonic() + START_SECONDS
        while (state := self._state())["status"] in ("pending", "initiating") and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        if state["status"] != "running":
            self._stop()
            raise OpsError(
                f"experiment {self._id} does not run: {state['status']}",
                why=str(state.get("reason", "")),
                fix="see it with: aws fis get-experiment",
            )
        self.began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, and wait until what it did is undone."""
        self._stop()
        end = time.monotonic() + START_SECONDS
        while self._state()["status"] in (*RUNNING, "stopping") and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def over(self) -> str | None:
        """None while it runs; `completed` is as planned, anything else is a reason to stop."""
        state = self._state()
        if state["status"] in RUNNING:
            return None
        if state["status"] == "completed":
            return ""
        return f"experiment {self._id} is {state['status']}: {state.get('reason', 'no reason given')}"

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._client.get_experiment(id=self._id)["experiment"]["state"]
        return state

    def _stop(self) -> None:
        if self._state()["status"] in RUNNING:
            self._client.stop_experiment(id=self._id)


def stop_all(client: Any, drill: str) -> int:
    """Stop every experiment of a drill that still runs; says how many."""
    stopped, token = 0, dict[str, str]()
    while True:
        page = client.list_experiments(**token)
        for experiment in page.get("experiments", []):
            if experiment.get("tags", {}).get(TAG) == drill and experiment["state"]["status"] in RUNNING:
                client.stop_experiment(id=experiment["id"])
                stopped += 1
        if not page.get("nextToken"):
            return stopped
        token = {"nextToken": page["nextToken"]}
