"""The base of every settings model, and the types that layers share."""

from __future__ import annotations

import ipaddress
import re
from difflib import get_close_matches
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from awsfacts import regions
from awsfacts.limits import LOG_RETENTION_DAYS


class Frozen(BaseModel):
    """A settings model: immutable, refuses unknown keys, converts no types. Attribute docstrings reach the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


def refuse(rule: str, fix: str) -> NoReturn:
    """Refuse the value of the field being validated: which rule it breaks, and what to write instead."""
    raise PydanticCustomError("rule", "{rule}", {"rule": rule, "fix": fix})


def nearest(word: str, known: list[str]) -> str:
    """The known word that was probably meant, or the empty string."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), "")


def _region(value: str) -> str:
    if value not in regions.REGIONS:
        guess = nearest(value, sorted(regions.REGIONS))
        refuse(f"{value!r} is not a region of AWS", f"write {guess!r}" if guess else "write a code such as 'us-east-1'")
    return value


def _account(value: str) -> str:
    if not re.fullmatch(r"\d{12}", value):
        refuse(f"{value!r} is not an AWS account id", "write the twelve digits in quotes, such as '111122223333'")
    return value


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", value) or len(value) > MAX_PREFIX:
        refuse(
            f"{value!r} cannot begin the names of buckets, roles and clusters",
            f"write at most {MAX_PREFIX} small letters, digits and single hyphens, beginning with a letter",
        )
    return value


def _log_days(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        longer = next((days for days in LOG_RETENTION_DAYS if days > value), LOG_RETENTION_DAYS[-1])
        refuse(f"CloudWatch Logs keeps nothing for {value} days", f"write {longer}, or another time that it knows")
    return value


def _network(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        refuse(f"{value!r} is not an IPv4 network: {error}", "write a network such as '10.10.0.0/16'")
    if not network.is_private:
        refuse(f"{value!r} is not a private network", "write a network of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        refuse(
            f"{value!r} cannot hold three tiers in three zones",
            f"write a network between /{LARGEST_VPC} and /{SMALLEST_VPC}, such as '10.10.0.0/16'",
        )
    return value


def _arn(value: str) -> str:
    if not re.fullmatch(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+", value):
        refuse(f"{value!r} is not an ARN", "write a full ARN, such as 'arn:aws:iam::111122223333:role/deployer'")
    return value


MAX_PREFIX = 16
"""Longest name prefix: the name of a DAX cluster has 20 characters, of which `-dax` takes four."""

LARGEST_VPC = 16
"""Shortest prefix of a VPC network (VPC user guide, "VPC CIDR blocks")."""

SMALLEST_VPC = 20
"""Longest prefix of a VPC network here: its smallest subnets, 1/64 of it, keep 64 addresses."""

RegionName = Annotated[str, AfterValidator(_region)]
"""Code of a region, for example `us-east-1`."""

AccountId = Annotated[str, AfterValidator(_account)]
"""Twelve digits, as a string."""

NamePrefix = Annotated[str, AfterValidator(_prefix)]
"""What the physical names of a stack begin with, so that two stacks of one account stay apart."""

Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network of a VPC in CIDR notation."""

Arn = Annotated[str, AfterValidator(_arn)]
"""An Amazon Resource Name."""

Days = Annotated[int, Field(ge=1)]
LogDays = Annotated[int, AfterValidator(_log_days), Field(json_schema_extra={"enum": list(LOG_RETENTION_DAYS)})]
"""How long a log group keeps what is written."""
Seconds = Annotated[float, Field(gt=0)]
Port = Annotated[int, Field(ge=1024, le=65535)]
