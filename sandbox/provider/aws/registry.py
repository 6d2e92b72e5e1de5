"""Finds how a type of `pulumi_aws` is handled: a described kind, or a recorded one made from the SDK."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Final

from sandbox.provider.aws import recorded
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import TypeInfo

MODULES: Final[Mapping[str, str]] = {
    "apigateway": "apigateway",
    "apigatewayv2": "apigatewayv2",
    "appautoscaling": "appautoscaling",
    "backup": "backup",
    "budgets": "budgets",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda_",
    "route53": "route53",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sfn": "sfn",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "vpc": "ec2",
}
"""The module that describes a service's types, by the service's name in a token."""


@functools.cache
def described(service: str) -> Mapping[str, Kind]:
    """The described kinds of a service, by token."""
    module = MODULES.get(service)
    if module is None:
        return {}
    kinds: tuple[Kind, ...] = importlib.import_module(f"sandbox.provider.aws.{module}").KINDS
    return {kind.type: kind for kind in kinds if kind.type.split(":")[1].split("/")[0] == service}


_recorded: dict[str, Kind] = {}


def kind(token: str, info: TypeInfo) -> Kind:
    """How resources of this type are handled."""
    service = token.split(":")[1].split("/", maxsplit=1)[0]
    found = described(service).get(token)
    if found is not None:
        return found
    if token not in _recorded:
        _recorded[token] = recorded.kind(info)
    return _recorded[token]


def created_tokens() -> list[str]:
    """The types that are really created in the sandbox's cloud, sorted."""
    return sorted(
        token for service in MODULES for token, kind in described(service).items() if kind.handler is not None
    )
