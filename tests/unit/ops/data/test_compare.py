from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from ops.data.compare import Comparer
from ops.data.digest import item_digest


class StubTable:
    """A table of generated items that answers Scan and GetItem; what is altered is said by a function."""

    def __init__(self, count, *, alter=lambda number: {}, shuffled=False):
        self.count, self.alter, self.shuffled = count, alter, shuffled

    def item(self, number):
        change = self.alter(number)
        if change is None:
            return None
        base = {
            "pk": {"S": f"customer-{number}"},
            "sk": {"N": str(number)},
            "status": {"S": "pending"},
            "total": {"N": str(number * 3)},
            "tags": {"SS": ["a", "b"]},
        }
        return base | change

    def scan(self, **request):
        segment, total, limit = request["Segment"], request["TotalSegments"], request["Limit"]
        following = request.get("ExclusiveStartKey", {"sk": {"N": str(segment)}})
        numbers = range(int(following["sk"]["N"]), self.count, total)[:limit]
        if self.shuffled:
            numbers = reversed(numbers)
        items = [item for number in numbers if (item := self.item(number)) is not None]
        end = int(following["sk"]["N"]) + limit * total
        answer = {"Items": items}
        if end < self.count:
            answer["LastEvaluatedKey"] = {"sk": {"N": str(end)}}
        return answer

    def get_item(self, **request):
        number = int(request["Key"]["sk"]["N"])
        item = self.item(number) if number < self.count else None
        return {"Item": item} if item else {}


def compare(first, second, **options):
    comparer = Comparer((first, second), table="t", key_names=["pk", "sk"], **options)
    return comparer.run("us-east-1", "us-west-2"), comparer


def test_equal_tables_are_equal():
    found, _ = compare(StubTable(5000), StubTable(5000))
    assert found.equal
    assert found.items == {"us-east-1": 5000, "us-west-2": 5000}


def test_each_kind_of_difference_is_found_with_its_key():
    changes = {10: {"status": {"S": "lost"}}, 11: None, 12: {"total": {"N": "1"}}}
    found, _ = compare(StubTable(3000), StubTable(3001, alter=lambda number: changes.get(number, {})))
    kinds = {difference.key["sk"]["N"]: difference.kind for difference in found.differences}
    assert kinds == {"10": "differs", "11": "missing", "12": "differs", "3000": "extra"}


def test_another_order_of_a_set_or_another_writing_of_a_number_is_no_difference():
    same = {5: {"tags": {"SS": ["b", "a"]}}, 6: {"total": {"N": "18.0"}}}
    found, _ = compare(StubTable(100), StubTable(100, alter=lambda number: same.get(number, {})))
    assert found.equal


def test_what_arrives_while_comparing_is_no_difference():
    late = StubTable(100, alter=lambda number: None if number == 7 else {})
    late.get_item = StubTable(100).get_item
    found, _ = compare(StubTable(100), late)
    assert found.equal


def test_another_order_within_the_other_region_is_right_all_the_same():
    found, _ = compare(StubTable(5000), StubTable(5000, shuffled=True), segments=3)
    assert found.equal


def test_memory_follows_a_page_and_not_the_table():
    _, comparer = compare(StubTable(20_000), StubTable(20_000))
    assert comparer.most_waiting <= 1000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": {"N": "1.50"}}, {"a": {"N": "1.5"}}, True),
        ({"a": {"N": "0"}}, {"a": {"N": "-0.0"}}, True),
        ({"a": {"NS": ["1", "2"]}}, {"a": {"NS": ["2.0", "1"]}}, True),
        (
            {"a": {"M": {"x": {"S": "1"}, "y": {"NULL": True}}}},
            {"a": {"M": {"y": {"NULL": True}, "x": {"S": "1"}}}},
            True,
        ),
        ({"a": {"L": [{"S": "1"}, {"S": "2"}]}}, {"a": {"L": [{"S": "2"}, {"S": "1"}]}}, False),
        ({"a": {"B": b"12"}}, {"a": {"B": b"13"}}, False),
        ({"a": {"S": "1"}}, {"a": {"N": "1"}}, False),
        ({"a": {"S": "1"}, "aws:rep:updatetime": {"N": "1"}}, {"a": {"S": "1"}}, True),
    ],
)
def test_a_digest_is_of_the_value(one, other, same):
    assert (item_digest(one) == item_digest(other)) is same


def memory(line):
    """Kilobytes of this process: VmRSS, what it holds, from which its peak VmHWM counts anew; VmHWM, that peak."""
    if line == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(rf"{line}:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from Linux's /proc")
def test_a_hundred_differences_in_a_million_items():
    altered = set(range(0, 1_000_000, 10_000))
    first = StubTable(1_000_000)
    second = StubTable(1_000_000, alter=lambda number: {"status": {"S": "x"}} if number in altered else {})
    before = memory("VmRSS")
    started = time.perf_counter()
    found, _ = compare(first, second)
    seconds = time.perf_counter() - started
    assert {int(difference.key["sk"]["N"]) for difference in found.differences} == altered
    assert memory("VmHWM") - before < 100 * 1024, "what the comparison itself takes, of the 200 MB that all may take"
    print(f"{seconds:.1f} s for two million items read")
