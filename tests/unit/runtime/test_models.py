"""Typed models: dataclasses, pydantic and attrs, round trips, faults; the fast reader beside the general one."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import attrs
import orjson
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast._attempt import Reply
from holdfast._core.encode import binary_text
from holdfast.errors import ConfigurationError, InvalidArgumentError
from holdfast.models import AttributeName, Epoch, ModelError, model_codec


class Status(enum.StrEnum):
    NEW = "new"
    PAID = "paid"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Line:
    product: str
    quantity: int
    price: Decimal
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    customer_id: str
    order_id: Annotated[str, AttributeName("orderId")]
    total: Decimal
    count: int
    weight: float
    gift: bool
    blob: bytes
    placed: datetime
    expires_at: Annotated[datetime, Epoch()]
    day: date
    at: time
    token: uuid.UUID
    status: Status
    level: Level
    kind: Literal["a", "b"]
    lines: list[Line]
    by_name: dict[str, Line]
    extra: dict[str, Any]
    anything: Any
    mixed: str | int
    tags: set[str] = field(default_factory=set)
    numbers: frozenset[int] = frozenset()
    blobs: set[bytes] = field(default_factory=set)
    pair: tuple[str, int] = ("x", 1)
    many: tuple[int, ...] = ()
    coupon: str | None = None
    first: Line | None = None
    retries: int = 3


def an_order(**more: Any) -> Order:
    given = {
        "customer_id": "C1",
        "order_id": "O1",
        "total": Decimal("99.950"),
        "count": 3,
        "weight": 0.1,
        "gift": True,
        "blob": b"\x00\xff",
        "placed": datetime(2026, 11, 21, 14, 0, 0, 123456, tzinfo=UTC),
        "expires_at": datetime(2028, 11, 21, tzinfo=UTC),
        "day": date(2026, 11, 21),
        "at": time(14, 30),
        "token": uuid.UUID(int=7),
        "status": Status.PAID,
        "level": Level.HIGH,
        "kind": "a",
        "lines": [Line("P1", 2, Decimal("1.10")), Line("P2", 1, Decimal(5), note="n")],
        "by_name": {"x": Line("P3", 1, Decimal(1))},
        "extra": {"a": [Decimal(1), None, {"b": "c"}]},
        "anything": [Decimal(1), "x"],
        "mixed": "text",
    }
    return Order(**{**given, **more})


FULL = an_order(
    tags={"a", "b"},
    numbers=frozenset({1, 2}),
    blobs={b"x"},
    pair=("y", Decimal(2)),
    many=(1, 2, 3),
    coupon="C",
    first=Line("P", 1, Decimal(1)),
    retries=0,
)


def answer(**document):
    return Reply(orjson.dumps(document, default=binary_text), "us-east-1")


def wire(codec, item):
    return orjson.loads(orjson.dumps(codec.encode(item), default=binary_text))


@pytest.mark.parametrize("order", [an_order(), FULL])
def test_an_object_comes_back_equal_by_every_way(order):
    codec = model_codec(Order)
    encoded = wire(codec, order)
    assert codec.decode(encoded) == order
    assert codec.read_item(answer(Item=encoded)) == order
    page = codec.read_page(answer(Items=[encoded, encoded], Count=2, ScannedCount=2))
    assert page is not None, "the fast reader gave up on a plain item"
    assert page.Items == [order, order]


def test_what_is_stored():
    stored = wire(model_codec(Order), FULL)
    assert stored["orderId"] == {"S": "O1"}
    assert stored["placed"] == {"S": "2026-11-21T14:00:00.123456+00:00"}
    assert stored["expires_at"] == {"N": "1858377600"}
    assert stored["weight"] == {"N": "0.1"}
    assert stored["status"] == {"S": "paid"}
    assert stored["level"] == {"N": "2"}
    assert stored["token"] == {"S": str(uuid.UUID(int=7))}
    assert "tags" not in wire(model_codec(Order), an_order())
    assert wire(model_codec(Order), an_order())["coupon"] == {"NULL": True}
    assert "coupon" not in wire(model_codec(Order, drop_none=True), an_order())


def test_absent_attributes_take_their_defaults_and_unknown_ones_are_ignored():
    codec = model_codec(Line)
    item = {"product": {"S": "P"}, "quantity": {"N": "1"}, "price": {"N": "2"}, "other": {"S": "x"}}
    assert codec.decode(item) == codec.read_item(answer(Item=item)) == Line("P", 1, Decimal(2))


def test_an_absent_item_is_none():
    assert model_codec(Line).read_item(answer()) is None


@pytest.mark.parametrize("text", ["100", "100.0", "1E+2"])
def test_whole_numbers_in_any_spelling(text):
    item = {"product": {"S": "P"}, "quantity": {"N": text}, "price": {"N": "2"}}
    assert model_codec(Line).read_item(answer(Item=item)).quantity == 100


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": {"S": "secret"}}, "item's quantity is of type S"),
        ({"quantity": {"NULL": True}}, "item's quantity is of type NULL"),
        ({"quantity": {"N": "1.5"}}, "item's quantity is of type N"),
        ({"product": None}, "has no product"),
    ],
)
def test_an_item_that_does_not_fit_names_the_attribute_and_not_its_value(change, said):
    item = {"product": {"S": "P"}, "quantity": {"N": "1"}, "price": {"N": "2"}, **change}
    item = {name: value for name, value in item.items() if value is not None}
    codec = model_codec(Line)
    for read in (lambda: codec.decode(item), lambda: codec.read_item(answer(Item=item))):
        with pytest.raises(ModelError, match=said) as caught:
            read()
        assert "secret" not in str(caught.value)
    assert codec.read_page(answer(Items=[item])) is None


def test_an_object_of_another_class_is_refused():
    with pytest.raises(InvalidArgumentError, match="items are Line; got dict"):
        model_codec(Line).encode({"product": "P"})
    with pytest.raises(InvalidArgumentError, match="not a number"):
        model_codec(Order).encode(an_order(weight=float("nan")))


def test_a_key_is_encoded_as_its_fields_are():
    assert model_codec(Order).encode_key({"token": uuid.UUID(int=7), "other": "x"}) == {
        "token": {"S": str(uuid.UUID(int=7))},
        "other": {"S": "x"},
    }


class Customer(pydantic.BaseModel):
    customer_id: str
    name: str = pydantic.Field(alias="fullName", min_length=2)
    born: date | None = None
    lines: list[Line] = []
    parent: Customer | None = None


def test_a_pydantic_model_is_validated():
    codec = model_codec(Customer)
    customer = Customer(customer_id="C1", fullName="Ann", born=date(2000, 1, 2), lines=[Line("P", 1, Decimal(1))])
    parent = customer.model_copy(update={"parent": customer})
    for one in (customer, parent):
        stored = wire(codec, one)
        assert stored["fullName"] == {"S": "Ann"}
        assert codec.decode(stored) == codec.read_item(answer(Item=stored)) == one
    with pytest.raises(ModelError, match="Customer refuses the item"):
        codec.decode({"customer_id": {"S": "C"}, "fullName": {"S": "x"}})


@attrs.define
class Account:
    account_id: str
    _balance: Decimal = Decimal(0)
    history: list[int] = attrs.field(factory=list)


def test_an_attrs_class():
    codec = model_codec(Account)
    account = Account("A", Decimal(5), [1, 2])
    assert codec.decode(wire(codec, account)) == codec.read_item(answer(Item=wire(codec, account))) == account
    assert codec.decode({"account_id": {"S": "A"}}) == Account("A")


@dataclass
class Mixed:
    a: int
    b: int = field(kw_only=True)
    c: int = 0
    hidden: int = field(init=False, default=9)
    d: int = field(default=4, kw_only=True)


def test_fields_by_position_and_by_name():
    codec = model_codec(Mixed)
    one = Mixed(1, 3, b=2)
    assert codec.decode(wire(codec, one)) == codec.read_item(answer(Item=wire(codec, one))) == one


@dataclass
class Own:
    a: int
    b: int

    def __init__(self, b: int, a: int) -> None:
        self.a, self.b = a, b


def test_a_constructor_of_the_classs_own_is_called_by_name():
    codec = model_codec(Own)
    assert codec.read_item(answer(Item={"a": {"N": "1"}, "b": {"N": "2"}})) == Own(a=1, b=2)


@dataclass
class Counted:
    pk: str
    seen: list[str] = field(default_factory=list, init=False)

    def __post_init__(self):
        self.seen.append(self.pk)


@dataclass
class Watched:
    pk: str

    def __setattr__(self, name, value):
        super().__setattr__(name, value.upper())


@dataclass
class Shouting:
    pk: str

    def __init__(self, pk):
        self.pk = f"{pk}!"


class Meta(type):
    def __call__(cls, *args, **kwargs):
        made = super().__call__(*args, **kwargs)
        made.by_meta = True
        return made


@dataclass
class Made(metaclass=Meta):
    pk: str


@dataclass
class Plain:
    pk: str


class Under(Plain):
    def __init__(self, pk):
        super().__init__(pk)
        self.under = True


@pytest.mark.parametrize(
    ("model", "attribute", "value"),
    [
        (Counted, "seen", ["a"]),
        (Watched, "pk", "A"),
        (Shouting, "pk", "a!"),
        (Made, "by_meta", True),
        (Under, "under", True),
    ],
)
def test_what_a_class_does_when_an_object_is_made_is_done(model, attribute, value):
    codec = model_codec(model)
    item = {"pk": {"S": "a"}}
    for made in (codec.decode(item), codec.read_item(Reply(orjson.dumps({"Item": item}), "here"))):
        assert getattr(made, attribute) == value


@dataclass
class Node:
    name: str
    children: list[Node] = field(default_factory=list)


def test_a_model_may_hold_itself():
    tree = Node("root", [Node("leaf"), Node("branch", [Node("leaf")])])
    codec = model_codec(Node)
    assert codec.decode(wire(codec, tree)) == codec.read_item(answer(Item=wire(codec, tree))) == tree


@dataclass
class Odd:
    a: Annotated[str, AttributeName("x\"] + ['")]


@dataclass
class Box:
    lines: list[Line]


@dataclass
class Parcel:
    line: Line
    lines: list[Line]
    boxes: list[Box]
    box: Box
    counted: list[Counted]
    maybe: list[Line | None]
    later: list[Line] = field(default_factory=list)


def test_models_within_models_and_lists_of_them_are_made_as_by_the_general_way():
    codec = model_codec(Parcel)
    lines = [Line(str(number), number, Decimal(number), "n" if number else None) for number in range(3)]
    box = Box(lines[1:])
    parcel = Parcel(lines[0], lines, [box, Box([])], box, [Counted("C")], [lines[2], None])
    encoded = wire(codec, parcel)
    page = codec.read_page(answer(Items=[encoded, encoded]))
    assert page.Items == [codec.decode(encoded)] * 2 == [parcel] * 2
    del encoded["lines"]["L"][1]["M"]["price"]
    assert codec.read_page(answer(Items=[encoded])) is None


def test_attribute_names_are_data_and_not_code():
    codec = model_codec(Odd)
    item = {"x\"] + ['": {"S": "v"}}
    assert codec.decode(item) == codec.read_item(answer(Item=item)) == Odd("v")
    assert codec.encode(Odd("v")) == item


def test_what_is_no_model_is_refused():
    with pytest.raises(ConfigurationError, match="no dataclass"):
        model_codec(int)

    @dataclass
    class Local:
        a: NotThere  # noqa: F821

    with pytest.raises(ConfigurationError, match="module level"):
        model_codec(Local)


lines = st.builds(
    Line,
    product=st.text("abc", max_size=5),
    quantity=st.integers(-(10**37), 10**37),
    price=st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    note=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=4), st.floats(allow_nan=False, allow_infinity=False, min_value=1e-100, max_value=1e100))
def test_the_fast_reader_agrees_with_the_general_one(found, weight):
    codec = model_codec(Order)
    order = an_order(lines=found, weight=weight)
    encoded = wire(codec, order)
    assert codec.read_page(answer(Items=[encoded])).Items == [codec.decode(encoded)] == [order]
