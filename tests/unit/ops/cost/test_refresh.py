from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from botocore.exceptions import NoCredentialsError

from awsfacts.prices import FILE, read
from ops.console import Output
from ops.cost.refresh import refresh, text
from ops.cost.refresh_command import rewrite
from ops.errors import OpsError

TODAY = date(2027, 3, 1)


def product(*tiers):
    """A product as GetProducts tells it: JSON in a string, tiers as (from, USD)."""
    dimensions = {
        f"S.T.{number}": {"unit": "u", "beginRange": start, "endRange": "Inf", "pricePerUnit": {"USD": usd}}
        for number, (start, usd) in enumerate(tiers)
    }
    return json.dumps({"product": {"sku": "S"}, "terms": {"OnDemand": {"S.T": {"priceDimensions": dimensions}}}})


class Pricing:
    """What boto3's `pricing` answers, by usage type."""

    def __init__(self, answers: dict[str, list[str]], pages: int = 1) -> None:
        self.answers, self.pages, self.asked = answers, pages, []

    def get_products(self, *, ServiceCode, Filters, FormatVersion, NextToken=None):  # noqa: N803
        wanted = {one["Field"]: one["Value"] for one in Filters}
        self.asked.append((ServiceCode, wanted))
        listed = self.answers.get(wanted["usagetype"], [])
        if self.pages > 1 and NextToken is None:
            return {"PriceList": [], "NextToken": "more"}
        return {"PriceList": listed}


def document():
    return json.loads(FILE.read_text())


def test_prices_are_read_by_usage_type_and_region_past_the_free_tier():
    pricing = Pricing({
        "TimedStorage-ByteHrs": [product(("0", "0.0000000000"), ("25", "0.2600000000"))],
        "EU-NatGateway-Hours": [product(("0", "0.0480000000"))],
    }, pages=2)  # fmt: skip
    found = refresh(pricing, document(), today=TODAY)
    usd = found.document["prices"]
    assert usd["dynamodb.storage"]["usd"]["us-east-1"] == ["0.26", "price-list-2027-03-01"]
    assert usd["natgateway.hour"]["usd"]["eu-west-1"] == ["0.048", "price-list-2027-03-01"]
    assert "dynamodb.storage in us-east-1: 0.25 → 0.26" in found.changed
    assert not any(line.startswith("natgateway.hour in eu-west-1") for line in found.changed)
    assert ("AmazonDynamoDB", {"regionCode": "us-east-1", "usagetype": "TimedStorage-ByteHrs"}) in pricing.asked


def test_what_the_api_does_not_tell_or_tells_twice_stays_and_is_named():
    pricing = Pricing({"NatGateway-Hours": [product(("0", "0.045")), product(("0", "0.9"))]})
    found = refresh(pricing, document(), today=TODAY)
    assert found.read == 0
    assert found.document["prices"]["natgateway.hour"]["usd"]["us-east-1"][0] == "0.045"
    assert "natgateway.hour in us-east-1: several prices: 0.045, 0.9" in found.kept
    assert "eks.cluster.hour in us-west-2: no product" in found.kept


def test_the_file_is_written_whole_and_can_be_read_again(tmp_path, capsys):
    path = tmp_path / "prices.json"
    path.write_text(FILE.read_text())
    rewrite(Output(), file=path, dry=True, pricing=Pricing({"NatGateway-Hours": [product(("0", "0.05"))]}))
    assert read(path).usd("natgateway.hour", "us-east-1") == Decimal("0.045")
    rewrite(Output(), file=path, dry=False, pricing=Pricing({"NatGateway-Hours": [product(("0", "0.05"))]}))
    price = read(path).price("natgateway.hour", "us-east-1")
    assert price.usd == Decimal("0.05")
    assert price.confirmed
    assert "1 prices read, 1 changed" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_written_where_the_api_cannot_be_asked(tmp_path):
    class Refused:
        def get_products(self, **_words):
            raise NoCredentialsError

    path = tmp_path / "prices.json"
    path.write_text(FILE.read_text())
    with pytest.raises(OpsError, match="cannot be read") as refused:
        rewrite(Output(), file=path, dry=False, pricing=Refused())
    assert refused.value.code == 4
    assert path.read_text() == FILE.read_text()


def test_the_file_has_the_shape_that_a_refresh_writes():
    assert FILE.read_text() == text(document())
