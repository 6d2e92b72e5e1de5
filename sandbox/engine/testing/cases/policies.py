"""Policy packs."""

from __future__ import annotations

from typing import Final

from sandbox.engine.testing.conformance import Case, Turn

_HEAD: Final = 'p = Provider("p")\no = ResourceOptions(provider=p)\n'
_PACK: Final = """
def small(args, report):
    if args.resource_type == "test:index:Thing" and args.props.get("size", 0) > args.get_config().get("most", 3):
        report(f"{args.name} is too big")

def shrink(args):
    if args.resource_type == "test:index:Thing" and "size" in args.props and args.props["size"] > 3:
        args.props["size"] = 3
        return args.props

def few(args, report):
    things = [r for r in args.resources if r.resource_type == "test:index:Thing"]
    if len(things) > 2:
        report("too many things", things[0].urn)

PolicyPack(name=PACK, enforcement_level=LEVEL, policies=[
    ResourceValidationPolicy(
        name="small", description="Things are small.", validate=small, remediate=shrink, severity=Severity.HIGH,
        config_schema=PolicyConfigSchema(properties={"most": {"type": "number", "default": 3}}),
    ),
    StackValidationPolicy(name="few", description="There are few things.", validate=few),
])
"""


def _pack(level: str, name: str = "sizes") -> str:
    return f"LEVEL = EnforcementLevel.{level}\nPACK = {name!r}\n{_PACK}"


CASES: Final = (
    Case(
        area="policies",
        name="advisory: told, and nothing more",
        source="a run of engine 3.260 with policy SDK 1.21",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, size=9)\n',
                packs={"sizes": _pack("ADVISORY")},
                steps=["create a"],
                says="advisory small: a is too big",
            )
        ],
    ),
    Case(
        area="policies",
        name="mandatory: a preview shows all and fails, an update stops there",
        source="a run of engine 3.260 with policy SDK 1.21",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, size=9)\nThing("b", o, name=a.arn)\n',
                command="preview",
                packs={"sizes": _pack("MANDATORY")},
                ok=False,
                steps=["create a", "create b"],
                says="mandatory small: a is too big",
            ),
            Turn(
                packs={"sizes": _pack("MANDATORY")},
                ok=False,
                steps=None,
                says="mandatory small: a is too big",
                gone=["a", "b"],
                calls={"create": []},
            ),
        ],
    ),
    Case(
        area="policies",
        name="disabled, and a configuration file",
        source="a run of engine 3.260 with policy SDK 1.21: schema defaults, levels and all",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, size=9)\n',
                packs={"sizes": _pack("MANDATORY")},
                pack_config={"sizes": {"small": "disabled"}},
                steps=["create a"],
            ),
            Turn(
                packs={"sizes": _pack("MANDATORY")},
                pack_config={"sizes": {"all": "advisory", "small": {"enforcementLevel": "mandatory", "most": 20}}},
                steps=[],
            ),
            Turn(
                packs={"sizes": _pack("ADVISORY")},
                pack_config={"sizes": {"all": "mandatory"}},
                command="preview",
                ok=False,
                steps=[],
                says="mandatory small",
            ),
        ],
    ),
    Case(
        area="policies",
        name="remediate changes what is created",
        source="a run of engine 3.260 with policy SDK 1.21",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, size=9, word=Output.secret("x"))\n',
                packs={"sizes": _pack("REMEDIATE")},
                steps=["create a"],
                state={"a": {"inputs": {"size": 3, "word": {"plaintext": '"x"'}}}},
            ),
            Turn(packs={"sizes": _pack("REMEDIATE")}, steps=[]),
        ],
    ),
    Case(
        area="policies",
        name="stack policies, and several packs",
        source="a run of engine 3.260 with policy SDK 1.21: outputs are judged, in previews too",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'for n in "abc": Thing(n, o, name=n)\n',
                command="preview",
                packs={"sizes": _pack("MANDATORY"), "others": _pack("ADVISORY", "others")},
                ok=False,
                steps=["create a", "create b", "create c"],
                says="mandatory few: too many things",
            ),
            Turn(
                packs={"sizes": _pack("MANDATORY")},
                ok=False,
                steps=["create a", "create b", "create c"],
                says="mandatory few: too many things",
                state={"a": {}, "b": {}, "c": {}},
            ),
        ],
    ),
    Case(
        area="policies",
        name="a value that is not known yet cannot be judged, and that is said",
        source="policy SDK 1.21: an unknown read gives an advisory note",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'a = Thing("a", o, name="a")\nThing("b", o, size=a.serial)\n',
                command="preview",
                packs={"sizes": _pack("MANDATORY")},
                steps=["create a", "create b"],
                says="can't run policy 'small'",
            )
        ],
    ),
    Case(
        area="policies",
        name="a pack that fails has not judged: the run stops",
        source="a run of engine 3.260; step_generator.go: an analyzer's error ends the run",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a")\n',
                packs={
                    "broken": (
                        "def bad(args, report):\n    raise KeyError('oh no')\n\n"
                        "PolicyPack(name='broken', policies=[ResourceValidationPolicy("
                        "name='bad', description='Bad.', validate=bad)])\n"
                    )
                },
                ok=False,
                steps=None,
                says="'broken' failed and has not judged",
                gone=["a"],
            ),
        ],
        own_words=True,
    ),
    Case(
        area="policies",
        name="a pack that does not start",
        source="a run of engine 3.260; deployment_executor.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, name="a")\n',
                packs={"broken": "raise ImportError('no such module')\n"},
                ok=False,
                steps=None,
                says="did not start",
            )
        ],
        own_words=True,
    ),
)
