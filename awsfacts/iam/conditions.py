"""Conditions: whether one holds in a request's context, and whether one narrows what a statement allows."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from awsfacts.iam.glob import has_wildcard, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from awsfacts.iam.document import Condition

    Context = Mapping[str, tuple[str, ...]]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def context_of(values: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """A request's context: keys in lower case, every value a tuple of strings."""
    return {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()}


def holds(condition: Condition, context: Context) -> bool:
    """Whether a condition is true in a context (as `context_of` makes one)."""
    found = context.get(condition.key.lower())
    base = condition.base
    if base == "null":
        absent = not found
        return any((value.lower() == "true") == absent for value in condition.values)
    test, negated = _OPERATORS.get(base, (None, False))
    if test is None:
        return False
    if not found:
        # an absent key makes a positive test false; a negated one, IfExists and ForAllValues true
        return condition.if_exists or condition.set_prefix == "forallvalues" or (negated and not condition.set_prefix)
    values = [substitute(value, context) for value in condition.values]
    wanted = [value for value in values if value is not None]

    def one(actual: str) -> bool:
        hit = any(test(value, actual) for value in wanted)
        return not hit if negated else hit

    if condition.set_prefix == "foranyvalue":
        return any(one(actual) for actual in found)
    return all(one(actual) for actual in found)


def substitute(text: str, context: Context) -> str | None:
    """Replace policy variables by the context's values; None where a variable has none and no default."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = (part.strip() for part in match.group(1).partition(","))
        if name in ("*", "?", "$"):
            return name
        found = context.get(name.lower())
        if found and len(found) == 1:
            return found[0]
        if default:
            return default.strip("'")
        missing = True
        return ""

    replaced = _VARIABLE.sub(value, text)
    return None if missing else replaced


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(wanted: str, actual: str) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return test


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()


def _date(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(wanted: str, actual: str) -> bool:
        try:
            return compare(_moment(actual), _moment(wanted))
        except ValueError:
            return False

    return test


def _address(wanted: str, actual: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except (ValueError, TypeError):
        return False


def _arn(wanted: str, actual: str) -> bool:
    # each part of an ARN is compared for itself: a wildcard does not reach over a colon before the resource
    first, second = wanted.split(":", 5), actual.split(":", 5)
    return len(first) == len(second) and all(matches(a, b) for a, b in zip(first, second, strict=True))


def _equal(wanted: str, actual: str) -> bool:
    return wanted == actual


def _equal_ignoring_case(wanted: str, actual: str) -> bool:
    return wanted.lower() == actual.lower()


_OPERATORS: Final[dict[str, tuple[Callable[[str, str], bool], bool]]] = {
    "stringequals": (_equal, False),
    "stringnotequals": (_equal, True),
    "stringequalsignorecase": (_equal_ignoring_case, False),
    "stringnotequalsignorecase": (_equal_ignoring_case, True),
    "stringlike": (matches, False),
    "stringnotlike": (matches, True),
    "arnequals": (_arn, False),
    "arnlike": (_arn, False),
    "arnnotequals": (_arn, True),
    "arnnotlike": (_arn, True),
    "numericequals": (_numeric(lambda a, b: a == b), False),
    "numericnotequals": (_numeric(lambda a, b: a == b), True),
    "numericlessthan": (_numeric(lambda a, b: a < b), False),
    "numericlessthanequals": (_numeric(lambda a, b: a <= b), False),
    "numericgreaterthan": (_numeric(lambda a, b: a > b), False),
    "numericgreaterthanequals": (_numeric(lambda a, b: a >= b), False),
    "dateequals": (_date(lambda a, b: a == b), False),
    "datenotequals": (_date(lambda a, b: a == b), True),
    "datelessthan": (_date(lambda a, b: a < b), False),
    "datelessthanequals": (_date(lambda a, b: a <= b), False),
    "dategreaterthan": (_date(lambda a, b: a > b), False),
    "dategreaterthanequals": (_date(lambda a, b: a >= b), False),
    "bool": (_equal_ignoring_case, False),
    "binaryequals": (_equal, False),
    "ipaddress": (_address, False),
    "notipaddress": (_address, True),
}

OPERATORS: Final = frozenset(_OPERATORS) | {"null"}
"""Every operator that IAM knows, in lower case, without set prefix and `IfExists`."""

EXACT: Final = frozenset({"stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"})
"""Operators that compare letter by letter: a wildcard in their values stands for itself."""

IDENTIFYING: Final = frozenset(
    {
        "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
        "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid",
        "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourceip", "aws:calledvia", "aws:calledviafirst",
        "aws:calledvialast", "kms:calleraccount", "kms:viaservice", "lambda:sourcefunctionarn", "aws:resourceaccount",
        "aws:resourceorgid", "aws:resourceorgpaths", "sts:externalid", "lambda:functionurlauthtype",
    }
)  # fmt: skip
"""Global keys whose positive test says who asks or on whose behalf, in lower case."""

_HARMLESS: Final = frozenset(
    {"aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:useragent", "aws:referer"}
)


def restricts(condition: Condition) -> bool:
    """Whether a condition narrows a statement to fewer callers or resources than it names.

    A negated test, a test that also holds when the key is absent, a value that matches anything, and keys that
    anybody can meet (transport, time, user agent) do not.
    """
    _, negated = _OPERATORS.get(condition.base, (None, True))
    key = condition.key.lower()
    if negated or condition.if_exists or condition.set_prefix == "forallvalues" or key in _HARMLESS:
        return False
    if key == "aws:sourceip":
        return not any(value.endswith("/0") for value in condition.values)
    likes = condition.base in ("stringlike", "arnlike", "arnequals")
    return bool(condition.values) and not any(likes and set(value) <= {"*", ":", "?"} for value in condition.values)


def identifies(condition: Condition) -> bool:
    """Whether a condition says who asks: an account, organisation, ARN, VPC, endpoint or address."""
    return restricts(condition) and (
        condition.key.lower() in IDENTIFYING or condition.key.lower().startswith("aws:principaltag/")
    )


def dead_wildcard(condition: Condition) -> str:
    """A value with a wildcard under an operator that takes it literally; the empty string where there is none."""
    if condition.base not in EXACT:
        return ""
    return next((value for value in condition.values if has_wildcard(value)), "")
