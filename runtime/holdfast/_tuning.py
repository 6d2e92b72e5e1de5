"""Where a client's figures come from: an argument, the environment, the topology, or the default, in this order.

Sections and names are those of `holdfast:runtime` in the stack file, which the topology carries. In the environment
`breaker` `reset_seconds` is HOLDFAST_BREAKER_RESET_SECONDS, and so on.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.errors import ConfigurationError
from holdfast.resilience.policy import DEFAULT, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.topology import Topology

POOL = {"max_connections": 50, "idle_seconds": 20.0}
"""Of the transport, without any of the above: the reference architecture's 50 connections a region."""

_KINDS: Mapping[tuple[str, str], tuple[type, str, str]] = {
    ("pool", "max_connections"): (int, "pool", "max_connections"),
    ("pool", "idle_seconds"): (float, "pool", "idle_seconds"),
    ("pool", "request_timeout_seconds"): (float, "timeout", "call_seconds"),
    ("timeouts", "attempt_seconds"): (float, "timeout", "attempt_seconds"),
    ("timeouts", "minimum_seconds"): (float, "timeout", "minimum_seconds"),
    ("retries", "max_retries"): (int, "retry", "retries"),
    ("retries", "base_seconds"): (float, "retry", "base_seconds"),
    ("retries", "cap_seconds"): (float, "retry", "cap_seconds"),
    ("breaker", "failure_threshold"): (int, "breaker", "failure_threshold"),
    ("breaker", "reset_seconds"): (float, "breaker", "reset_seconds"),
    ("hedging", "enabled"): (bool, "hedge", "enabled"),
    ("hedging", "quantile"): (float, "hedge", "quantile"),
    ("hedging", "budget"): (float, "hedge", "budget"),
}
"""Section and name: the type, and the part of the policy and its field that they set."""
_WORDS = {"true": True, "1": True, "false": False, "0": False}


class Tuning:
    """What the environment and the topology say.

    Raises:
        ConfigurationError: a variable of the environment is no number, or neither true nor false.
    """

    def __init__(self, topology: Topology | None) -> None:
        self._parts: dict[str, dict[str, Any]] = {}
        self._sources: dict[str, list[str]] = {}
        sections = topology.runtime if topology is not None else {}
        for (section, name), (kind, part, field) in _KINDS.items():
            variable = f"HOLDFAST_{section}_{name}".upper()
            text = os.environ.get(variable)
            value = sections.get(section, {}).get(name) if not text else read(variable, text, kind)
            if value is not None:
                self._parts.setdefault(part, {})[field] = kind(value)
                source = f"{variable}={text}" if text else f"{section}.{name} = {value} of the topology"
                self._sources.setdefault(part, []).append(source)

    def pool(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The transport's arguments.

        Raises:
            ConfigurationError: a number without meaning.
        """
        found = {**POOL, **self._parts.get("pool", {})}
        found |= {name: options[name] for name in POOL if options.get(name) is not None}
        if found["max_connections"] < 1 or found["idle_seconds"] <= 0:
            raise ConfigurationError(
                f"max_connections is {found['max_connections']} and idle_seconds {found['idle_seconds']}; "
                "write at least one connection, and more than 0 seconds"
            )
        return found

    def policy(self, given: Policy | None) -> Policy:
        """The policy with what was found for the parts that were not given.

        Raises:
            ConfigurationError: what was found has no meaning together; the message says where it comes from.
        """
        policy = given or DEFAULT
        changed: dict[str, Any] = {}
        for part, fields in self._parts.items():
            default = getattr(DEFAULT, part, None)
            if default is None or getattr(policy, part) is not default:
                continue
            try:
                changed[part] = replace(default, **fields)
            except ValueError as error:
                raise ConfigurationError(f"{error}; it comes from {', '.join(self._sources[part])}") from None
        return replace(policy, **changed) if changed else policy


def read(variable: str, text: str, kind: type) -> Any:
    """A variable's value.

    Raises:
        ConfigurationError: it is none of that type.
    """
    try:
        return _WORDS[text.strip().lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        wanted = {bool: "true or false", int: "a whole number"}.get(kind, "a number")
        raise ConfigurationError(f"{variable} is {text!r}; write {wanted}") from None
