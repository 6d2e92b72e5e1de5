"""What is wanted of a stack, as typed plain data. Nothing here knows Pulumi."""

from settings._errors import Fault, SettingsError
from settings._load import json_schema, load_stack, stacks
from settings._parse import parse
from settings._removal import removal_faults
from settings._root import NAMESPACE, Settings
from settings._stackfile import StackFile, read_stack_file

__all__ = [
    "NAMESPACE",
    "Fault",
    "Settings",
    "SettingsError",
    "StackFile",
    "json_schema",
    "load_stack",
    "parse",
    "read_stack_file",
    "removal_faults",
    "stacks",
]
