"""Item-level access: credentials that IAM itself confines to one principal's items.

A role is assumed with a session tag that names the principal, and with a session policy whose condition on
`dynamodb:LeadingKeys` lets through only items whose partition key begins with that principal. What the application gets
wrong afterwards, IAM refuses.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast.errors import ConfigurationError, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TAG = "holdfast:principal"
"""The session tag. The role's own policy can refer to it as `${aws:PrincipalTag/holdfast:principal}`."""
DURATION_SECONDS = 3_600
MARGIN_SECONDS = 300.0
"""Credentials are renewed so long before they run out."""
KEPT = 1_000
"""Principals whose credentials are kept; the one unused for longest is forgotten first."""
READ = (
    "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem",
)  # fmt: skip
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
_TAG_VALUE = re.compile(r"[\w .:/=+\-@]{1,256}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials of one principal. Their `repr` shows nothing."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires: float
    """Seconds since 1970."""


def session_policy(
    principal: str, table_arns: Iterable[str], *, write: bool = True, separator: str | None = None
) -> dict[str, Any]:
    """The policy of a principal's session: its items, and nothing else.

    Args:
        principal: the partition key of its items, or what it begins with when `separator` is given.
        table_arns: the tables, in every region where they stand. Their indexes are not included: an index has
            another partition key.
        write: whether it may write.
        separator: partition keys may also be the principal, this, and anything (`user-1#orders`).
    """
    if any(character in principal for character in "*?${}"):
        raise InvalidArgumentError(f"the principal {principal!r} has a character that means something in a policy")
    keys = [principal]
    operator = "ForAllValues:StringEquals"
    if separator is not None:
        keys.append(f"{principal}{separator}*")
        operator = "ForAllValues:StringLike"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OwnItems",
                "Effect": "Allow",
                "Action": [*READ, *(WRITE if write else ())],
                "Resource": sorted(table_arns),
                # ForAllValues is true of a request without the key, so the key must be there as well.
                "Condition": {operator: {"dynamodb:LeadingKeys": keys}, "Null": {"dynamodb:LeadingKeys": "false"}},
            }
        ],
    }


class PrincipalCredentials:
    """Assumes the role for each principal once, and keeps the credentials until shortly before they run out.

    Args:
        sts: botocore's STS client.
        role_arn: the role; its trust policy must allow `sts:AssumeRole` and `sts:TagSession`.
        table_arns: the tables that principals may reach.
    """

    def __init__(
        self,
        sts: Any,
        role_arn: str,
        table_arns: Iterable[str],
        *,
        write: bool = True,
        separator: str | None = None,
        duration_seconds: int = DURATION_SECONDS,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._sts = sts
        self._role_arn = role_arn
        self._table_arns = tuple(table_arns)
        if not self._table_arns:
            raise ConfigurationError("no tables are given; pass the ARNs of the tables that principals may reach")
        self._write = write
        self._separator = separator
        self._duration = duration_seconds
        self._wall = wall
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Credentials] = OrderedDict()

    def of(self, principal: str) -> Credentials:
        """The credentials of a principal.

        Raises:
            InvalidArgumentError: the name cannot be a session tag.
        """
        if not _TAG_VALUE.fullmatch(principal):
            raise InvalidArgumentError(f"{principal!r} cannot be a session tag: up to 256 letters, digits and _.:/=+-@")
        with self._lock:
            held = self._kept.get(principal)
            if held is not None and self._wall() < held.expires - MARGIN_SECONDS:
                self._kept.move_to_end(principal)
                return held
        policy = session_policy(principal, self._table_arns, write=self._write, separator=self._separator)
        answer = self._sts.assume_role(
            RoleArn=self._role_arn,
            RoleSessionName="hf-" + hashlib.sha256(principal.encode()).hexdigest()[:32],
            DurationSeconds=self._duration,
            Tags=[{"Key": TAG, "Value": principal}],
            Policy=json.dumps(policy, separators=(",", ":")),
        )
        credentials = _credentials(answer["Credentials"])
        with self._lock:
            self._kept[principal] = credentials
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return credentials

    def forget(self, principal: str) -> None:
        """Drop what is kept, after a principal was disabled. Credentials already given out hold until they expire."""
        with self._lock:
            self._kept.pop(principal, None)


def _credentials(answer: Mapping[str, Any]) -> Credentials:
    return Credentials(
        access_key=answer["AccessKeyId"],
        secret_key=answer["SecretAccessKey"],
        token=answer["SessionToken"],
        expires=answer["Expiration"].timestamp(),
    )
