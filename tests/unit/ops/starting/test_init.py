from dataclasses import replace
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.starting.stackfile import Answers, copy_region, write
from settings import SettingsError, load_stack

SHOP = Answers(
    stack="shop",
    account="111122223333",
    prefix="shop",
    regions=("us-east-1", "us-west-2", "eu-west-1"),
    tables=("orders:customer_id:order_id", "carts:cart_id"),
)


def test_what_is_written_is_a_valid_stack_of_these_answers(tmp_path: Path) -> None:
    assert write(SHOP, tmp_path).name == "Pulumi.shop.yaml"
    found = load_stack("shop", tmp_path)
    assert found.home.name == "us-east-1"
    assert list(found.region_names) == list(SHOP.regions)
    assert found.data is not None
    assert found.data.tables["orders"].name == "orders-shop"
    assert found.data.tables["carts"].sort_key is None
    assert found.runtime.failover
    assert found.recovery is None


def test_with_a_domain_the_service_runs_and_has_a_name(tmp_path: Path) -> None:
    write(replace(SHOP, domain="shop.example.com"), tmp_path)
    found = load_stack("shop", tmp_path)
    assert found.compute is not None
    assert found.recovery is not None
    assert found.recovery.dns is not None
    assert found.recovery.dns.zone == "shop.example.com"


@pytest.mark.parametrize(
    "region", ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "sa-east-1"]
)
def test_a_single_region_keeps_its_backups_elsewhere(region: str, tmp_path: Path) -> None:
    write(replace(SHOP, regions=(region,)), tmp_path)
    found = load_stack("shop", tmp_path)
    assert found.data is not None
    assert found.data.backup is not None
    assert found.data.backup.copy_region == copy_region(region) != region
    assert not found.runtime.failover


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"account": "12"}, "twelve digits"),
        ({"regions": ("us-esat-1",)}, "is not a region of AWS"),
        ({"regions": ()}, "home region first"),
        ({"tables": ()}, "--table orders"),
        ({"tables": ("Orders",)}, "NAME:PARTITION_KEY"),
        ({"stack": "../x"}, "letters, digits"),
        ({"prefix": "UPPER"}, "small letters"),
        ({"domain": "nowhere"}, "zone"),
    ],
)
def test_an_answer_that_cannot_be_is_told_and_nothing_is_written(change: dict, told: str, tmp_path: Path) -> None:
    with pytest.raises((OpsError, SettingsError)) as caught:
        write(replace(SHOP, **change), tmp_path)
    assert told in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_stack_that_exists_is_left(tmp_path: Path) -> None:
    path = write(SHOP, tmp_path)
    before = path.read_text()
    with pytest.raises(OpsError, match="exists already"):
        write(replace(SHOP, account="222233334444"), tmp_path)
    assert path.read_text() == before
