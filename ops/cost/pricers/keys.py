"""Keys and secrets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource


def _key(_key: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("key", "kms.key", Decimal(1), _key.region)
    yield Charge("requests", "kms.request", decimal(around.usage.key_requests), _key.region)


def _secret(secret: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("secret", "secretsmanager.secret", Decimal(1))
    for replica in secret.inputs.get("replicas") or []:
        region = replica.get("region") if isinstance(replica, dict) else None
        yield Charge("replica of the secret", "secretsmanager.secret", Decimal(1), region)


PRICERS = {
    "aws:kms/key:Key": _key,
    "aws:kms/replicaKey:ReplicaKey": _key,
    "aws:secretsmanager/secret:Secret": _secret,
}
