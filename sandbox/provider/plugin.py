"""One configured provider instance, free of the protocol: what each request means."""

from __future__ import annotations

import importlib.metadata
import json
import os
from collections.abc import Mapping
from typing import Any

from sandbox import codec
from sandbox.codec import UNKNOWN, Secret, Value
from sandbox.provider import naming, planning
from sandbox.provider.checking import types
from sandbox.provider.checking.types import plain_top
from sandbox.provider.cloud import Door
from sandbox.provider.context import Context
from sandbox.provider.diffing import Difference
from sandbox.provider.drift import observed_inputs, observed_outputs
from sandbox.provider.faults import Failure, ProviderError
from sandbox.provider.lifecycle import Lifecycle
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import TypeInfo, catalogue

Properties = dict[str, Value]
EXAMPLE_ACCOUNT = "111122223333"
"""AWS's own example account: what a preview assumes when neither sandbox nor provider names one."""


class Plugin:
    """A provider of one package. Subclasses say which kinds, invokes and components it has."""

    package = ""
    ids_in_outputs = True
    """Whether outputs repeat the id, as those of bridged providers do."""

    def __init__(self, door: Door) -> None:
        self.version = importlib.metadata.version(f"pulumi-{self.package}")
        self.catalogue = catalogue(self.package)
        self.config: Properties = {}
        self._door = door
        self._lifecycle = Lifecycle()

    # --- the instance

    def check_config(self, news: Mapping[str, Value]) -> list[Failure]:
        """Check the provider's own inputs; those that are no strings arrive as JSON."""
        return types.check(self.catalogue.provider, self._decoded(news))

    def _decoded(self, config: Mapping[str, Value]) -> Properties:
        """Provider inputs as their types have them: what is no string travels as JSON."""
        shapes = self.catalogue.provider.inputs
        texts = {name for name, shape in shapes.items() if shape.kind == "string"}
        return {
            key: value if key in texts else decoded(value)
            for key, value in config.items()
            if key not in {"version", "pluginDownloadURL"} and not key.startswith("__")
        }

    def diff_config(self, olds: Mapping[str, Value], news: Mapping[str, Value]) -> tuple[list[str], list[str]]:
        """Changed inputs, and those that ask for another provider."""
        names = sorted(
            name
            for name in set(olds) | set(news)
            if not name.startswith("__") and name != "version" and olds.get(name) != news.get(name)
        )
        return names, [name for name in names if name in self.replacing_config]

    replacing_config: frozenset[str] = frozenset()

    def configure(self, config: Properties) -> None:
        """Take the provider's configuration."""
        self.config = self._decoded(config)

    # --- what a subclass adds

    def kind(self, token: str, info: TypeInfo) -> Kind:
        """How resources of this type are handled."""
        raise NotImplementedError

    def invoke(self, token: str, args: Properties) -> Properties | list[Failure]:
        """Answer a function; the base knows none."""
        raise ProviderError(f"the {self.package} stand-in does not answer {token} with {len(args)} arguments")

    def construct(self, name: str, token: str, inputs: Any, options: Any) -> Any:  # noqa: ARG002  for subclasses
        """Make a remote component; the base has none."""
        raise ProviderError(f"{token} ({name}): the {self.package} stand-in has no such component")

    def call(self, token: str, args: Any) -> Any:  # noqa: ARG002  for subclasses
        """Call a method of a component; the base has none."""
        raise ProviderError(f"the {self.package} stand-in has no method {token}")

    # --- a resource

    def check(
        self, urn: str, olds: Properties, news: Properties, seed: bytes = b""
    ) -> tuple[Properties, list[Failure]]:
        """Inputs with what the provider fills in, and every fault."""
        info = self.info(token_of(urn))
        checked = planning.check(self.kind(info.token, info), info, name_of(urn), olds, news, seed=seed)
        return checked.inputs, checked.failures

    def diff(
        self, urn: str, physical_id: str, olds: Properties, news: Properties, ignored: frozenset[str] = frozenset()
    ) -> tuple[Difference, bool]:
        """What would change, and whether a replacement deletes first."""
        info = self.info(token_of(urn))
        kind = self.kind(info.token, info)
        self._lifecycle.seen(urn, physical_id)
        context = self.context(urn, plain_inputs(news))
        identity = kind.identity(context, plain_inputs(news))
        stays = identity is not None and identity == physical_id and not naming.filled_in(news)
        return planning.plan(kind, info, olds, news, ignored), stays or planning.deletes_first(kind, olds, news)

    def create(self, urn: str, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Create the resource; in a preview, what is known of it."""
        info = self.info(token_of(urn))
        kind = self.kind(info.token, info)
        plain = plain_inputs(inputs)
        context = self.context(urn, plain, preview=preview)
        if preview:
            identity = kind.identity(context, plain)
            return _known(identity), self._outputs(kind, info, context, inputs, physical_id=identity, made={})
        made = self._lifecycle.create(kind, context, plain)
        return made.id, self._outputs(kind, info, context, inputs, physical_id=made.id, made=made.outputs)

    def read(
        self, urn: str, physical_id: str, state: Properties, inputs: Properties
    ) -> tuple[Properties, Properties] | None:
        """Outputs and inputs as the cloud has them; None when the resource is gone."""
        info = self.info(token_of(urn))
        kind = self.kind(info.token, info)
        self._lifecycle.seen(urn, physical_id)
        if kind.handler is None:
            if not state and not inputs:
                raise ProviderError(
                    f"{info.token} {physical_id!r} is recorded, not created, in the sandbox: there is nothing to read; "
                    "declare it as a resource instead of reading it"
                )
            return state, inputs
        plain = plain_inputs(state or inputs)
        context = self.context(urn, plain)
        observed = kind.handler.read(context, physical_id, plain)
        if observed is None:
            return None
        outputs = observed_outputs(info, kind, state, observed)
        outputs = self._outputs(kind, info, context, outputs, physical_id=physical_id, made={})
        return outputs, observed_inputs(info, kind, state, inputs, observed)

    def update(
        self, urn: str, physical_id: str, state: Properties, olds: Properties, news: Properties, *, preview: bool
    ) -> Properties:
        """Bring the resource to new inputs; returns its outputs."""
        info = self.info(token_of(urn))
        kind = self.kind(info.token, info)
        plain = plain_inputs(news)
        context = self.context(urn, plain, preview=preview)
        # What the program did not give, AWS did: it stays.
        kept = {key: value for key, value in state.items() if key in info.outputs and plain_top(olds.get(key)) is None}
        made: Properties = {}
        if preview:
            before = plain_inputs(olds)
            kept = {key: value for key, value in kept.items() if not _counts(kind, key, before, plain)}
        elif kind.handler is not None:
            made = self._lifecycle.update(kind, context, physical_id, plain_inputs({**state, **olds}), plain)
        return {**kept, **self._outputs(kind, info, context, news, physical_id=physical_id, made=made)}

    def delete(self, urn: str, physical_id: str, state: Properties) -> None:
        """Delete the resource."""
        info = self.info(token_of(urn))
        kind = self.kind(info.token, info)
        plain = plain_inputs(state)
        self._lifecycle.delete(kind, self.context(urn, plain), physical_id, plain)

    # --- shared parts

    def info(self, token: str) -> TypeInfo:
        """What the SDK knows of a type; `ProviderError` names what it does not know."""
        found = self.catalogue.find(token)
        if found is None:
            nearest = self.catalogue.nearest(token)
            hint = f"; did you mean {nearest}?" if nearest else ""
            raise ProviderError(f"pulumi-{self.package} {self.version} has no resource type {token}{hint}")
        return found

    def context(self, urn: str, inputs: Mapping[str, Value], *, preview: bool = False) -> Context:
        """The surroundings of a request."""
        cloud = self._door.open()
        return Context(
            urn=urn,
            token=token_of(urn),
            region=self.region(inputs),
            account_id=cloud.account_id if cloud is not None else self.account_id(),
            cloud=cloud,
            preview=preview,
            default_tags=self.default_tags(),
        )

    def region(self, inputs: Mapping[str, Value]) -> str:
        """The region a resource lives in."""
        own = inputs.get("region")
        return own if isinstance(own, str) else str(self.config.get("region") or os.environ.get("AWS_REGION", ""))

    def account_id(self) -> str:
        """The account that a preview without a sandbox assumes."""
        allowed = self.config.get("allowedAccountIds")
        return str(allowed[0]) if isinstance(allowed, list) and allowed else EXAMPLE_ACCOUNT

    def default_tags(self) -> dict[str, str]:
        """Tags that the provider adds to what can be tagged."""
        block = self.config.get("defaultTags")
        tags = block.get("tags") if isinstance(block, dict) else None
        return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}

    def _outputs(
        self,
        kind: Kind,
        info: TypeInfo,
        context: Context,
        inputs: Properties,
        *,
        physical_id: str | None,
        made: Mapping[str, Value],
    ) -> Properties:
        """A resource's outputs: its inputs, what the provider defaults, what follows from them, what creating told."""
        plain = plain_inputs(inputs)
        outputs: Properties = {
            key: value for key, value in kind.defaults.items() if "." not in key and key in info.outputs
        }
        outputs.update({key: value for key, value in inputs.items() if key in info.outputs and value is not None})
        if "region" in info.inputs and context.region:
            outputs.setdefault("region", context.region)
        if "tagsAll" in info.outputs and "tags" in info.inputs:
            tags = plain.get("tags")
            outputs["tagsAll"] = tags if tags is UNKNOWN else {**context.default_tags, **(tags or {})}
        if physical_id and self.ids_in_outputs:
            outputs["id"] = physical_id
        computed = {**kind.computed(context, physical_id, plain), **made}
        outputs.update({key: value for key, value in computed.items() if value is not None})
        return {
            key: Secret(value) if codec.contains_secret(inputs.get(key)) and not codec.contains_secret(value) else value
            for key, value in outputs.items()
            if not context.preview or value is not UNKNOWN
        }


def _counts(kind: Kind, output: str, old: Properties, new: Properties) -> bool:
    """Whether this update will count an output up, so that nobody knows it before."""
    counted = kind.counted.get(output)
    return counted is not None and counted(old, new)


def _known(identity: str | None) -> str:
    return identity if isinstance(identity, str) else ""


def decoded(value: Value) -> Value:
    """A provider input that travels as a JSON string (`"true"`, `"[…]"`) as the value it stands for."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, dict | list | bool) else value


def plain_inputs(inputs: Mapping[str, Value]) -> Properties:
    """Inputs without secrets, nulls and the provider's own bookkeeping."""
    unwrapped: Properties = codec.unwrap_secrets(dict(inputs))
    return {key: value for key, value in unwrapped.items() if not key.startswith("__") and value is not None}


def token_of(urn: str) -> str:
    """The type token of a URN: the last of its `$`-separated types."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The logical name of a URN."""
    return urn.split("::", 3)[3]
