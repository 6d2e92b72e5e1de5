"""Budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _budget(inputs: Properties) -> dict[str, Any]:
    budget: dict[str, Any] = {
        "BudgetName": inputs["name"],
        "BudgetType": inputs["budgetType"],
        "TimeUnit": inputs["timeUnit"],
    }
    if inputs.get("limitAmount"):
        budget["BudgetLimit"] = {"Amount": str(inputs["limitAmount"]), "Unit": inputs.get("limitUnit") or "USD"}
    if inputs.get("costFilters"):
        budget["CostFilters"] = {item["name"]: item["values"] for item in inputs["costFilters"]}
    return budget


def _notification(given: Properties) -> dict[str, Any]:
    subscribers = [
        {"SubscriptionType": "EMAIL", "Address": address} for address in given.get("subscriberEmailAddresses") or []
    ] + [{"SubscriptionType": "SNS", "Address": arn} for arn in given.get("subscriberSnsTopicArns") or []]
    return {
        "Notification": {
            "NotificationType": given["notificationType"],
            "ComparisonOperator": given["comparisonOperator"],
            "Threshold": float(given["threshold"]),
            "ThresholdType": given["thresholdType"],
        },
        "Subscribers": subscribers,
    }


def _request(context: Context, inputs: Properties) -> Mapping[str, Any]:
    return {
        "AccountId": inputs.get("accountId") or context.account_id,
        "Budget": _budget(inputs),
        "NotificationsWithSubscribers": [_notification(item) for item in inputs.get("notifications") or []],
    }


def _identity(context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return f"{inputs.get('accountId') or context.account_id}:{name}" if isinstance(name, str) else None


def _key(physical_id: str, _state: Properties) -> Mapping[str, Any]:
    account, _, name = physical_id.partition(":")
    return {"AccountId": account, "BudgetName": name}


def _again(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    """The sandbox's budgets cannot be updated in place: the same budget is made again."""
    if old:
        client = context.client("budgets")
        client.delete_budget(**_key(physical_id, old))
        client.create_budget(**_request(context, new))


def _limit(context: Context, physical_id: str, state: Properties) -> Properties:
    declared: Properties = {key: state[key] for key in ("costFilters", "notifications") if key in state}
    if "limitAmount" not in state:
        return declared
    found = context.client("budgets").describe_budget(**_key(physical_id, state))["Budget"]
    return {**declared, "limitAmount": found["BudgetLimit"]["Amount"]}


BUDGET = crud.kind(
    "aws:budgets/budget:Budget",
    Crud(
        service="budgets",
        what="budget",
        create="create_budget",
        id=lambda context, inputs, _answer: _identity(context, inputs) or "",
        key=_key,
        read="describe_budget",
        found="Budget",
        delete="delete_budget",
        extra=_request,
        after=_again,
        observe=_limit,
        tags=False,
    ),
    forces=frozenset({"name", "namePrefix", "accountId"}),
    name=AutoName(limit=100),
    sets=frozenset({"notifications", "costFilters"}),
    identity=_identity,
    computed=lambda context, _id, inputs: (
        {"arn": context.arn("budgets", f"budget/{inputs['name']}", region="")}
        if isinstance(inputs.get("name"), str)
        else {}
    ),
)


KINDS = (BUDGET,)
