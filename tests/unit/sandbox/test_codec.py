"""The property codec: what goes out comes back, and what is not kept is lowered."""

import copy
import json

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from sandbox.codec import (
    OUTPUT_SIGNATURE,
    RESOURCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_STRING,
    Archive,
    Asset,
    CodecError,
    Output,
    ResourceRef,
    Secret,
    contains_secret,
    contains_unknown,
    decode,
    decode_value,
    encode,
    from_json,
    lower_outputs,
    plain,
    same,
    to_json,
    unwrap_secrets,
)

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc.é", min_size=1), inner, max_size=4),
    max_leaves=12,
)
urns = st.text("abc:", min_size=1, max_size=8)
any_values = st.recursive(
    plain_values
    | st.just(UNKNOWN)
    | st.builds(ResourceRef, urns, st.none() | st.just(UNKNOWN) | st.text("xyz", min_size=1))
    | st.builds(Asset, text=st.text("abc"), hash=st.text("0123456789abcdef", min_size=4)),
    lambda inner: (
        st.builds(Secret, inner)
        | st.builds(Output, inner, secret=st.booleans(), dependencies=st.lists(urns, max_size=2).map(tuple))
        | st.builds(lambda needs: Output(known=False, dependencies=tuple(needs)), st.lists(urns, max_size=2))
        | st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=10,
)


VALUES = {
    "null": None,
    "bool": True,
    "int": 7,
    "float": 1.5,
    "text": "ü",
    "empty": {"list": [], "dict": {}, "text": ""},
    "nested": [{"a": [1, None, UNKNOWN]}, Secret({"b": Secret("c")})],
    "output": Output("v", secret=True, dependencies=("urn:a", "urn:b")),
    "pending": Output(known=False, dependencies=("urn:a",)),
    "asset": Asset(text="hello", hash="aa"),
    "archive": Archive(assets={"f": Asset(path="./x"), "d": Archive(uri="https://example.com/a.zip")}),
    "reference": ResourceRef("urn:r", "id-1", "1.2.3"),
    "component": ResourceRef("urn:c"),
    "unmade": ResourceRef("urn:u", UNKNOWN),
}


def test_everything_kept_comes_back_as_it_went():
    back = decode(encode(VALUES), keep_outputs=True)
    assert same(back, VALUES)
    assert back["asset"].text == "hello"
    assert back["archive"].assets["f"].path == "./x"
    assert back["reference"].package_version == "1.2.3"


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_message_survives_its_bytes(name):
    sent = encode({name: VALUES[name]})
    received = struct_pb2.Struct.FromString(sent.SerializeToString())
    assert same(decode(received, keep_outputs=True), {name: VALUES[name]})


def test_whole_numbers_are_int_and_others_float():
    back = decode(encode({"a": 5.0, "b": 5.5, "c": float(2**60), "d": -3}))
    assert [type(back[key]) for key in "abcd"] == [int, float, float, int]


@pytest.mark.parametrize(("value", "kind"), [(2.0**53 - 1, int), (1 - 2.0**53, int), (2.0**53, float)])
def test_a_whole_number_is_int_as_long_as_its_neighbours_can_be_told_apart(value, kind):
    assert type(decode(encode({"a": value}))["a"]) is kind


def test_outputs_are_lowered_unless_kept():
    back = decode(encode(VALUES))
    assert back["output"] == Secret("v")
    assert back["pending"] is UNKNOWN


def test_one_value_is_lowered_unless_kept():
    message = encode({"a": Output("v", secret=True)}).fields["a"]
    assert same(decode_value(message), Secret("v"))
    assert same(decode_value(message, keep_outputs=True), Output("v", secret=True))


def test_what_is_not_kept_is_lowered_or_left_out():
    sent = encode(
        {
            "s": Secret("x"),
            "u": UNKNOWN,
            "l": [1, UNKNOWN, 2],
            "r": ResourceRef("urn:r", "i"),
            "c": ResourceRef("urn:c"),
        },
        keep_secrets=False,
        keep_unknowns=False,
        keep_resources=False,
    )
    assert decode(sent) == {"s": "x", "l": [1, 2], "r": "i", "c": "urn:c"}


def test_an_output_that_is_not_kept_keeps_its_secrecy():
    sent = encode({"o": Output("v", secret=True), "p": Output(known=False)}, keep_outputs=False)
    assert decode(sent, keep_outputs=True) == {"o": Secret("v"), "p": UNKNOWN}


def test_every_sentinel_of_the_protocol_reads_as_unknown():
    struct = struct_pb2.Struct()
    struct["a"] = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"
    struct["b"] = UNKNOWN_STRING
    assert decode(struct) == {"a": UNKNOWN, "b": UNKNOWN}


def test_unknown_is_one_object_even_after_a_copy():
    assert copy.deepcopy([UNKNOWN])[0] is UNKNOWN


def test_a_secret_does_not_show_in_its_repr():
    assert "hunter2" not in repr([Secret("hunter2"), Output("hunter2", secret=True)])


def test_json_form_round_trips_and_secrets_go_through_the_cipher():
    stored = to_json(VALUES, secret=lambda value: {"hidden": value})
    assert stored["nested"][1] == {"hidden": {"b": {SIGNATURE_KEY: "1b47061264138c4ac30d75fd1eb44270", "value": "c"}}}
    assert stored["reference"] == {
        SIGNATURE_KEY: RESOURCE_SIGNATURE,
        "urn": "urn:r",
        "id": "id-1",
        "packageVersion": "1.2.3",
    }
    assert same(from_json(to_json(VALUES)), lower_outputs(VALUES))


def test_what_the_cipher_hides_is_revealed_and_what_is_open_is_not_asked_for():
    hidden = {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "v1:abc"}
    asked = []

    def reveal(signed):
        asked.append(signed)
        return ["plain"]

    stored = {"a": [hidden], "b": {SIGNATURE_KEY: SECRET_SIGNATURE, "value": "open"}}
    assert same(from_json(stored, reveal=reveal), {"a": [Secret(["plain"])], "b": Secret("open")})
    assert asked == [hidden]
    with pytest.raises(CodecError, match="without its value"):
        from_json(stored)


def test_an_output_in_json_is_lowered():
    signed = {SIGNATURE_KEY: OUTPUT_SIGNATURE, "value": "v", "secret": True, "dependencies": ["urn:a"]}
    assert same(from_json({"a": signed}), {"a": Secret("v")})


def test_questions_look_through_wrappers():
    assert contains_unknown(Secret([{"a": UNKNOWN}]))
    assert contains_unknown(Output(known=False))
    assert contains_unknown(Output({"a": UNKNOWN}))
    assert not contains_unknown(Output({"a": 1}))
    assert not contains_unknown(ResourceRef("urn:u", UNKNOWN))
    assert contains_secret({"a": [Output(1, secret=True)]})
    assert contains_secret(Output([Secret(1)]))
    assert not contains_secret({"a": [Output(1)]})


def test_unwrapping_reaches_secrets_inside_secrets():
    assert unwrap_secrets(VALUES["nested"]) == [{"a": [1, None, UNKNOWN]}, {"b": "c"}]


def test_plain_masks_or_unwraps():
    assert plain(VALUES["nested"], secret="[secret]", unknown="?") == [{"a": [1, None, "?"]}, "[secret]"]
    assert plain([Secret(1), ResourceRef("urn:r", "i")]) == [1, "i"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (True, 1, False),
        (0, False, False),
        (1, 1.0, True),
        ({"a": [True]}, {"a": [1]}, False),
        (Secret("a"), "a", False),
        (Asset(text="x", hash="h"), Asset(path="y", hash="h"), True),
        (Asset(text="x", hash="h"), Asset(text="x", hash="i"), False),
        (Asset(uri="https://x", hash="h"), Asset(text="y", hash="h"), True),
        (Archive(assets={"a": Asset(text="x")}, hash="h"), Archive(path="y", hash="h"), True),
        (Archive(path="x", hash="h"), Archive(uri="https://x", hash="h"), True),
        (Archive(path="x", hash="h"), Archive(path="x", hash="i"), False),
        (UNKNOWN, UNKNOWN, True),
        ([1], [1, 2], False),
        ({"a": 1}, "a", False),
        ("a", {"a": 1}, False),
        ([1], 1, False),
        ("a", ["a"], False),
        (Secret("a"), Secret("a"), True),
        (Secret(True), Secret(1), False),
        ("a", Secret("a"), False),
    ],
)
def test_same(one, other, expected):
    assert same(one, other) is expected


