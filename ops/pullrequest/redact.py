"""What looks like a secret is not shown, even where nobody marked it as one.

A comment is read by more people than a state file. Values that Pulumi knows to be secret arrive as `[secret]`; this
catches the rest: by the name of the property, and by the shape of the value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any, Final

HIDDEN: Final = "[hidden]"

_NAMES: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|private[_-]?key|api[_-]?key|access[_-]?key|auth[_-]?(key|string)"
    r"|connection[_-]?string|cookie|(^|[_\-.])(pwd|pin|dsn|salt|pem)$|bearer|session[_-]?key|signing[_-]?key|webhook",
    re.IGNORECASE,
)
_NAMED_ONLY: Final = re.compile(
    r"(arn|arns|id|ids|name|names|enabled|count|days|type|version|path|url)$", re.IGNORECASE
)
"""A property that ends so names a secret and does not hold it (`secretArn`, `tokenTtlDays`)."""
_NOT_A_SECRET: Final = re.compile(
    r"arn:aws[a-z-]*:\S*|urn:pulumi:\S*|output<unknown>|\[secret\]|https?://[^\s:@/]+(/\S*)?|[a-z0-9-]+(\.[a-z0-9-]+)+"
)
_ASSIGNED: Final = (
    r"(?i)(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|accountkey|sharedaccesskey)"
    r"[\"']?\s*[=:]\s*[\"']?[^\s\"';,&|}]{3,}"
)
"""`password=…` inside a longer text."""
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",  # access key ids, by the prefixes that AWS documents
        r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)[A-Z ]*-----[\s\S]*?(?:-----END [A-Z ]*-----|$)",
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JSON Web Tokens
        r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/\S+",
        r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{30,}",
        r"pul-[0-9a-f]{40}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{40,}|dop_v1_[0-9a-f]{60,}|SG\.[\w-]{16,}\.[\w-]{16,}",
        r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",  # the user and password of an address
        r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}|(?<=basic )[A-Za-z0-9+/=]{8,}",
        _ASSIGNED,
    )
)
_WORD: Final = re.compile(r"[A-Za-z0-9+/=_~.%!$^*#-]{20,}")
_ENTROPY_BITS: Final = 4.0
"""A random string of twenty signs or more of base 64 has more bits a sign; words, paths and ARNs have fewer."""
_HEX_DIGITS: Final = 32


def names_a_secret(path: str) -> bool:
    """Whether the property at this path holds a secret, going by any of its names."""
    parts = [part for part in re.split(r"[.\[\]\"]+", path) if part and not part.isdigit()]
    return any(
        _NAMES.search(part) and not _NAMED_ONLY.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", part)) for part in parts
    )


def text(value: str) -> str:
    """The text without what looks like a secret."""
    for shape in _SHAPES:
        value = shape.sub(HIDDEN, value)
    return _WORD.sub(lambda match: HIDDEN if _random(match.group()) else match.group(), value)


def value(path: str, found: Any) -> Any:
    """A property's value with every secret in it hidden; structures keep their shape."""
    if names_a_secret(path) and found is not None and not isinstance(found, bool):
        return HIDDEN
    if isinstance(found, str):
        return text(found)
    if isinstance(found, dict):
        return {key: value(f"{path}.{key}", inner) for key, inner in found.items()}
    if isinstance(found, list):
        return [value(path, inner) for inner in found]
    return found


def _random(word: str) -> bool:
    """Whether a run of signs is random: a key, a token, a digest."""
    if _NOT_A_SECRET.fullmatch(word):
        return False
    stripped = word.strip("=.")
    if len(stripped) >= _HEX_DIGITS and re.fullmatch(r"[0-9a-fA-F]+", stripped):
        return True
    kinds = sum(bool(re.search(kind, stripped)) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]"))
    if kinds < 3:
        return False
    # Names of several words (`OrdersTable-ReadThrottleEvents`) fall into short parts; a key does not.
    longest = max(len(part) for part in re.split(r"[-_./]+|(?<=[a-z])(?=[A-Z][a-z])", stripped))
    return longest >= 12 and _entropy(stripped) >= _ENTROPY_BITS


def _entropy(word: str) -> float:
    """Shannon's entropy in bits a sign."""
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values())
