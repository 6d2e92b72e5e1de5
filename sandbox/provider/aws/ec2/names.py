"""What an object of EC2 is called beside its id: its ARN, and the account that owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provider.context import Context
    from sandbox.provider.resource import Properties


def arn_and_owner(noun: str) -> Callable[[Context, str | None, Properties], Properties]:
    """Computes `arn` and `ownerId` of objects whose ARN ends with `<noun>/<id>`; no ARN before the id is known."""

    def computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
        arn = context.arn("ec2", f"{noun}/{physical_id}") if physical_id else None
        return {"arn": arn, "ownerId": context.account_id}

    return computed
