"""What a case is, and how it becomes a template and a deployment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TAGS = {
    "Environment": "production",
    "Service": "orders",
    "Owner": "team-orders",
    "CostCenter": "42",
    "DataClassification": "confidential",
}
ACCOUNT = "111122223333"
REGION = "us-east-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def arn(service: str, resource: str, region: str = REGION) -> str:
    """The ARN of a resource in the account of the cases."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


@dataclass(frozen=True)
class Part:
    """One resource in both languages. A part without a template type exists in Pulumi alone, as a resource apart."""

    name: str
    cloudformation: str
    properties: dict[str, Any]
    pulumi: str
    inputs: dict[str, Any]
    id: str = ""
    tagged: bool = True

    def template(self) -> dict[str, Any]:
        """The resource as CloudFormation writes it."""
        return {"Type": self.cloudformation, "Properties": self.properties}

    def state(self) -> dict[str, Any]:
        """The resource as a Pulumi deployment holds it."""
        urn = f"urn:pulumi:prod::comparison::{self.pulumi}::{self.name.lower()}"
        provider = f"urn:pulumi:prod::comparison::pulumi:providers:aws::{REGION}::aws"
        tags = {"tags": TAGS} if self.tagged else {}
        return {
            "urn": urn,
            "type": self.pulumi,
            "custom": True,
            "id": self.id or self.name.lower(),
            "inputs": {**tags, **self.inputs},
            "outputs": {},
            "protect": True,
            "provider": provider,
        }


@dataclass(frozen=True, kw_only=True)
class Case:
    """A sound program and the same with one fault."""

    name: str
    fault: str
    sound: tuple[Part, ...]
    faulty: tuple[Part, ...]
    also: frozenset[str] = field(default_factory=frozenset)


def one(
    name: str,
    fault: str,
    part: Part,
    properties: dict[str, Any],
    inputs: dict[str, Any],
    *beside: Part,
) -> Case:
    """A case in which one resource differs: properties of None are taken away."""
    broken = Part(
        part.name,
        part.cloudformation,
        _changed(part.properties, properties),
        part.pulumi,
        _changed(part.inputs, inputs),
        part.id,
        part.tagged,
    )
    return Case(name=name, fault=fault, sound=(part, *beside), faulty=(broken, *beside))


def without(name: str, fault: str, parts: tuple[Part, ...], *missing: Part) -> Case:
    """A case in which resources are missing."""
    return Case(name=name, fault=fault, sound=(*parts, *missing), faulty=parts)


def template(parts: tuple[Part, ...]) -> dict[str, Any]:
    """A CloudFormation template of the parts."""
    resources = {part.name: part.template() for part in parts if part.cloudformation}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def deployment(parts: tuple[Part, ...]) -> dict[str, Any]:
    """A Pulumi deployment of the parts, as `pulumi stack export` writes it."""
    provider = {
        "urn": f"urn:pulumi:prod::comparison::pulumi:providers:aws::{REGION}",
        "type": "pulumi:providers:aws",
        "custom": True,
        "id": "aws",
        "inputs": {"region": REGION},
    }
    return {"version": 3, "deployment": {"resources": [provider, *(part.state() for part in parts if part.pulumi)]}}


def _changed(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**before, **changes}.items() if value is not None}
