"""Settings of the running program, from the configuration that Pulumi hands to it."""

from __future__ import annotations

import json

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

import settings
from components.base import tags


def read_settings() -> settings.Settings:
    """Read the settings of the running stack, and tag everything that is registered from now on.

    Raises:
        pulumi.RunError: the stack file is at fault; the message tells every fault.
    """
    try:
        wanted = settings.parse(_values(), f"Pulumi.{pulumi.get_stack()}.yaml")
    except settings.SettingsError as error:
        raise pulumi.RunError(f"the stack file cannot be deployed\n{error}") from None
    tags.register(stack_tags(wanted))
    return wanted


def stack_tags(wanted: settings.Settings) -> dict[str, str]:
    """Tags of everything: environment, project and stack, then those of the stack file."""
    return {
        "Environment": wanted.stack.environment,
        "Project": pulumi.get_project(),
        "Stack": pulumi.get_stack(),
        **wanted.stack.tags,
    }


def _values() -> dict[str, object]:
    """Every configuration value of the project's namespace; unknown keys too, so that they can be refused."""
    prefix = f"{settings.NAMESPACE}:"
    texts = {**get_config_env(), **CONFIG.get()}
    return {key: _decoded(text) for key, text in texts.items() if key.startswith(prefix)}


def _decoded(text: str) -> object:
    """A structured value arrives as JSON; anything else stays text, which the settings then refuse by its path."""
    try:
        return json.loads(text)
    except ValueError:
        return text
