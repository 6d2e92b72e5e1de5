"""Property values on their way between program, engine, provider and state."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from sandbox import codec
from sandbox.engine.testing.conformance import Case, Turn

_HEAD: Final = 'p = Provider("p")\no = ResourceOptions(provider=p)\n'
_SECRET: Final = {codec.SIGNATURE_KEY: codec.SECRET_SIGNATURE, "plaintext": ...}


def _asset(text: str) -> dict[str, Any]:
    return {
        codec.SIGNATURE_KEY: codec.ASSET_SIGNATURE,
        "hash": hashlib.sha256(text.encode()).hexdigest(),
    }


CASES: Final = (
    Case(
        area="values",
        name="unknowns through nested structures and applies",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a")\n'
                + 'b = Thing("b", o, deep={"list": [1, {"n": a.serial}], "known": a.arn}, '
                + 'text=a.serial.apply(lambda n: f"no {n}"))\n'
                + 'pulumi.export("deep", b.deep)\npulumi.export("text", b.text)\n',
                command="preview",
                steps=["create a", "create b"],
                outputs={"deep": "output<unknown>", "text": "output<unknown>"},
            ),
            Turn(
                steps=["create a", "create b"],
                outputs={"deep": {"list": [1, {"n": 1}], "known": "arn:test:a"}, "text": "no 1.0"},
                state={"b": {"inputs": {"deep": {"list": [1, {"n": 1}]}}}},
            ),
        ],
    ),
    Case(
        area="values",
        name="secrets in and out",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, word=Output.secret("hunter2"), deep={"word": Output.secret("hunter3")}, '
                + 'hidden="x")\n'
                + 'b = Thing("b", o, word=a.hidden)\npulumi.export("word", a.word)\npulumi.export("deep", a.deep)\n',
                steps=["create a", "create b"],
                outputs={"word": "[secret]", "deep": "[secret]"},
                state={
                    "a": {"inputs": {"word": _SECRET, "deep": {"word": _SECRET}}, "outputs": {"hidden": _SECRET}},
                    "b": {"inputs": {"word": _SECRET}},
                },
            ),
            Turn(steps=[]),
        ],
    ),
    Case(
        area="values",
        name="a secret of the configuration stays one",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'c = pulumi.Config()\nThing("a", o, word=c.require_secret("word"), plain=c.require("plain"))\n'
                + 'pulumi.export("list", c.require_object("list"))\n',
                config={"test:word": "hunter2", "test:plain": "x", "test:list": '[1, {"a": true}]'},
                secret_keys=frozenset({"test:word"}),
                steps=["create a"],
                state={"a": {"inputs": {"word": _SECRET, "plain": "x"}}},
                outputs={"list": [1, {"a": True}]},
            )
        ],
    ),
    Case(
        area="values",
        name="assets change by content, not by path",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, code=pulumi.FileAsset("one.txt"), word=pulumi.StringAsset("hello"))\n',
                files={"one.txt": "first", "two.txt": "first"},
                steps=["create a"],
                state={"a": {"inputs": {"code": _asset("first"), "word": _asset("hello")}}},
            ),
            Turn(
                body=_HEAD + 'Thing("a", o, code=pulumi.FileAsset("two.txt"), word=pulumi.StringAsset("hello"))\n',
                steps=[],
            ),
            Turn(files={"two.txt": "second"}, steps=["update a"], state={"a": {"inputs": {"code": _asset("second")}}}),
        ],
    ),
    Case(
        area="values",
        name="archives change by what is in them",
        source="a run of engine 3.260: the hash of a bare tar stream in name order",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'Thing("a", o, code=pulumi.AssetArchive({"x.py": pulumi.FileAsset("one.txt"), '
                + '"d": pulumi.FileArchive("folder")}))\n',
                files={"one.txt": "first", "folder/inner.txt": "in"},
                steps=["create a"],
                state={"a": {"inputs": {"code": {"hash": ...}}}},
            ),
            Turn(steps=[]),
            Turn(files={"folder/inner.txt": "out"}, steps=["update a"]),
        ],
    ),
    Case(
        area="values",
        name="a file that is not there",
        source="a run of engine 3.260; asset.go",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, code=pulumi.FileAsset("nowhere.txt"))\n',
                ok=False,
                steps=None,
                says="nowhere.txt",
                gone=["a"],
            )
        ],
    ),
    Case(
        area="values",
        name="resource references",
        source="a run of engine 3.260: a provider that takes them gets them, the state keeps them",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'a = Thing("a", o, name="a")\nb = Thing("b", o, ref=a)\nbox = Box("box")\n'
                + 'box.register_outputs({"a": a})\n',
                steps=["create a", "create b", "create box"],
                state={
                    "b": {
                        "inputs": {
                            "ref": {
                                codec.SIGNATURE_KEY: codec.RESOURCE_SIGNATURE,
                                "urn": "urn:pulumi:dev::test::test:index:Thing::a",
                                "id": "a-1",
                            }
                        }
                    },
                    "box": {"outputs": {"a": {"id": "a-1"}}},
                },
            ),
            Turn(steps=[]),
        ],
    ),
    Case(
        area="values",
        name="nulls and empty collections",
        source="a run of SDK 3.272: a property that is null is not sent, a null inside one is, and so are empty ones",
        seen=True,
        turns=[
            Turn(
                body=_HEAD
                + 'Thing("a", o, none=None, empty=[], bare={}, '
                + 'inner={"none": None, "l": [None]}, zero=0, no=False)\n',
                steps=["create a"],
                state={
                    "a": {
                        "inputs": lambda inputs: (
                            inputs
                            == {"empty": [], "bare": {}, "inner": {"none": None, "l": [None]}, "zero": 0, "no": False}
                        )
                    }
                },
            ),
            Turn(steps=[]),
        ],
    ),
    Case(
        area="values",
        name="whole numbers are written as integers",
        source="a run of engine 3.260",
        seen=True,
        turns=[
            Turn(
                body=_HEAD + 'Thing("a", o, whole=5.0, half=0.5, big=12345678901)\n',
                steps=["create a"],
                state={
                    "a": {
                        "inputs": lambda inputs: (
                            [type(inputs[key]).__name__ for key in ("whole", "half", "big")] == ["int", "float", "int"]
                        )
                    }
                },
            )
        ],
    ),
)
