"""Resource options."""

from __future__ import annotations

from typing import Final

from sandbox.engine.testing.conformance import Case, Turn
from sandbox.engine.testing.provider import World

_HEAD: Final = 'p = Provider("p")\no = ResourceOptions(provider=p)\n'
_WITH: Final = "def w(**k): return ResourceOptions(provider=p, **k)\n"
_TAGS: Final = """
def tag(args):
    if args.type_ == "test:index:Thing":
        args.props["tags"] = Output.all(args.props.get("tags", {})).apply(lambda t: {**t[0], "team": "blue"})
        return pulumi.ResourceTransformResult(args.props, args.opts)

pulumi.runtime.register_resource_transform(tag)
"""


def _seed(world: World) -> None:
    world.objects["old-1"] = {"name": "found", "size": 3}


CASES: Final = (
    Case(
        area="options",
        name="children inherit provider and protect",
        source="a run of engine 3.260: the SDK hands on provider, providers and protect",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'box = Box("box", ResourceOptions(providers=[p], protect=True))\n'
                + 'inner = Box("inner", ResourceOptions(parent=box))\n'
                + 'Thing("a", ResourceOptions(parent=inner), name="a")\n',
                steps=["create box", "create inner", "create a"],
                state={
                    "a": {
                        "protect": True,
                        "provider": lambda ref: "::p::" in ref,
                        "urn": "urn:pulumi:dev::test::test:index:Box$test:index:Box$test:index:Thing::a",
                    }
                },
            )
        ],
    ),
    Case(
        area="options",
        name="retainOnDelete and deletedWith are inherited by the engine",
        source="a run of engine 3.260; source_eval.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'box = Box("box", ResourceOptions(providers=[p], retain_on_delete=True))\n'
                + 'Thing("a", ResourceOptions(parent=box), name="a")\n',
                steps=["create box", "create a"],
                state={"a": {"retainOnDelete": True}},
            ),
            Turn(body=_HEAD, steps=["delete a", "delete box"], calls={"delete": []}),
        ],
    ),
    Case(
        area="options",
        name="tags through a stack transform, unknown and secret ones too",
        source="a run of engine 3.260: transforms run for providers and components, not for the stack",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _TAGS
                + 'a = Thing("a", o, tags={"own": "1"})\nb = Thing("b", o, tags={"from": a.serial}, '
                + 'secret=Output.secret("x"))\nThing("c", o, name="c")\n',
                command="preview",
                steps=["create a", "create b", "create c"],
            ),
            Turn(
                steps=["create a", "create b", "create c"],
                state={
                    "a": {"inputs": {"tags": {"own": "1", "team": "blue"}}},
                    "b": {
                        "inputs": {"tags": {"from": ..., "team": "blue"}},
                        "propertyDependencies": {"tags": ["urn:pulumi:dev::test::test:index:Thing::a"]},
                    },
                    "c": {"inputs": {"tags": {"team": "blue"}}},
                },
            ),
            Turn(steps=[]),
        ],
    ),
    Case(
        area="options",
        name="a default provider that is disabled is refused",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body='Thing("a", None, name="a")\n',
                config={"pulumi:disable-default-providers": '["*"]'},
                ok=False,
                steps=None,
                says="Default provider for 'test' disabled",
                gone=["a"],
            ),
            Turn(
                body="echo(value=1)\n",
                config={"pulumi:disable-default-providers": '["test"]'},
                ok=False,
                steps=None,
                says="disabled",
            ),
        ],
    ),
    Case(
        area="options",
        name="a default provider is made on first use",
        source="a run of engine 3.260; default_providers.go",
        seen=True,
        turns=[
            Turn(
                body='Thing("a", None, name="a")\nThing("b", None, name="b")\n',
                config={"test:size": "3"},
                steps=["create a", "create b"],
                state={"default": {"type": "pulumi:providers:test", "inputs": {"size": "3"}}},
            )
        ],
    ),
    Case(
        area="options",
        name="aliases: rename",
        source="engine 3.260, step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="x")\nThing("b", o, name=a.arn)\n', steps=["create a", "create b"]
            ),
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("new", w(aliases=[pulumi.Alias(name="a")]), name="x")\nThing("b", o, name=a.arn)\n',
                steps=[],
                state={
                    "new": {"id": "a-1", "aliases": None},
                    "b": {"dependencies": ["urn:pulumi:dev::test::test:index:Thing::new"]},
                },
                gone=["a"],
            ),
            Turn(body=_HEAD + 'a = Thing("new", o, name="x")\nThing("b", o, name=a.arn)\n', steps=[]),
        ],
    ),
    Case(
        area="options",
        name="aliases: another parent, and a parent's alias for its children",
        source="a run of engine 3.260: children inherit aliases through the parent, its name's prefix too",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'box = Box("box", ResourceOptions(providers=[p]))\n'
                + 'Thing("box-a", ResourceOptions(parent=box), name="a")\nThing("loose", o, name="l")\n',
                steps=["create box", "create box-a", "create loose"],
            ),
            Turn(
                body=_HEAD
                + 'box = Box("crate", ResourceOptions(providers=[p], aliases=[pulumi.Alias(name="box")]))\n'
                + 'Thing("crate-a", ResourceOptions(parent=box), name="a")\n'
                + "was = [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]\n"
                + 'Thing("loose", ResourceOptions(parent=box, aliases=was), name="l")\n',
                steps=[],
                state={
                    "crate-a": {"id": ..., "parent": "urn:pulumi:dev::test::test:index:Box::crate"},
                    "loose": {"id": ..., "parent": "urn:pulumi:dev::test::test:index:Box::crate"},
                },
                gone=["box", "box-a"],
            ),
        ],
    ),
    Case(
        area="options",
        name="aliases: another type",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(body=_HEAD + 'Thing("a", o, name="a")\n', steps=["create a"]),
            Turn(
                body=_HEAD + _WITH + 'Other("a", w(aliases=[pulumi.Alias(type_="test:index:Thing")]), name="a")\n',
                steps=[],
                state={"a": {"id": "a-1", "type": "test:index:Other"}},
            ),
        ],
    ),
    Case(
        area="options",
        name="ignoreChanges",
        source="engine 3.260, step_generator.go",
        seen=True,
        turns=[
            Turn(body=_HEAD + 'Thing("a", o, size=1, tags={"x": "1", "y": "1"})\n', steps=["create a"]),
            Turn(
                body=_HEAD
                + _WITH
                + 'Thing("a", w(ignore_changes=["size", "tags.x"]), size=2, tags={"x": "2", "y": "2"})\n',
                steps=["update a"],
                state={"a": {"inputs": {"size": 1, "tags": {"x": "1", "y": "2"}}, "ignoreChanges": ["size", "tags.x"]}},
            ),
            Turn(body=_HEAD + _WITH + 'Thing("a", w(ignore_changes=["*"]), size=9)\n', steps=[]),
        ],
    ),
    Case(
        area="options",
        name="replaceOnChanges",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + _WITH + 'Thing("a", w(replace_on_changes=["size"]), size=1, other=1)\n', steps=["create a"]
            ),
            Turn(
                body=_HEAD + _WITH + 'Thing("a", w(replace_on_changes=["size"]), size=1, other=2)\n', steps=["update a"]
            ),
            Turn(
                body=_HEAD + _WITH + 'Thing("a", w(replace_on_changes=["size"]), size=2, other=2)\n',
                steps=["create-replacement a", "replace a", "delete-replaced a"],
            ),
        ],
    ),
    Case(
        area="options",
        name="deleteBeforeReplace overrides the provider",
        source="engine 3.260, step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _WITH
                + 'Thing("a", w(delete_before_replace=True), key=1)\n'
                + 'Thing("b", w(delete_before_replace=False), key=1, first=True)\n',
                steps=["create a", "create b"],
            ),
            Turn(
                body=_HEAD
                + _WITH
                + 'Thing("a", w(delete_before_replace=True), key=2)\n'
                + 'Thing("b", w(delete_before_replace=False), key=2, first=True)\n',
                steps=[
                    "delete-replaced a",
                    "replace a",
                    "create-replacement a",
                    "create-replacement b",
                    "replace b",
                    "delete-replaced b",
                ],
                order=["delete-replaced a", "create-replacement a"],
            ),
        ],
    ),
    Case(
        area="options",
        name="protect: refused, and the way out",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(body=_HEAD + _WITH + 'Thing("a", w(protect=True), key=1)\n', steps=["create a"]),
            Turn(body=_HEAD, command="preview", ok=False, steps=["delete a"], says="cannot be deleted"),
            Turn(
                body=_HEAD, ok=False, steps=["delete a"], says="pulumi state unprotect", state={"a": {"protect": True}}
            ),
            Turn(
                body=_HEAD + _WITH + 'Thing("a", w(protect=True), key=2)\n',
                ok=False,
                steps=None,
                says="unable to replace",
                state={"a": {"id": "a-1"}},
            ),
            Turn(command="destroy", ok=False, steps=None, says="protected", state={"a": {"id": "a-1"}}),
            Turn(
                body=_HEAD + _WITH + 'Thing("a", w(protect=False), key=2)\n',
                steps=["create-replacement a", "replace a", "delete-replaced a"],
                state={"a": {"protect": None}},
            ),
            Turn(body=_HEAD, steps=["delete a"]),
        ],
    ),
    Case(
        area="options",
        name="protection lifted for a destroy",
        source="the sandbox's own: its objects are nobody's data",
        seen=False,
        sandbox_only="pulumi destroy has no such option",
        turns=[
            Turn(body=_HEAD + _WITH + 'Thing("a", w(protect=True), name="a")\n', steps=["create a"]),
            Turn(command="destroy", lift_protection=True, steps=["delete a"], gone=["a"]),
        ],
    ),
    Case(
        area="options",
        name="retainOnDelete",
        source="a run of engine 3.260; step.go",
        seen=True,
        turns=[
            Turn(body=_HEAD + _WITH + 'Thing("a", w(retain_on_delete=True), name="a")\n', steps=["create a"]),
            Turn(body=_HEAD, steps=["delete a"], gone=["a"], calls={"delete": []}),
        ],
    ),
    Case(
        area="options",
        name="deletedWith: a step and no call, and a cascade without Diff",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("a", o, key=1)\nThing("b", w(deleted_with=a, depends_on=[a]), name="b")\n',
                steps=["create a", "create b"],
                state={"b": {"deletedWith": "urn:pulumi:dev::test::test:index:Thing::a"}},
            ),
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("a", o, key=2)\nThing("b", w(deleted_with=a, depends_on=[a]), name="b")\n',
                steps=[
                    "create-replacement a",
                    "replace a",
                    "create-replacement b",
                    "replace b",
                    "delete-replaced a",
                    "delete-replaced b",
                ],
                calls={"delete": ["a"], "diff": ["a"]},
            ),
            Turn(body=_HEAD, steps=["delete a", "delete b"], calls={"delete": ["a"]}),
        ],
    ),
    Case(
        area="options",
        name="replaceWith and a replacement trigger",
        source="a run of engine 3.260; step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("a", o, key=1)\nThing("b", w(replace_with=[a], depends_on=[a]), name="b")\n'
                + 'Thing("c", w(replacement_trigger="one"), name="c")\n',
                steps=["create a", "create b", "create c"],
                state={"c": {"replacementTrigger": "one"}},
            ),
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("a", o, key=2)\nThing("b", w(replace_with=[a], depends_on=[a]), name="b")\n'
                + 'Thing("c", w(replacement_trigger="two"), name="c")\n',
                steps=[f"{op} {name}" for name in "abc" for op in ("create-replacement", "replace", "delete-replaced")],
            ),
        ],
    ),
    Case(
        area="options",
        name="additionalSecretOutputs",
        source="a run of engine 3.260; step_executor.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _WITH
                + 'a = Thing("a", w(additional_secret_outputs=["arn"]), name="a")\npulumi.export("arn", a.arn)\n',
                steps=["create a"],
                outputs={"arn": "[secret]"},
                state={"a": {"additionalSecretOutputs": ["arn"]}},
            )
        ],
    ),
    Case(
        area="options",
        name="customTimeouts are kept, in seconds",
        source="a run of engine 3.260; source_eval.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + _WITH
                + 'Thing("a", w(custom_timeouts=pulumi.CustomTimeouts(create="5m", delete="1h30m")), name="a")\n',
                steps=["create a"],
                state={"a": {"customTimeouts": {"create": 300, "delete": 5400}}},
            ),
            Turn(
                body=_HEAD + _WITH + 'Thing("b", w(custom_timeouts=pulumi.CustomTimeouts(create="soon")), name="b")\n',
                ok=False,
                steps=None,
                says="soon",
            ),
        ],
    ),
    Case(
        area="options",
        name="import",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                before=_seed,
                body=_HEAD + _WITH + 'Thing("a", w(import_="old-1"), name="found", size=4)\n',
                steps=["import a", "update a"],
                order=["import a", "update a"],
                state={"a": {"id": "old-1", "importID": "old-1", "inputs": {"size": 4}}},
                calls={"create": [], "update": ["a"]},
            ),
            Turn(body=_HEAD + 'Thing("a", o, name="found", size=5)\n', steps=["update a"]),
            Turn(
                body=_HEAD + _WITH + 'Thing("b", w(import_="nowhere"), name="b")\n',
                ok=False,
                steps=None,
                says="does not exist",
            ),
        ],
    ),
)
