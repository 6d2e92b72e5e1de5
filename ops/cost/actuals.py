"""What was really spent this month, and the budget that watches it: Cost Explorer and AWS Budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ops.estate.access import Estate


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A budget of the account."""

    name: str
    limit: Decimal
    spent: Decimal
    forecast: Decimal | None

    @property
    def over(self) -> bool:
        """Whether more is spent, or will be, than it allows."""
        return max(self.spent, self.forecast or Decimal(0)) > self.limit


@dataclass(frozen=True, kw_only=True)
class Actuals:
    """US dollars since the first of the month."""

    since: date
    until: date
    """The first day that is not in it."""
    services: Mapping[str, Decimal]
    """Service → US dollars of what carries the stack's tag; empty where Cost Explorer knows of nothing."""
    budgets: tuple[Budget, ...]

    @property
    def total(self) -> Decimal:
        """All services together."""
        return sum(self.services.values(), Decimal(0))

    @property
    def over(self) -> bool:
        """Whether a budget is exceeded or will be."""
        return any(budget.over for budget in self.budgets)

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "total": float(self.total),
            "services": {name: float(usd) for name, usd in self.services.items()},
            "budgets": [
                {
                    "name": one.name,
                    "limit": float(one.limit),
                    "spent": float(one.spent),
                    "forecast": None if one.forecast is None else float(one.forecast),
                    "over": one.over,
                }
                for one in self.budgets
            ],
        }


def actuals(estate: Estate, *, account: str, stack: str, prefix: str, today: date) -> Actuals:
    """Ask Cost Explorer (0.01 US dollars a question) and AWS Budgets.

    Args:
        estate: the running stack.
        account: twelve digits.
        stack: value of the tag `Stack`.
        prefix: what the names of the stack's budgets begin with.
        today: the day; on the first of a month it is the month before that is told.

    Raises:
        OpsError: neither can be asked.
    """
    until = today
    since = (until - timedelta(days=1)).replace(day=1)
    home = estate.topology.home_region
    try:
        costs = _pages(
            estate.client("ce", home).get_cost_and_usage,
            "NextPageToken",
            TimePeriod={"Start": since.isoformat(), "End": until.isoformat()},
            Granularity="MONTHLY",
            Metrics=["UnblendedCost"],
            Filter={"Tags": {"Key": "Stack", "Values": [stack]}},
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
        )
        budgets = _pages(estate.client("budgets", home).describe_budgets, "NextToken", AccountId=account)
    except (BotoCoreError, ClientError) as error:
        raise OpsError(
            "the actual costs cannot be read",
            why=str(error),
            fix="allow ce:GetCostAndUsage and budgets:ViewBudget, and activate the cost allocation tag Stack",
            code=Exit.UNAVAILABLE,
        ) from None
    return Actuals(since=since, until=until, services=_services(costs), budgets=_budgets(budgets, prefix))


def _pages(ask: Callable[..., Mapping[str, Any]], token: str, **words: Any) -> list[Mapping[str, Any]]:
    """Every page of an answer; the token of the next page has the same name in question and answer."""
    found = [ask(**words)]
    while following := found[-1].get(token):
        found.append(ask(**words, **{token: following}))
    return found


def _services(pages: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    groups = (
        group for page in pages for period in page.get("ResultsByTime") or [] for group in period.get("Groups") or []
    )
    for group in groups:
        name = group["Keys"][0]
        found[name] = found.get(name, Decimal(0)) + Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _budgets(pages: Iterable[Mapping[str, Any]], prefix: str) -> tuple[Budget, ...]:
    found = []
    for one in (one for page in pages for one in page.get("Budgets") or []):
        if not one["BudgetName"].startswith(f"{prefix}-"):
            continue
        spent = one.get("CalculatedSpend") or {}
        forecast = (spent.get("ForecastedSpend") or {}).get("Amount")
        found.append(
            Budget(
                name=one["BudgetName"],
                limit=Decimal((one.get("BudgetLimit") or {}).get("Amount", "0")),
                spent=Decimal((spent.get("ActualSpend") or {}).get("Amount", "0")),
                forecast=None if forecast is None else Decimal(forecast),
            )
        )
    return tuple(sorted(found, key=lambda budget: budget.name))
