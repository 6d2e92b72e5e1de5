"""What a program does besides registering resources."""

from __future__ import annotations

from typing import Final

from sandbox.engine.testing.conformance import Case, Turn
from sandbox.engine.testing.provider import World

_HEAD: Final = 'p = Provider("p")\no = ResourceOptions(provider=p)\nio = pulumi.InvokeOptions(provider=p)\n'


def _seed(world: World) -> None:
    world.objects["there-1"] = {"name": "there", "size": 3}


CASES: Final = (
    Case(
        area="program",
        name="stack outputs and their changes",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(body='pulumi.export("a", 1)\npulumi.export("b", {"x": [1]})\n', outputs={"a": 1, "b": {"x": [1]}}),
            Turn(
                body='pulumi.export("b", {"x": [2]})\n',
                outputs={"b": {"x": [2]}},
                state={"test-dev": {"outputs": lambda outputs: outputs == {"b": {"x": [2]}}}},
            ),
        ],
    ),
    Case(
        area="program",
        name="a program that fails deletes nothing and keeps old outputs",
        source="a run of engine 3.260: new outputs lie over the old ones, deletions do not happen",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a")\npulumi.export("x", 1)\npulumi.export("y", 1)\n',
                steps=["create a"],
            ),
            Turn(
                body=_HEAD + 'pulumi.export("x", 2)\nraise ValueError("it went wrong")\n',
                ok=False,
                steps=[],
                says="it went wrong",
                state={"a": {"id": "a-1"}, "test-dev": {"outputs": {"x": 2, "y": 1}}},
            ),
        ],
    ),
    Case(
        area="program",
        name="an error of the program's own making has no traceback",
        source="a run of engine 3.260; SDK 3.272, RunError",
        seen=True,
        turns=[
            Turn(
                body='raise pulumi.RunError("say what to do")\n',
                ok=False,
                steps=None,
                says="say what to do",
            )
        ],
    ),
    Case(
        area="program",
        name="a program that does not parse",
        source="a run of engine 3.260; a run of SDK 3.272",
        seen=True,
        turns=[Turn(body="def broken(:\n", ok=False, steps=None, says="SyntaxError")],
    ),
    Case(
        area="program",
        name="logs by level",
        source="a run of engine 3.260: an error that the program logs is shown, and the run succeeds",
        seen=True,
        turns=[
            Turn(body='pulumi.info("for you")\npulumi.warn("beware")\nprint("printed")\n', steps=[], says="beware"),
            Turn(body='pulumi.error("no good")\n', steps=[], says="no good"),
        ],
    ),
    Case(
        area="program",
        name="invokes, with dependencies, in previews too",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a")\npulumi.export("plain", echo(io, value=1))\n'
                + 'pulumi.export("later", echo(io, value=a.serial))\n',
                command="preview",
                steps=["create a"],
                outputs={"plain": {"value": 1, "echoed": True}, "later": "output<unknown>"},
            ),
            Turn(
                steps=["create a"],
                outputs={"plain": {"value": 1, "echoed": True}, "later": {"value": 1, "echoed": True}},
            ),
        ],
    ),
    Case(
        area="program",
        name="an unknown function is refused",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'pulumi.export("x", pulumi.runtime.invoke("test:index:nothing", {}, io).value)\n',
                ok=False,
                steps=None,
                says="there is no function test:index:nothing",
            )
        ],
    ),
    Case(
        area="program",
        name="reads: an object that is not ours",
        source="engine 3.260, step.go: it is read in previews too, and never deleted",
        seen=True,
        turns=[
            Turn(
                before=_seed,
                body=_HEAD + 'r = Thing("r", ResourceOptions(provider=p, id="there-1"))\nThing("a", o, size=r.arn)\n',
                command="preview",
                steps=["read r", "create a"],
            ),
            Turn(
                steps=["read r", "create a"],
                state={"r": {"external": True, "id": "there-1"}, "a": {"inputs": {"size": "arn:test:there"}}},
            ),
            Turn(body=_HEAD, steps=["delete a", "discard r"], calls={"delete": ["a"]}),
            Turn(
                body=_HEAD + 'Thing("r", ResourceOptions(provider=p, id="gone-1"))\n',
                ok=False,
                steps=None,
                says="does not exist",
            ),
        ],
    ),
    Case(
        area="program",
        name="remote components",
        source="a run of engine 3.260: the component registers itself, non-remote, through the caller's monitor",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'g = Group("g", ResourceOptions(providers=[p]), name="x")\nThing("after", o, arn_of=g.arn)\n'
                + 'pulumi.export("arn", g.arn)\n',
                command="preview",
                steps=["create g", "create g-one", "create g-two", "create after"],
                outputs={"arn": "arn:test:x"},
            ),
            Turn(
                steps=["create g", "create g-one", "create g-two", "create after"],
                outputs={"arn": "arn:test:x"},
                state={
                    "g": {"custom": False, "outputs": {"arn": "arn:test:x"}},
                    "g-one": {"parent": "urn:pulumi:dev::test::test:index:Group::g"},
                },
            ),
            Turn(steps=[]),
            Turn(body=_HEAD, steps=["delete after", "delete g-one", "delete g-two", "delete g"]),
        ],
    ),
    Case(
        area="program",
        name="methods of remote components",
        source="a run of engine 3.260; source_eval.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'g = Group("g", ResourceOptions(providers=[p]), name="x")\n'
                + 'pulumi.export("d", pulumi.runtime.call("test:index:Group/describe", {"n": 1}, res=g))\n',
                steps=["create g", "create g-one", "create g-two"],
                outputs={"d": {"n": 1, "described": True}},
            )
        ],
    ),
    Case(
        area="program",
        name="hooks are refused by name",
        source="the sandbox's own: the real engine runs them",
        seen=False,
        sandbox_only="the real engine has hooks",
        turns=[
            Turn(
                body=_HEAD
                + 'h = pulumi.ResourceHook("watch", lambda args: None)\n'
                + "hooks = pulumi.ResourceHookBinding(before_create=[h])\n"
                + 'Thing("a", ResourceOptions(provider=p, hooks=hooks), name="a")\n',
                ok=False,
                steps=None,
                says="resource hook",
                gone=["a"],
            )
        ],
    ),
    Case(
        area="program",
        name="inputs that the provider refuses",
        source="engine 3.260, step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, forbidden=7)\n',
                command="preview",
                ok=False,
                steps=[],
                says="has a problem: is not allowed",
            ),
            Turn(
                body='Provider("q", forbidden="yes")\n',
                ok=False,
                steps=[],
                says="is not allowed",
            ),
        ],
    ),
    Case(
        area="program",
        name="where in the program a resource stands",
        source="a run of engine 3.260; source_eval.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a")\n',
                steps=["create a"],
                state={"a": {"sourcePosition": "project:///__main__.py#8"}},
            )
        ],
    ),
    Case(
        area="program",
        name="the same name twice",
        source="engine 3.260, step_generator.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a")\nThing("a", o, name="b")\n',
                ok=False,
                steps=None,
                says="Duplicate resource URN",
            )
        ],
    ),
    Case(
        area="program",
        name="a provider whose configuration is not known yet",
        source="a run of engine 3.260: no Configure, Check, Diff or Create; outputs unknown",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a")\nq = Provider("q", size=a.serial)\n'
                + 'b = Thing("b", ResourceOptions(provider=q), name="b")\npulumi.export("arn", b.arn)\n',
                command="preview",
                steps=["create a", "create b"],
                outputs={"arn": "output<unknown>"},
                calls={"check": ["a"], "preview-create": ["a"]},
            ),
            Turn(steps=["create a", "create b"], outputs={"arn": "arn:test:b"}, calls={"create": ["a", "b"]}),
            Turn(steps=[]),
        ],
    ),
)
