import re

from sandbox.provider.naming import DEFAULTS, automatic
from sandbox.provider.resource import AutoName

RULE = AutoName()


def test_an_unnamed_resource_gets_seven_hex_digits():
    assert re.fullmatch(r"orders-[0-9a-f]{7}", automatic(RULE, "orders", {}, {}, b""))


def test_a_seed_makes_the_name_repeatable():
    assert automatic(RULE, "orders", {}, {}, b"1") == automatic(RULE, "orders", {}, {}, b"1")
    assert automatic(RULE, "orders", {}, {}, b"1") != automatic(RULE, "orders", {}, {}, b"2")


def test_an_automatic_name_stays():
    assert automatic(RULE, "orders", {"name": "orders-1234567", DEFAULTS: ["name"]}, {}, b"") == "orders-1234567"


def test_a_name_that_the_program_gave_before_does_not_stay():
    assert automatic(RULE, "orders", {"name": "mine"}, {}, b"") != "mine"


def test_a_given_name_or_prefix_is_left_alone():
    assert automatic(RULE, "orders", {}, {"name": "mine"}, b"") is None
    assert automatic(RULE, "orders", {}, {"namePrefix": "mine-"}, b"") is None


def test_long_names_are_cut_to_the_services_limit():
    name = automatic(AutoName(limit=32, prefix="p/", suffix=lambda _: ".fifo"), "x" * 100, {}, {}, b"")
    assert len(name) == 32
    assert name.startswith("p/x")
    assert name.endswith(".fifo")


def test_buckets_are_lower_case():
    assert automatic(AutoName(property="bucket", lower=True), "Orders", {}, {}, b"").startswith("orders-")
