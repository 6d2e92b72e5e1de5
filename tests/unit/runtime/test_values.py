"""The type system, held against boto3's own serializer and against the service's limits."""

from __future__ import annotations

import enum
from collections import OrderedDict
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import InvalidArgumentError
from holdfast.values import decode, encode, encode_item, revive

numbers = st.one_of(
    st.integers(min_value=-(10**38) + 1, max_value=10**38 - 1),
    st.builds(
        lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
        st.integers(0, 1),
        st.lists(st.integers(0, 9), min_size=1, max_size=38).map(tuple),
        st.integers(-120, 80),
    ),
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.one_of(text, numbers, st.booleans(), st.none(), st.binary(max_size=30))
sets = st.one_of(
    st.frozensets(text, min_size=1, max_size=5).map(set),
    st.frozensets(numbers, min_size=1, max_size=5).map(set),
    st.frozensets(st.binary(max_size=10), min_size=1, max_size=5).map(set),
)
values = st.recursive(
    st.one_of(scalars, sets),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(text, inner, max_size=5)),
    max_leaves=20,
)


def over_the_wire(wire):
    """What an answer would hold: binary as base64 text."""
    import orjson

    from holdfast._core.encode import binary_text

    return orjson.loads(orjson.dumps(wire, default=binary_text))


def as_sets(wire):
    """Sets have no order: compare them as sets."""
    ((tag, content),) = wire.items()
    if tag in ("SS", "BS"):
        return {tag: frozenset(content)}
    if tag == "NS":
        return {tag: frozenset(Decimal(number) for number in content)}
    if tag == "N":
        return {tag: Decimal(content)}
    if tag == "L":
        return {tag: [as_sets(part) for part in content]}
    if tag == "M":
        return {tag: {name: as_sets(part) for name, part in content.items()}}
    return wire


@settings(max_examples=500, deadline=None)
@given(values)
def test_what_goes_in_comes_out(value):
    assert decode(over_the_wire(encode(value))) == value


@settings(max_examples=500, deadline=None)
@given(values)
def test_encoding_agrees_with_boto3(value):
    ours = encode(value)
    try:
        theirs = TypeSerializer().serialize(value)
    except ArithmeticError:  # boto3 refuses some numbers (such as 0E-120) that DynamoDB takes
        return
    assert as_sets(ours) == as_sets(theirs)


def plain(value):
    """boto3 wraps binary values."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, set):
        return {plain(part) for part in value}
    return bytes(value) if type(value).__name__ == "Binary" else value


@settings(max_examples=300, deadline=None)
@given(values)
def test_decoding_agrees_with_boto3(value):
    wire = encode(value)
    assert decode(over_the_wire(wire)) == plain(TypeDeserializer().deserialize(wire))


@settings(max_examples=200, deadline=None)
@given(values)
def test_an_answer_becomes_a_request_again(value):
    wire = encode(value)
    assert as_sets(revive(over_the_wire(wire))) == as_sets(wire)


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (Colour.RED, {"S": "red"}),
        (Level.HIGH, {"N": "3"}),
        (OrderedDict(a=1), {"M": {"a": {"N": "1"}}}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        (bytearray(b"x"), {"B": b"x"}),
        (memoryview(b"x"), {"B": b"x"}),
        ("", {"S": ""}),
        (b"", {"B": b""}),
        (True, {"BOOL": True}),
        (Decimal("-0.50"), {"N": "-0.50"}),
    ],
)
def test_types_that_are_taken(value, wire):
    assert encode(value) == wire


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.5, "Decimal"),
        (10**38, "38 significant digits"),
        (Decimal("1.23456789012345678901234567890123456789"), "38 significant digits"),
        (Decimal("1E126"), "out of range"),
        (Decimal("1E-131"), "out of range"),
        (Decimal("NaN"), "not a number"),
        (Decimal("Infinity"), "not a number"),
        (set(), "no empty sets"),
        ({1, "a"}, "int, str"),
        ({True, False}, "bool"),
        (object(), "no type for builtins.object"),
    ],
)
def test_values_that_are_refused_say_why(value, said):
    with pytest.raises(InvalidArgumentError, match=said):
        encode(value)


@pytest.mark.parametrize("text", ["9." + "9" * 37 + "E+125", "-9." + "9" * 37 + "E+125", "1E-130"])
def test_the_largest_and_the_smallest_numbers_are_taken(text):
    assert Decimal(encode(Decimal(text))["N"]) == Decimal(text)


def test_a_fault_names_its_attribute():
    with pytest.raises(InvalidArgumentError, match=r"^order: lines: a float is not exact"):
        encode_item({"ok": 1, "order": {"lines": 1.5}})
