"""DynamoDB's numbers: up to 38 significant digits, from 1E-130 to 9.99…E+125 on either side of zero."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation

from sandbox.cloud.dynamodb.errors import ServiceError, invalid

DIGITS = 38
_PLAIN = re.compile(r"(?:0|-?[1-9][0-9]{0,37})\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_LARGEST_EXPONENT = 125
_SMALLEST_EXPONENT = -130
CONTEXT = Context(prec=DIGITS * 8)
"""Wide enough that no sum of two numbers loses a digit unseen."""


def normalize(text: str) -> str:
    """A number as DynamoDB gives it back: plain notation without superfluous zeros.

    Raises:
        ServiceError: it is no number, has too many digits, or is out of range.
    """
    if _PLAIN.match(text) and not text.endswith("0"):
        return text
    if not text:
        raise invalid("The parameter cannot be converted to a numeric value")
    if not _NUMBER.match(text):
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _overflow() from None
    return render(number)


def render(number: Decimal) -> str:
    """A number in plain notation.

    Raises:
        ServiceError: it has too many digits, or is out of range.
    """
    if number.is_zero():
        return "0"
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise _overflow()
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    exponent += len(text) - len(stripped)
    magnitude = len(stripped) + exponent - 1
    if magnitude > _LARGEST_EXPONENT:
        raise _overflow()
    if magnitude < _SMALLEST_EXPONENT:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    if len(stripped) > DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if exponent >= 0:
        plain = stripped + "0" * exponent
    elif magnitude >= 0:
        plain = stripped[:exponent] + "." + stripped[exponent:]
    else:
        plain = "0." + "0" * (-magnitude - 1) + stripped
    return "-" + plain if sign else plain


def _overflow() -> ServiceError:
    return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")


def size(text: str) -> int:
    """Bytes that a number takes: one for two significant digits, and one (DynamoDB's published approximation)."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + (1 if text.startswith("-") else 0)
