"""Refresh and targeted runs. What a killed run leaves, and the state file itself, have tests of their own."""

from __future__ import annotations

from typing import Final

from sandbox.engine.testing.conformance import Case, Turn
from sandbox.engine.testing.provider import World

_HEAD: Final = 'p = Provider("p")\no = ResourceOptions(provider=p)\n'


def _object(world: World, name: str) -> str:
    """The id of a resource's object; the numbers in ids depend on what was made first."""
    return next(id_ for id_ in world.objects if id_.startswith(f"{name}-"))


def _drift(world: World) -> None:
    world.objects[_object(world, "a")]["size"] = 7


def _lose(world: World) -> None:
    del world.objects[_object(world, "a")]


CASES: Final = (
    Case(
        area="state",
        name="refresh finds drift, an update puts it back",
        source="a run of engine 3.260; step.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a", size=1)\nThing("b", o, name="b")\n',
                steps=["create a", "create b"],
            ),
            Turn(
                command="preview-refresh",
                before=_drift,
                steps=["update a"],
                state={"a": {"inputs": {"size": 1}}},
            ),
            Turn(command="refresh", steps=["update a"], state={"a": {"inputs": {"size": 7}}}),
            Turn(steps=["update a"], state={"a": {"inputs": {"size": 1}}}),
        ],
    ),
    Case(
        area="state",
        name="refresh notices what is gone, an update makes it again",
        source="a run of engine 3.260; step.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nThing("b", o, name=a.arn)\n', steps=["create a", "create b"]
            ),
            Turn(command="refresh", before=_lose, steps=["delete a"], gone=["a"], state={"b": {"dependencies": None}}),
            Turn(steps=["create a"]),
        ],
    ),
    Case(
        area="state",
        name="targeted runs leave the rest alone",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, size=1)\nThing("b", o, size=1)\nThing("c", o, size=1)\n',
                targets=["a", "b"],
                steps=["create a", "create b"],
                gone=["c"],
            ),
            Turn(
                body=_HEAD + 'Thing("a", o, size=2)\nThing("b", o, size=2)\n',
                targets=["a"],
                steps=["update a"],
                state={"a": {"inputs": {"size": 2}}, "b": {"inputs": {"size": 1}}},
            ),
            Turn(body=_HEAD, targets=["a"], steps=["delete a"], gone=["a"], state={"b": {}}),
            Turn(command="destroy", targets=["b"], steps=["delete b"], gone=["b"], state={"p": {}}),
        ],
    ),
    Case(
        area="state",
        name="a deletion that would take along what is not targeted",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nThing("b", o, name=a.arn)\n', steps=["create a", "create b"]
            ),
            Turn(
                command="destroy", targets=["a"], ok=False, steps=[], says="was not specified", state={"a": {}, "b": {}}
            ),
            Turn(command="preview-destroy", targets=["a"], ok=False, steps=["delete b", "delete a"]),
            Turn(command="destroy", targets=["a", "b"], steps=["delete b", "delete a"], gone=["a", "b"]),
        ],
    ),
    Case(
        area="state",
        name="a target that needs what is not made",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nThing("b", o, name=a.arn)\n',
                targets=["b"],
                ok=False,
                steps=None,
                says="target",
                gone=["a", "b"],
            )
        ],
        own_words=True,
    ),
)
