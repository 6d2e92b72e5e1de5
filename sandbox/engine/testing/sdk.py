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


class Group(pulumi.ComponentResource):
    def __init__(self, resource_name, opts=None, /, **props):
        super().__init__("test:index:Group", resource_name, {**props, "arn": None}, opts, remote=True)


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


def write_pack(directory: Path, body: str) -> Path:
    """Write a policy pack whose body has the names of `pulumi_policy` at hand."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (directory / "__main__.py").write_text("from pulumi_policy import *\n\n" + textwrap.dedent(body))
    return directory
