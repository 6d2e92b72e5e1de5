"""Writes small programs: an SDK for the provider `test`, and a body that uses it."""

from __future__ import annotations

import textwrap
from pathlib import Path

_SDK = '''
"""An SDK for the provider `test`."""
import pulumi
from pulumi import ResourceOptions


class Provider(pulumi.ProviderResource):
    def __init__(self, resource_name, opts=None, /, **props):
        super().__init__("test", resource_name, props, opts)


class Thing(pulumi.CustomResource):
    def __init__(self, resource_name, opts=None, /, **props):
        super().__init__("test:index:Thing", resource_name, {**props, "arn": None, "serial": None}, opts)


class Other(pulumi.CustomResource):
    def __init__(self, resource_name, opts=None, /, **props):
        super().__init__("test:index:Other", resource_name, {**props, "arn": None, "serial": None}, opts)


class Box(pulumi.ComponentResource):
    def __init__(self, resource_name, opts=None, /, **props):
        super().__init__("test:index:Box", resource_name, props, opts)


def out(resource, name):
    """An output of a resource by its name."""
    return pulumi.Output.from_input(getattr(resource, name, None)) if hasattr(resource, name) else None


def echo(opts=None, **args):
    return pulumi.runtime.invoke_output("test:index:echo", args, opts)
'''


def write_program(directory: Path, body: str) -> Path:
    """Write a program whose body has `pulumi`, `Thing`, `Box`, `Provider`, `echo` and `ResourceOptions` at hand."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "things.py").write_text(_SDK)
    prelude = "import pulumi\nfrom pulumi import Output, ResourceOptions\nfrom things import *\n\n"
    (directory / "__main__.py").write_text(prelude + textwrap.dedent(body))
    (directory / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    return directory