@pytest.mark.parametrize(
    "message",
    [
        {SIGNATURE_KEY: "no-such-type"},
        {SIGNATURE_KEY: RESOURCE_SIGNATURE},
        {SIGNATURE_KEY: "1b47061264138c4ac30d75fd1eb44270"},
    ],
)
def test_a_malformed_signed_object_is_refused(message):
    struct = struct_pb2.Struct()
    struct["x"] = message
    with pytest.raises(CodecError):
        decode(struct)


def test_a_python_object_that_is_no_property_value_is_refused():
    with pytest.raises(CodecError, match="set is not a property value"):
        encode({"a": {1, 2}})


# At the end, because they take longest: a mutant that a test above finds is not run through them.
@given(st.dictionaries(st.text("abc", min_size=1), any_values, max_size=4))
def test_any_properties_survive_the_wire(properties):
    message = struct_pb2.Struct.FromString(encode(properties).SerializeToString())
    assert same(decode(message, keep_outputs=True), properties)
    assert same(decode(message), lower_outputs(properties))


@given(st.dictionaries(st.text("abc", min_size=1), any_values, max_size=4))
def test_any_properties_survive_json_and_no_secret_is_left_open(properties):
    text = json.dumps(to_json(properties))
    assert same(from_json(json.loads(text)), lower_outputs(properties))
    hidden = []
    masked = to_json(properties, secret=lambda value: hidden.append(value) or "masked")
    assert len(hidden) == text.count(SECRET_SIGNATURE) - sum(str(value).count(SECRET_SIGNATURE) for value in hidden)
    assert SECRET_SIGNATURE not in json.dumps(masked)
