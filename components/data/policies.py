"""The resource policy of a table in one region: nobody outside the account, whatever their identity allows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import deny, document

if TYPE_CHECKING:
    from components.base.place import Place

REPLICATION_ROLE = "aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
"""The role that replicates. A table that denies it becomes single-Region for good after 20 hours."""


def table_policy(table: str, place: Place) -> str:
    """Refuse principals of other accounts; replication and services that act for this account are excepted."""
    return document(
        deny(
            "OnlyThisAccount",
            ["dynamodb:*"],
            [place.table_arn(table), f"{place.table_arn(table)}/index/*"],
            principal="*",
            condition={
                "StringNotEquals": {"aws:PrincipalAccount": place.account_id},
                "ArnNotEquals": {"aws:PrincipalArn": place.role_arn(REPLICATION_ROLE)},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        )
    )
