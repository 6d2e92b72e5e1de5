"""Sealed attributes: they open where they belong, and nowhere else."""

import os
from dataclasses import replace

import pytest

from holdfast import Client, errors
from holdfast.resilience import Policy
from holdfast.sealing import KmsDataKeys, SealError, Sealing, TableSealing
from holdfast.testing import FakeClock, MemoryRegions
from holdfast.topology import Key, Region, Table, Topology


class Kms:
    """A KMS that remembers the context of each data key, as KMS does."""

    def __init__(self):
        self.keys, self.calls, self.down = {}, [], False

    def generate_data_key(self, *, KeyId, KeySpec, EncryptionContext):  # noqa: N803 - KMS's names
        self.calls.append("generate")
        if self.down:
            raise ConnectionError("no KMS here")
        sealed, plain = os.urandom(48), os.urandom(32)
        self.keys[sealed] = (plain, EncryptionContext)
        return {"Plaintext": plain, "CiphertextBlob": sealed}

    def decrypt(self, *, KeyId, CiphertextBlob, EncryptionContext):  # noqa: N803 - KMS's names
        self.calls.append("decrypt")
        if self.down:
            raise ConnectionError("no KMS here")
        plain, context = self.keys[CiphertextBlob]
        assert context == EncryptionContext
        return {"Plaintext": plain}


@pytest.fixture
def kms():
    return Kms()


def sealing(kms, **options):
    keys = KmsDataKeys({"arn:aws:kms:us-east-1:111122223333:key/mrk-1": kms})
    table = TableSealing(
        key_names=["pk"], sealed=frozenset({"card", "note"}), searchable=frozenset({"card"}), **options
    )
    return Sealing({"people": table}, keys, b"d" * 32)


ITEM = {"pk": {"S": "a"}, "card": {"S": "4111"}, "note": {"M": {"x": {"N": "1"}}}, "open": {"S": "seen"}}


def test_what_goes_out_is_unreadable_and_comes_back_whole(kms):
    made = sealing(kms)
    stored = made.outgoing("people", ITEM)
    assert stored["open"] == ITEM["open"]
    assert b"4111" not in stored["card"]["B"]
    assert made.incoming("people", stored) == ITEM


@pytest.mark.parametrize(
    "moved",
    [
        lambda stored: {**stored, "pk": {"S": "b"}},
        lambda stored: {**stored, "note": stored["card"]},
        lambda stored: {**stored, "card": {"B": stored["card"]["B"][:-1] + bytes([stored["card"]["B"][-1] ^ 1])}},
    ],
)
def test_a_value_does_not_open_elsewhere_or_changed(kms, moved):
    made = sealing(kms)
    with pytest.raises(SealError, match="does not open"):
        made.incoming("people", moved(made.outgoing("people", ITEM)))


def test_equal_values_have_equal_digests_under_one_key_only(kms):
    made = sealing(kms)
    one, two = made.outgoing("people", ITEM), made.outgoing("people", {**ITEM, "pk": {"S": "b"}})
    assert one["card_digest"] == two["card_digest"]
    assert one["card"] != two["card"]
    other = replace(made, digest_key=b"e" * 32)
    assert other.outgoing("people", ITEM)["card_digest"] != one["card_digest"]


def test_data_keys_are_made_rarely_and_rotated_on_request(kms):
    made = sealing(kms)
    stored = [made.outgoing("people", ITEM) for _ in range(50)]
    assert kms.calls == ["generate"]
    made.keys.rotate()
    made.outgoing("people", ITEM)
    assert kms.calls == ["generate", "generate"]
    assert all(made.incoming("people", item) == ITEM for item in stored)


def test_a_data_key_ages(kms):
    clock = FakeClock()
    keys = KmsDataKeys({"arn": kms}, clock=clock, maximum_uses=3)
    context = {"table": "t"}
    first = keys.current(context)
    assert keys.current(context) == first
    clock.advance(3_601)
    assert keys.current(context) != first
    assert "plain" not in repr(first)


def test_another_regions_kms_opens_when_one_does_not(kms):
    near = Kms()
    near.keys, near.down = kms.keys, True
    keys = KmsDataKeys({"arn:near": near, "arn:far": kms})
    key = keys.current({"table": "t"})
    fresh = KmsDataKeys({"arn:near": near, "arn:far": kms})
    assert fresh.opened(key.sealed, {"table": "t"}) == key.plain
    kms.down = True
    with pytest.raises(errors.ServiceError, match="every region"):
        KmsDataKeys({"arn:near": near, "arn:far": kms}).opened(key.sealed, {"table": "t"})


def test_large_values_are_compressed_and_small_ones_left(kms):
    table = TableSealing(key_names=["pk"], compress_above_bytes=200)
    made = Sealing({"t": table})
    item = {"pk": {"S": "k" * 300}, "big": {"S": "word " * 1000}, "small": {"S": "x"}, "n": {"N": "1"}}
    stored = made.outgoing("t", item)
    assert len(stored["big"]["B"]) < 500
    assert stored["pk"] == item["pk"]
    assert stored["small"] == item["small"]
    assert made.incoming("t", stored) == item
    noise = {"pk": {"S": "a"}, "x": {"S": os.urandom(400).hex()}}
    assert made.incoming("t", made.outgoing("t", noise)) == noise


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key_names": ["pk"], "sealed": frozenset({"pk"})}, "part of the key"),
        ({"key_names": ["pk"], "searchable": frozenset({"a"})}, "not sealed"),
    ],
)
def test_rules_that_make_no_sense_are_refused(options, message):
    with pytest.raises(errors.ConfigurationError, match=message):
        TableSealing(**options)


def test_sealing_without_keys_is_refused():
    table = TableSealing(key_names=["pk"], sealed=frozenset({"a"}))
    with pytest.raises(errors.ConfigurationError, match="no data keys"):
        Sealing({"t": table})


@pytest.fixture
def client(kms):
    table = Table(name="people", arn="", partition_key=Key(name="pk"))
    regions = {"us-east-1": Region(name="us-east-1", tables={"people": table})}
    topology = Topology(stack="t", home_region="us-east-1", regions=regions)
    memory = MemoryRegions(regions.values())
    made = Client(topology, sender=memory, policy=Policy(sealing=sealing(kms)))
    return made, memory.stores["us-east-1"]


def test_a_client_seals_every_way_in_and_opens_every_way_out(client):
    made, store = client
    table = made.table("people")
    table.put({"pk": "a", "card": "4111", "open": 1})
    with table.batch_writer() as batch:
        batch.put({"pk": "b", "card": "4222"})
    made.transact_write([table.put_action({"pk": "c", "card": "4333"})])
    assert all("S" not in item["card"] for item in store.items("people"))
    assert table.get({"pk": "a"}) == {"pk": "a", "card": "4111", "open": 1}
    assert sorted(item["card"] for item in table.scan()) == ["4111", "4222", "4333"]
    assert [item["card"] for item in table.query("pk = :p", values={":p": "b"})] == ["4222"]
    assert made.transact_get([table.get_action({"pk": "c"})])[0]["card"] == "4333"


def test_an_update_in_the_clear_is_refused(client):
    made, _ = client
    table = made.table("people")
    table.put({"pk": "a", "card": "4111"})
    with pytest.raises(errors.InvalidArgumentError, match="card, which is sealed"):
        table.update({"pk": "a"}, "SET card = :c", values={":c": "4222"})
    table.update({"pk": "a"}, "SET #o = :c", names={"#o": "open"}, values={":c": "fine"})
