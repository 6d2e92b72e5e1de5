"""Bills worked by hand, to the cent.

A month has 730 hours, which are 2,628,000 seconds; ten writes a second are 26.28 million a month.
us-east-1 and us-west-2: a million writes 0.625, reads 0.125; a GB 0.25, with recovery 0.20; a WCU-hour 0.00065,
an RCU-hour 0.00013. eu-west-1: 0.705, 0.1415, 0.283, 0.22.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from awsfacts.prices import current
from ops.cost.model import cents
from ops.cost.table_bill import Reservable, TableShape, Units, bill, reservable, reserve
from settings.usage import TableUsageSettings

ALL = {"ByDate": "ALL"}
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def usage(**given):
    nothing = {"reads_per_second": 0.0, "writes_per_second": 0.0, "stored_gb": 0.0}
    return TableUsageSettings(**(nothing | {name: float(value) for name, value in given.items()}))


def pay(charges, region):
    book = current()
    return sum((one.quantity * book.usd(one.key, one.region or region) for one in charges), Decimal(0))


def one_region(shape, traffic, region="us-east-1"):
    return pay(bill(TableShape(name="t", **shape), traffic), region)


def three_regions(shape, traffic):
    return sum(
        pay(bill(TableShape(name="t", replicas=3, home=region == REGIONS[0], **shape), traffic), region)
        for region in REGIONS
    )


def capacity(read, write):
    return Units(Decimal(read), Decimal(write))


ONE_REGION = [
    # 26.28 M x 0.625
    ("ten writes a second", {}, {"writes_per_second": 10}, "us-east-1", "16.43"),
    ("a hundred writes a second", {}, {"writes_per_second": 100}, "us-east-1", "164.25"),
    # 26.28 M x 0.705 = 18.5274
    ("ten writes a second in Ireland", {}, {"writes_per_second": 10}, "eu-west-1", "18.53"),
    # 262.8 M x 1/2 x 0.125 = 16.425
    ("a hundred eventually consistent reads", {}, {"reads_per_second": 100}, "us-east-1", "16.43"),
    # 262.8 M x 1/2 x 0.1415 = 18.5931
    ("the same in Ireland", {}, {"reads_per_second": 100}, "eu-west-1", "18.59"),
    # 262.8 M x 0.125
    ("strongly consistent", {}, {"reads_per_second": 100, "consistent_reads_percent": 100}, "us-east-1", "32.85"),
    # 4.5 KiB take two read units: 2 x 32.85
    ("reads of 4.5 KiB", {}, {"reads_per_second": 100, "consistent_reads_percent": 100, "item_kb": 4.5},
     "us-east-1", "65.70"),
    # 3.5 KiB take four write units: 4 x 16.425
    ("writes of 3.5 KiB", {}, {"writes_per_second": 10, "item_kb": 3.5}, "us-east-1", "65.70"),
    # twice 16.425
    ("writes in transactions", {}, {"writes_per_second": 10, "transactional_percent": 100}, "us-east-1", "32.85"),
    # 100 x 0.25
    ("100 GB", {}, {"stored_gb": 100}, "us-east-1", "25.00"),
    # 100 x (0.25 + 0.20)
    ("100 GB with recovery", {"pitr": True}, {"stored_gb": 100}, "us-east-1", "45.00"),
    # 100 x 0.10 + 26.28 x 0.78 = 10 + 20.4984
    ("infrequent access", {"table_class": "STANDARD_INFREQUENT_ACCESS"}, {"writes_per_second": 10, "stored_gb": 100},
     "us-east-1", "30.50"),
    # table and index: 2 x 16.425
    ("an index of all attributes", {"indexes": ALL}, {"writes_per_second": 10}, "us-east-1", "32.85"),
    # table 3 x 16.425, index of the keys alone 1 x 16.425
    ("an index of the keys of items of 3 KiB", {"indexes": {"ByDay": "KEYS_ONLY"}},
     {"writes_per_second": 10, "item_kb": 3}, "us-east-1", "65.70"),
    # a projection that does not change is not written
    ("an index that is not touched", {"indexes": ALL}, {"writes_per_second": 10, "writes_per_index": 0},
     "us-east-1", "16.43"),
    # an index whose key moves deletes and puts: 16.425 + 2 x 16.425
    ("an index whose key moves", {"indexes": ALL}, {"writes_per_second": 10, "writes_per_index": 2},
     "us-east-1", "49.28"),
    # 25 + 25 for all attributes; 25 + 12.50 for half of each item
    ("storage of an index", {"indexes": ALL}, {"stored_gb": 100}, "us-east-1", "50.00"),
    ("storage of a part", {"indexes": {"Part": "INCLUDE"}}, {"stored_gb": 100}, "us-east-1", "37.50"),
    # what expires in a table without replicas is deleted for nothing
    ("TTL in one region", {"ttl": True}, {"writes_per_second": 10}, "us-east-1", "16.43"),
    # 100 x 0.00013 x 730 = 9.49; 50 x 0.00065 x 730 = 23.725
    ("provisioned", {"capacity": capacity(100, 50)}, {}, "us-east-1", "33.22"),
    # and 20 x 0.00013 x 730 = 1.898, 10 x 0.00065 x 730 = 4.745
    ("provisioned with an index", {"capacity": capacity(100, 50), "indexes": ALL,
     "index_capacity": {"ByDate": capacity(20, 10)}}, {}, "us-east-1", "39.86"),
]  # fmt: skip

THREE_REGIONS = [
    # 16.425 + 16.425 + 18.5274, and 25.0626 GB to each of two regions at 0.02: 1.0025
    ("every replica pays each write", {}, {"writes_per_second": 10}, "52.38"),
    # deletions arrive in us-west-2 (16.425) and eu-west-1 (18.5274), the deleting region pays none: + 34.9524
    ("TTL", {"ttl": True}, {"writes_per_second": 10}, "87.33"),
    # half of them: + 17.4762
    ("TTL of half of the items", {"ttl": True}, {"writes_per_second": 10, "expired_percent": 50}, "69.86"),
    # 2 x 16.425 + 2 x 16.425 + 2 x 18.5274 + 1.0025
    ("an index in each region", {"indexes": ALL}, {"writes_per_second": 10}, "103.76"),
    # 32.85, and twice that in us-west-2 (65.70) and eu-west-1 (74.1096), and 1.0025
    ("TTL with an index", {"indexes": ALL, "ttl": True}, {"writes_per_second": 10}, "173.66"),
    # 50 x (0.25 + 0.20) x 2 + 50 x (0.283 + 0.22)
    ("storage with recovery", {"pitr": True}, {"stored_gb": 50}, "70.15"),
    # 300 reads a second are 100 in each: 16.425 x 2 + 18.5931
    ("reads are spread", {}, {"reads_per_second": 300}, "51.44"),
]

# 150 / 12 + 0.0128 x 730 = 21.844 for 100 writes of a year; 30 / 12 + 0.0025 x 730 = 4.325 for 100 reads
# 180 / 36 + 0.0081 x 730 = 10.913 for 100 writes of three years; 36 / 36 + 0.0016 x 730 = 2.168 for 100 reads
RESERVED = [
    # all of 9.49 + 47.45 is paid by 4.325 + 21.844
    ("a year", {"capacity": capacity(100, 100)}, (100, 100), "1y", "26.17"),
    ("three years", {"capacity": capacity(100, 100)}, (100, 100), "3y", "13.08"),
    # 94.90 - 47.45 + 21.844
    ("half of the writes", {"capacity": capacity(0, 200)}, (0, 100), "1y", "69.29"),
    # 23.725 - 23.725 + 21.844: what is not used is paid all the same
    ("more than is used", {"capacity": capacity(0, 50)}, (0, 100), "1y", "21.84"),
    # 47.45 + 21.844: a reservation pays for no replicated write
    ("replicated writes", {"capacity": capacity(0, 100), "replicas": 2, "home": False}, (0, 100), "1y", "69.29"),
    # 100 x 0.00081 x 730 = 59.13, + 21.844: nor for the infrequent access class
    ("infrequent access", {"capacity": capacity(0, 100), "table_class": "STANDARD_INFREQUENT_ACCESS"}, (0, 100),
     "1y", "80.97"),
    # nor for requests on demand
    ("on demand", {}, (0, 100), "1y", "21.84"),
    # the index of a replicated table takes ordinary units: 47.45 + 47.45 - 47.45 + 21.844
    ("an index of a replicated table", {"capacity": capacity(0, 100), "replicas": 2, "home": False, "indexes": ALL,
     "index_capacity": {"ByDate": capacity(0, 100)}}, (0, 100), "1y", "69.29"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "traffic", "region", "total"), [pytest.param(*case[1:], id=case[0]) for case in ONE_REGION])  # fmt: skip
def test_a_table_in_one_region(shape, traffic, region, total):
    assert cents(one_region(shape, usage(**traffic), region)) == Decimal(total)


@pytest.mark.parametrize(("shape", "traffic", "total"), [pytest.param(*case[1:], id=case[0]) for case in THREE_REGIONS])
def test_a_global_table_in_three_regions(shape, traffic, total):
    assert cents(three_regions(shape, usage(**traffic))) == Decimal(total)


@pytest.mark.parametrize(
    ("shape", "bought", "term", "total"), [pytest.param(*case[1:], id=case[0]) for case in RESERVED]
)
def test_reserved_capacity(shape, bought, term, total):
    table = TableShape(name="t", **shape)
    units = Reservable(*(Decimal(number) for number in bought))
    paid = pay([*bill(table, usage()), *reserve(reservable(table), units, term)], "us-east-1")
    assert cents(paid) == Decimal(total)


def test_there_are_at_least_thirty_bills():
    assert len(ONE_REGION) + len(THREE_REGIONS) + len(RESERVED) >= 30
