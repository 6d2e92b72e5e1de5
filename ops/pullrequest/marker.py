"""The first line of a comment of ours: a hidden mark by which the next run finds it, and what it must know of it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Final

from ops.pullrequest.model import Past

KEPT: Final = 15
"""Earlier commits that a comment remembers."""
_LINE: Final = re.compile(r"<!-- holdfast-preview:(?P<key>[A-Za-z0-9._-]+) (?P<data>\{.*\}) -->")


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What the hidden line holds."""

    key: str
    """One comment a key: a repository with two programs has two."""
    commit: str
    order: int
    at: str
    told: str
    history: tuple[Past, ...] = ()

    def line(self) -> str:
        """The hidden line. `--` would end it, so it is written as an escape."""
        data = json.dumps({key: value for key, value in asdict(self).items() if key != "key"}, separators=(",", ":"))
        escaped = data.replace("--", r"-\u002d")
        return f"<!-- holdfast-preview:{self.key} {escaped} -->"

    def past(self) -> tuple[Past, ...]:
        """The history that the next commit's comment has: this one first."""
        return (Past(commit=self.commit, at=self.at, told=self.told), *self.history)[:KEPT]


def read(body: str) -> Marker | None:
    """The mark of a comment, or None where the comment is somebody else's or its mark was edited."""
    found = _LINE.match(body.lstrip("\ufeff \r\n").partition("\n")[0].strip())
    if found is None:
        return None
    try:
        data = json.loads(found["data"])
        history = tuple(Past(commit=one["commit"], at=one["at"], told=one["told"]) for one in data["history"])
        return Marker(
            key=found["key"],
            commit=str(data["commit"]),
            order=int(data["order"]),
            at=str(data["at"]),
            told=str(data["told"]),
            history=history,
        )
    except (ValueError, KeyError, TypeError):
        return None
