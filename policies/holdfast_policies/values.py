"""Reading a resource's properties without tripping over what is unknown, absent or of an unexpected type.

A program in preview does not know every value. A `View` hands out values by name; reading an unknown one raises
`Undecided`, which the judge turns into an undecided finding that says what it waits for. A value of a type that a rule
did not expect reads as absent, so that a malformed property is a finding of the rule that needs it and never a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Unknown:
    """A value that is known only after a deployment. There is one instance, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""How Pulumi's protocol writes an unknown value of each type."""


class Undecided(Exception):  # noqa: N818 - not an error: an answer that a rule may give
    """A rule cannot be decided yet. `waits_for` is the path of the property that is unknown.

    A stack rule names the `resource` it was looking at; elsewhere the judge knows it.
    """

    def __init__(self, waits_for: str, resource: object = None) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for
        self.resource = resource


class View:
    """A tolerant look at a mapping of properties; `path` is where it stands in the resource."""

    __slots__ = ("data", "path")

    def __init__(self, data: Mapping[str, Any], path: str = "") -> None:
        self.data = data
        self.path = path

    def __bool__(self) -> bool:
        return bool(self.data)

    def at(self, name: str) -> str:
        """The path of a property, as a message names it."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Whether the property is set, be its value known or not."""
        return self.data.get(name) is not None

    def known(self, name: str) -> bool:
        """Whether the property, at its top level, can be read."""
        return self.data.get(name) is not UNKNOWN

    def value(self, name: str) -> Any:
        """The raw value, or None where it is not set. Raises `Undecided` where it is unknown."""
        value = self.data.get(name)
        if value is UNKNOWN:
            raise Undecided(self.at(name))
        return value

    def text(self, name: str) -> str:
        """A string; numbers are written out, anything else reads as the empty string."""
        value = self.value(name)
        if isinstance(value, str):
            return value
        return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean; the words that providers accept for one count as well."""
        value = self.value(name)
        if value is None:
            return default
        return value is True or (isinstance(value, str) and value.lower() in ("true", "enabled"))

    def number(self, name: str) -> float | None:
        """A number, also when it is written as a string; None where it is not set or is none."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            return float(value)
        except ValueError:
            return None

    def view(self, name: str) -> View:
        """A nested object; the first of a list of one; an empty view where it is not set."""
        value = self.value(name)
        path = self.at(name)
        if isinstance(value, list) and value:
            path, value = f"{path}[0]", value[0]
            if value is UNKNOWN:
                raise Undecided(path)
        return View(value if isinstance(value, dict) else {}, path)

    def views(self, name: str) -> Iterator[View]:
        """The objects of a list; a single object counts as a list of one."""
        value = self.value(name)
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            path = f"{self.at(name)}[{index}]"
            if item is UNKNOWN:
                raise Undecided(path)
            if isinstance(item, dict):
                yield View(item, path)

    def texts(self, name: str) -> list[str]:
        """The strings of a list; a single string counts as a list of one."""
        value = self.value(name)
        items = value if isinstance(value, list) else [value]
        for index, item in enumerate(items):
            if item is UNKNOWN:
                raise Undecided(f"{self.at(name)}[{index}]")
        return [item for item in items if isinstance(item, str)]
