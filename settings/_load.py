"""Finds the stack files of a project and reads their settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from settings._errors import Fault, SettingsError
from settings._parse import parse
from settings._root import NAMESPACE, Settings
from settings._stackfile import read_stack_file

if TYPE_CHECKING:
    from pathlib import Path


def stacks(directory: Path) -> list[str]:
    """Names of the stacks that have a stack file in a directory, in alphabetical order."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in directory.glob("Pulumi.?*.yaml"))


def load_stack(stack: str, directory: Path) -> Settings:
    """Settings of one stack.

    Raises:
        SettingsError: the stack has no file, or the file is at fault; every fault is told, with its line.
    """
    path = directory / f"Pulumi.{stack}.yaml"
    known = stacks(directory)
    if stack not in known:
        fault = Fault(
            path="the stack",
            value=stack,
            rule=f"there is no stack {stack!r} in {directory}",
            fix=f"choose one of {', '.join(known)}" if known else f"write the file {path.name}",
        )
        raise SettingsError(path.name, (fault,))
    file = read_stack_file(path)
    try:
        return parse(file.config, file.source)
    except SettingsError as error:
        located = tuple(replace(fault, line=file.line(fault.path)) for fault in error.faults)
        raise SettingsError(file.source, located) from None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a stack file, for editors."""
    schema = TypeAdapter(Settings).json_schema(ref_template="#/$defs/{model}")
    definitions = schema.pop("$defs", {})
    keys = {f"{NAMESPACE}:{name}": value for name, value in schema["properties"].items()}
    required = [f"{NAMESPACE}:{name}" for name in schema["required"]]
    config = {
        "type": "object",
        "properties": keys,
        "required": required,
        "patternProperties": {f"^(?!{NAMESPACE}:)": {}},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Holdfast",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
        "$defs": definitions,
    }
