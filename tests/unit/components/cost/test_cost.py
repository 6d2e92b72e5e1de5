"""The budget."""


def test_budget_is_that_of_the_reference_architecture(prod):
    budget = prod.one("budgets/budget:Budget", "budget").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("10000", "USD", "MONTHLY")
    told = {(item["threshold"], item["notificationType"]) for item in budget["notifications"]}
    assert told == {(percent, kind) for percent in (80, 90, 100) for kind in ("ACTUAL", "FORECASTED")}
    assert all(item["subscriberSnsTopicArns"] for item in budget["notifications"])
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:Stack$prod"]}]


def test_account_settings_are_taken_only_when_asked(prod, recorded):
    assert prod.of("anomalyMonitor:AnomalyMonitor")
    made = recorded("dev", lambda config: config.update({"holdfast:monitoring": {}, "holdfast:cost": {}}))
    assert made.of("budgets/budget:Budget")
    assert not made.of("anomalyMonitor:AnomalyMonitor")
    assert not made.of("costAllocationTag:CostAllocationTag")
