"""Create, same, update, replace and delete, and what they set off."""

from __future__ import annotations

from typing import Final

from sandbox.engine.testing.conformance import Case, Turn

_GENERATOR: Final = "engine 3.260, step_generator.go"
_HEAD: Final = 'o = ResourceOptions(provider=Provider("p"))\n'

CASES: Final = (
    Case(
        area="steps",
        name="create, same, update, delete",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nb = Thing("b", o, name=a.arn)\n',
                command="preview",
                steps=["create a", "create b"],
                order=["create a", "create b"],
                calls={"preview-create": ["a", "b"], "create": []},
            ),
            Turn(
                steps=["create a", "create b"],
                state={
                    "a": {"id": "a-1", "inputs": {"name": "a"}, "outputs": {"arn": "arn:test:a", "serial": 1}},
                    "b": {
                        "inputs": {"name": "arn:test:a"},
                        "dependencies": ["urn:pulumi:dev::test::test:index:Thing::a"],
                        "propertyDependencies": {"name": ["urn:pulumi:dev::test::test:index:Thing::a"]},
                    },
                },
            ),
            Turn(command="preview", steps=[], calls={"diff": ["a", "b"], "preview-create": []}),
            Turn(steps=[], calls={"diff": ["a", "b"], "update": []}),
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a", size=2)\nb = Thing("b", o, name=a.arn)\n',
                steps=["update a"],
                state={"a": {"id": "a-1", "inputs": {"size": 2}}},
            ),
            Turn(body=_HEAD, steps=["delete a", "delete b"], order=["delete b", "delete a"], gone=["a", "b"]),
        ],
    ),
    Case(
        area="steps",
        name="replace, create before delete",
        source=_GENERATOR,
        seen=True,
        turns=[
            Turn(body=_HEAD + 'Thing("a", o, name="a", key=1)\n', steps=["create a"]),
            Turn(
                body=_HEAD + 'Thing("a", o, name="a", key=2)\n',
                command="preview",
                steps=["create-replacement a", "replace a", "delete-replaced a"],
                calls={"preview-create": ["a"], "delete": []},
            ),
            Turn(
                steps=["create-replacement a", "replace a", "delete-replaced a"],
                order=["create-replacement a", "replace a", "delete-replaced a"],
                calls={"create": ["a"], "delete": ["a"], "check": ["a", "a"]},
                state={"a": {"id": "a-2", "inputs": {"key": 2}}},
            ),
        ],
    ),
    Case(
        area="steps",
        name="replace, delete before create",
        source=_GENERATOR,
        seen=True,
        turns=[
            Turn(body=_HEAD + 'Thing("a", o, name="a", key=1, first=True)\n', steps=["create a"]),
            Turn(
                body=_HEAD + 'Thing("a", o, name="a", key=2, first=True)\n',
                steps=["delete-replaced a", "replace a", "create-replacement a"],
                order=["delete-replaced a", "replace a", "create-replacement a"],
                state={"a": {"id": "a-2", "pendingReplacement": None}},
            ),
        ],
    ),
    Case(
        area="steps",
        name="a replacement goes on to dependents by their inputs",
        source="a run of engine 3.260: dependents register with new values, unknown in a preview",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a", key=1)\nThing("b", o, key=a.serial)\nThing("c", o, n=a.serial)\n',
                steps=["create a", "create b", "create c"],
            ),
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a", key=2)\nThing("b", o, key=a.serial)\nThing("c", o, n=a.serial)\n',
                command="preview",
                steps=[
                    "create-replacement a",
                    "replace a",
                    "create-replacement b",
                    "replace b",
                    "update c",
                    "delete-replaced b",
                    "delete-replaced a",
                ],
            ),
            Turn(
                steps=[
                    "create-replacement a",
                    "replace a",
                    "create-replacement b",
                    "replace b",
                    "update c",
                    "delete-replaced b",
                    "delete-replaced a",
                ],
                order=["create-replacement a", "create-replacement b", "delete-replaced b", "delete-replaced a"],
            ),
        ],
    ),
    Case(
        area="steps",
        name="delete before create takes dependents along",
        source="a run of engine 3.260: dependents that replace are deleted first, deepest first, and made without Diff",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, key=1, first=True)\nb = Thing("b", o, key=a.serial)\n'
                + 'Thing("c", o, key=b.serial)\nThing("d", o, n=a.serial)\n',
                steps=["create a", "create b", "create c", "create d"],
            ),
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, key=2, first=True)\nb = Thing("b", o, key=a.serial)\n'
                + 'Thing("c", o, key=b.serial)\nThing("d", o, n=a.serial)\n',
                steps=[
                    "delete-replaced c",
                    "delete-replaced b",
                    "delete-replaced a",
                    "replace a",
                    "create-replacement a",
                    "replace b",
                    "create-replacement b",
                    "replace c",
                    "create-replacement c",
                    "update d",
                ],
                order=[
                    "delete-replaced c",
                    "delete-replaced b",
                    "delete-replaced a",
                    "create-replacement a",
                    "create-replacement b",
                    "create-replacement c",
                ],
                calls={"delete": ["a", "b", "c"], "create": ["a", "b", "c"]},
            ),
            Turn(steps=[]),
        ],
    ),
    Case(
        area="steps",
        name="deleted for a replacement, and not wanted any more",
        source="a run of engine 3.260; step_generator.go: what awaits its replacement and is not registered is removed",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, key=1, first=True)\nThing("b", o, key=a.serial)\n',
                steps=["create a", "create b"],
            ),
            Turn(
                body=_HEAD + 'a = Thing("a", o, key=2, first=True)\n',
                steps=[
                    "delete-replaced b",
                    "delete-replaced a",
                    "replace a",
                    "create-replacement a",
                    "remove-pending-replace b",
                ],
                calls={"delete": ["a", "b"]},
                gone=["b"],
            ),
        ],
    ),
    Case(
        area="steps",
        name="dependsOn alone does not cascade",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, key=1, first=True)\n'
                + 'Thing("b", ResourceOptions.merge(o, ResourceOptions(depends_on=[a])), name="b")\n',
                steps=["create a", "create b"],
                state={"b": {"dependencies": ["urn:pulumi:dev::test::test:index:Thing::a"]}},
            ),
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, key=2, first=True)\n'
                + 'Thing("b", ResourceOptions.merge(o, ResourceOptions(depends_on=[a])), name="b")\n',
                steps=["delete-replaced a", "replace a", "create-replacement a"],
            ),
        ],
    ),
    Case(
        area="steps",
        name="deletion of a component's children",
        source="engine 3.260, step_generator.go: children go before their parent, in waves",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'box = Box("box", ResourceOptions(providers=[o.provider]))\n'
                + 'a = Thing("a", ResourceOptions(parent=box), name="a")\n'
                + 'Thing("b", ResourceOptions(parent=box), name=a.arn)\nbox.register_outputs({"a": a.arn})\n',
                steps=["create box", "create a", "create b"],
                state={"box": {"outputs": {"a": "arn:test:a"}, "id": None, "custom": False}},
            ),
            Turn(
                body=_HEAD,
                steps=["delete b", "delete a", "delete box"],
                order=["delete b", "delete a", "delete box"],
                gone=["box", "a", "b"],
            ),
        ],
    ),
    Case(
        area="steps",
        name="a diff that the provider leaves open compares inputs",
        source="engine 3.260, step_generator.go: inputs are compared, nothing is replaced",
        seen=True,
        turns=[
            Turn(body=_HEAD + 'Thing("a", o, key=1, mute=True)\n', steps=["create a"]),
            Turn(steps=[]),
            Turn(body=_HEAD + 'Thing("a", o, key=2, mute=True)\n', steps=["update a"]),
        ],
    ),
    Case(
        area="steps",
        name="a failed creation stops the run and keeps the rest",
        source="a run of engine 3.260; step_executor.go: nothing new begins, what was under way is recorded",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a")\nb = Thing("b", o, name=a.arn, fail="create")\n'
                + 'Thing("c", o, name=b.arn)\n',
                ok=False,
                steps=None,
                says="create was told to fail",
                state={"a": {"id": "a-1"}},
                gone=["b", "c"],
            ),
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nb = Thing("b", o, name=a.arn)\nThing("c", o, name=b.arn)\n',
                steps=["create b", "create c"],
            ),
        ],
    ),
    Case(
        area="steps",
        name="a failed deletion keeps what it did not delete",
        source="a run of engine 3.260; step_executor.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, fail="delete")\nThing("b", o, name=a.arn)\n',
                steps=["create a", "create b"],
            ),
            Turn(
                body=_HEAD, ok=False, steps=None, says="delete was told to fail", gone=["b"], state={"a": {"id": "a-1"}}
            ),
            Turn(body=_HEAD, before=lambda world: setattr(world, "forgiving", True), steps=["delete a"], gone=["a"]),
        ],
    ),
    Case(
        area="steps",
        name="a resource that is partly made is kept with its errors",
        source="a run of engine 3.260; step.go: a partial failure is recorded, the next run tries an update",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a", partly=True)\n',
                ok=False,
                steps=["create a"],
                says="it is not well",
                state={"a": {"id": "a-1", "initErrors": ["it is not well"]}},
            ),
            Turn(
                before=lambda world: setattr(world, "forgiving", True),
                steps=["update a"],
                state={"a": {"initErrors": None}},
            ),
        ],
    ),
    Case(
        area="steps",
        name="destroy goes in reverse dependency order",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nb = Thing("b", o, name=a.arn)\nThing("c", o, name=b.arn)\n',
                steps=["create a", "create b", "create c"],
            ),
            Turn(command="preview-destroy", steps=["delete c", "delete b", "delete a"], calls={"delete": []}),
            Turn(
                command="destroy",
                steps=["delete c", "delete b", "delete a"],
                order=["delete c", "delete b", "delete a"],
                gone=["a", "b", "c", "p", "test-dev"],
                calls={"delete": ["c", "b", "a"]},
            ),
            Turn(command="destroy", steps=[]),
        ],
    ),
    Case(
        area="steps",
        name="a provider that changes",
        source="a run of engine 3.260; providers/registry.go: an update keeps the id, its resources are diffed",
        seen=True,
        turns=[
            Turn(
                body='p = Provider("p", size=1)\nThing("a", ResourceOptions(provider=p), name="a")\n',
                steps=["create a"],
            ),
            Turn(body='p = Provider("p", size=2)\nThing("a", ResourceOptions(provider=p), name="a")\n', steps=[]),
            Turn(
                body='p = Provider("p", size=2, key=1)\nThing("a", ResourceOptions(provider=p), name="a")\n',
                steps=["create-replacement a", "replace a", "delete-replaced a"],
            ),
        ],
    ),
)
