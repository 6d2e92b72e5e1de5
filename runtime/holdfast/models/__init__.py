"""Typed items: dataclasses, pydantic and attrs classes as they are, without a base class of ours.

    @dataclass
    class Order:
        customer_id: str
        order_id: str
        total: Decimal
        placed: datetime                              # ISO 8601 text
        expires_at: Annotated[datetime, Epoch()]      # seconds since 1970, as TTL wants them
        lines: list[Line] = field(default_factory=list)

    orders = client.table("orders", Order)

What decodes and encodes is generated once per class. Attributes that the class does not name are ignored.
"""

from holdfast.models.codec import ModelCodec, ModelError, model_codec
from holdfast.models.fields import AttributeName, Epoch

__all__ = ["AttributeName", "Epoch", "ModelCodec", "ModelError", "model_codec"]
