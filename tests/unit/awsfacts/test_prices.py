from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from awsfacts import prices
from awsfacts.prices import UnknownPriceError, current, read, warnings

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def test_every_price_has_a_unit_a_source_with_a_day_and_all_regions_of_the_stacks():
    book = current()
    for key in book.keys:
        for region in REGIONS:
            price = book.price(key, region)
            assert price.usd > 0
            assert price.unit
            assert price.source.url.startswith("https://")
            assert price.source.seen <= date(2026, 11, 21)
            assert not price.borrowed, f"{key} has no price in {region}"


@pytest.mark.parametrize(
    ("key", "region", "usd"),
    [
        ("dynamodb.on-demand.write", "us-east-1", "0.000000625"),
        ("dynamodb.on-demand.write", "eu-west-1", "0.000000705"),
        ("dynamodb.provisioned.write", "us-east-1", "0.00065"),
        ("natgateway.hour", "eu-west-1", "0.048"),
        ("elasticache.node.cache.r7g.large", "us-east-1", "0.219"),
        ("arc.region-switch", "eu-west-1", "70.00"),
    ],
)
def test_prices_that_were_read_in_a_source(key, region, usd):
    price = current().price(key, region)
    assert price.usd == Decimal(usd)
    assert price.confirmed


def test_reserved_capacity_saves_what_aws_says_it_saves():
    book = current()
    for kind in ("read", "write"):
        hourly = book.usd(f"dynamodb.provisioned.{kind}", "us-east-1") * 100
        for term, years, saved in (("1y", 1, "0.54"), ("3y", 3, "0.77")):
            upfront = book.usd(f"dynamodb.reserved.{term}.{kind}.upfront", "us-east-1")
            hour = book.usd(f"dynamodb.reserved.{term}.{kind}.hour", "us-east-1")
            saving = 1 - (upfront / (8760 * years) + hour) / hourly
            assert abs(saving - Decimal(saved)) < Decimal("0.01")


def test_break_even_of_provisioned_capacity_is_at_28_9_percent():
    book = current()
    hourly = book.usd("dynamodb.on-demand.write", "us-east-1") * 3600
    assert round(book.usd("dynamodb.provisioned.write", "us-east-1") / hourly, 3) == Decimal("0.289")


def test_an_unknown_region_borrows_and_says_so_and_an_unknown_key_is_refused():
    price = current().price("natgateway.hour", "ap-south-1")
    assert price.usd == Decimal("0.045")
    assert price.borrowed
    assert not price.confirmed
    assert any("ap-south-1" in line for line in warnings([price], today=date(2026, 11, 21)))
    with pytest.raises(UnknownPriceError, match=r"no price of 'dax\.node\.none'"):
        current().price("dax.node.none", "us-east-1")


def test_unconfirmed_and_old_prices_are_told():
    book = current()
    sound, doubtful = book.price("natgateway.hour", "us-east-1"), book.price("dax.node.dax.r5.large", "us-east-1")
    assert warnings([sound], today=sound.source.seen + timedelta(days=180)) == []
    assert "PRICES ARE OLD" in warnings([sound], today=sound.source.seen + timedelta(days=181))[0]
    told = warnings([sound, doubtful, doubtful], today=date(2026, 11, 21))
    assert told == ["1 of 2 prices unconfirmed: in us-east-1 dax.node.dax.r5.large"]


def test_a_region_of_which_nothing_is_confirmed_is_told_as_a_whole():
    book = current()
    used = [book.price(key, region) for key in ("natgateway.hour", "natgateway.gb") for region in REGIONS]
    assert warnings(used, today=date(2026, 11, 21)) == ["2 of 6 prices unconfirmed: all 2 of us-west-2"]


def test_a_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text("[]")
    with pytest.raises(ValueError, match="not a price file"):
        read(path)
    assert prices.FILE.exists()
