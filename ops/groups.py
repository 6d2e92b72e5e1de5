"""Groups of commands that tell their help at once."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

HELP = frozenset({"--help", "-h"})


class Group(TyperGroup):
    """A group that does not load pydantic (60 ms) on the way to a help text."""

    _passed_through = False
    """Whether a command beneath is asked for its help: what the group itself takes is then not read."""

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help; absent it is no, so that typer does not load pydantic to find that out."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what is the group's, unless the first word is a command and one that follows asks for help."""
        self._passed_through = bool(args) and args[0] in self.commands and not HELP.isdisjoint(args)
        try:
            return super().parse_args(ctx, args)
        finally:
            self._passed_through = False

    def get_params(self, ctx: Any) -> Any:
        """The options of the group; on the way to a help text --help alone, which is the last."""
        found = super().get_params(ctx)
        return found[-1:] if self._passed_through else found
