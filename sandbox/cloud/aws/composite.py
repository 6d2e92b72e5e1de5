"""Composite alarms, which moto keeps and neither makes nor evaluates: their state follows from that of their children.

The rule expression is that of PutCompositeAlarm: ALARM, OK and INSUFFICIENT_DATA of an alarm's name or ARN, TRUE,
FALSE, AND, OR, NOT and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_TOKEN = re.compile(r'\s*(?:(?P<name>"(?:[^"\\]|\\.)*")|(?P<sign>[()])|(?P<word>[^\s()"]+))')
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_DEPTH = 50
"""How deep composite alarms may stand on each other before a circle is assumed."""


def apply() -> None:
    """Put composite alarms in place."""
    setattr(CloudWatchResponse, "put_composite_alarm", _put)  # noqa: B010 - moto has no such attribute
    setattr(CloudWatchResponse, "describe_alarms", _describe)  # noqa: B010 - mypy minds a plain assignment


_moto_describe = CloudWatchResponse.describe_alarms


def _put(self: CloudWatchResponse) -> ActionResult:
    """PutCompositeAlarm: the rule is read before it is kept."""
    _Rule(self._get_param("AlarmRule") or "", {}).holds()
    return self.put_metric_alarm()


def _describe(self: CloudWatchResponse) -> ActionResult:
    """DescribeAlarms with composite alarms in the state of this moment; they are told only where they are asked for."""
    _evaluate(self.cloudwatch_backend)
    types = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
    answer = _moto_describe(self)
    found: dict[str, Any] = answer.result  # type: ignore[assignment]  # a dictionary here
    return ActionResult(
        {
            "MetricAlarms": found["MetricAlarms"] if "MetricAlarm" in types else [],
            "CompositeAlarms": found["CompositeAlarms"] if "CompositeAlarm" in types else [],
        }
    )


def _evaluate(backend: CloudWatchBackend) -> None:
    """Bring every composite alarm to its state; those that stand on others settle in a few rounds."""
    composites = [alarm for alarm in backend.alarms.values() if alarm.rule is not None]
    for _ in range(_DEPTH):
        changed = False
        states = {alarm.name: alarm.state_value for alarm in backend.alarms.values()}
        states |= {alarm.alarm_arn: alarm.state_value for alarm in backend.alarms.values()}
        for alarm in composites:
            state = "ALARM" if _Rule(alarm.rule or "", states).holds() else "OK"
            if state != alarm.state_value:
                alarm.update_state(f"the rule is {'true' if state == 'ALARM' else 'false'}", "{}", state)
                changed = True
        if not changed:
            return


class _Rule:
    """A rule expression over the states of alarms, by name and by ARN; what is not there is INSUFFICIENT_DATA."""

    def __init__(self, text: str, states: Mapping[str, str]) -> None:
        self._text = text
        self._states = states
        self._tokens = list(self._read())
        self._index = 0

    def _read(self) -> Iterator[str]:
        position = 0
        while self._text[position:].strip():
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._wrong()
            yield match.group().strip()
            position = match.end()

    def holds(self) -> bool:
        """Whether it is true.

        Raises:
            ValidationError: it is no rule expression.
        """
        found = self._or()
        if self._index != len(self._tokens):
            raise self._wrong()
        return found

    def _or(self) -> bool:
        found = self._and()
        while self._accept("OR"):
            right = self._and()
            found = found or right
        return found

    def _and(self) -> bool:
        found = self._not()
        while self._accept("AND"):
            right = self._not()
            found = found and right
        return found

    def _not(self) -> bool:
        if self._accept("NOT"):
            return not self._not()
        if self._accept("("):
            found = self._or()
            self._expect(")")
            return found
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self._accept(word):
                return value
        for state in _STATES:
            if self._accept(state):
                self._expect("(")
                name = self._next().strip('"')
                self._expect(")")
                return self._states.get(name, "INSUFFICIENT_DATA") == state
        raise self._wrong()

    def _next(self) -> str:
        if self._index >= len(self._tokens):
            raise self._wrong()
        self._index += 1
        return self._tokens[self._index - 1]

    def _accept(self, word: str) -> bool:
        if self._index < len(self._tokens) and self._tokens[self._index].upper() == word:
            self._index += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._wrong()

    def _wrong(self) -> ValidationError:
        return ValidationError(f"AlarmRule is not a rule expression: {self._text}")
