"""The provider `pulumi`, which the engine itself is: references to other stacks, and what was registered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.codec import contains_secret
from sandbox.engine.diffs import SAME, Diff, compare
from sandbox.engine.errors import EngineError, Unsupported
from sandbox.engine.plugin import Failure, Live, ProviderError
from sandbox.engine.resource import Properties, State, Timeouts
from sandbox.engine.statefile import StateFile
from sandbox.engine.urns import STACK_TYPE, type_of

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
STASH: Final = "pulumi:index:Stash"


class BuiltinProvider:
    """Answers as a plugin does."""

    configured = True

    def __init__(self, state: StateFile, registered: Mapping[str, State]) -> None:
        """Take the running stack's state file, beside whose folder the other stacks are, and what is registered."""
        self._state = state
        self._registered = registered

    async def check_config(self, _urn: str, _old: Properties, new: Properties) -> tuple[Properties, list[Failure]]:
        """Accept any configuration; it has none."""
        return new, []

    async def diff_config(self, _urn: str, _old: Properties, _outputs: Properties, _new: Properties) -> Diff:
        """Never changes."""
        return SAME

    async def configure(self, _urn: str, _id: str, _inputs: Properties) -> None:
        """Nothing to configure."""

    async def check(
        self, urn: str, _old: Properties, new: Properties, _seed: bytes, *, preview: bool
    ) -> tuple[Properties, list[Failure]]:
        """Accept a stack's name, or what is stashed."""
        del preview
        wanted = {STACK_REFERENCE: "name", STASH: "input"}.get(type_of(urn))
        if wanted is None:
            raise ProviderError(f"unrecognized resource type {type_of(urn)!r}")
        failures = [Failure(key, f"unknown property {key!r}") for key in new if key != wanted]
        if wanted not in new:
            failures.append(Failure(wanted, f"missing required property {wanted!r}"))
        return new, failures

    async def diff(self, urn: str, old: State, new: Properties, _ignored: Sequence[str], *, preview: bool) -> Diff:
        """A reference to another stack is another reference."""
        del preview
        diff = compare(old.inputs, new)
        if diff.changed and type_of(urn) == STACK_REFERENCE:
            return Diff(changed=True, replace_keys=("name",), changed_keys=("name",), detailed=diff.detailed)
        return diff

    async def create(
        self, urn: str, inputs: Properties, _timeouts: Timeouts, *, preview: bool
    ) -> tuple[str, Properties]:
        """Read the other stack, or stash a value."""
        id_ = "" if preview else str(uuid.uuid4())
        if type_of(urn) == STASH:
            return id_, {"input": inputs["input"], "output": inputs["input"]}
        return id_, self._stack_outputs(inputs)

    async def update(self, old: State, new: State, *, preview: bool) -> Properties:
        """A stash keeps its first value as output."""
        del preview
        return {"input": new.inputs["input"], "output": old.outputs["output"]}

    async def delete(self, _state: State) -> None:
        """Nothing stands behind it."""

    async def read(self, urn: str, id_: str, inputs: Properties, outputs: Properties) -> Live:
        """Read the other stack again."""
        if type_of(urn) == STACK_REFERENCE:
            return Live(id_, inputs, self._stack_outputs(inputs))
        return Live(id_, inputs, outputs)

    async def invoke(self, token: str, args: Properties, *, preview: bool) -> tuple[Properties, list[Failure]]:
        """Answer the three functions that the SDK uses."""
        del preview
        if token == "pulumi:pulumi:getResource":  # noqa: S105 - a function's token
            return self._resource(args["urn"]), []
        if token == "pulumi:pulumi:readStackOutputs":  # noqa: S105 - a function's token
            return self._stack_outputs(args), []
        raise Unsupported(f"the function {token}", "read the other stack with pulumi.StackReference")

    async def construct(self, _request: Any, _inputs: Properties) -> Any:
        """It has no components."""
        raise ProviderError("the provider 'pulumi' has no remote components")

    async def call(self, _request: Any, _args: Properties) -> Any:
        """It has no methods."""
        raise ProviderError("the provider 'pulumi' has no methods")

    def _resource(self, urn: str) -> Properties:
        state = self._registered.get(urn)
        if state is None:
            raise ProviderError(f"no resource {urn} is registered in this run")
        return {"urn": urn, "id": state.id, "state": state.outputs}

    def _stack_outputs(self, inputs: Properties) -> Properties:
        name = inputs.get("name")
        if not isinstance(name, str):
            raise ProviderError("a stack reference needs the stack's name as a string")
        stack = name.rsplit("/", 1)[-1]
        path = self._state.path.parent.parent / stack / self._state.path.name
        if not path.exists():
            raise ProviderError(f"the stack {name!r} is not deployed here: there is no {path}")
        try:
            resources = StateFile(path, self._state.passphrase).load().resources
        except EngineError as error:
            raise ProviderError(f"the stack {name!r} cannot be read: {error}") from error
        outputs = next((state.outputs for state in resources if state.type == STACK_TYPE), {})
        secret = sorted(key for key, value in outputs.items() if contains_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}
