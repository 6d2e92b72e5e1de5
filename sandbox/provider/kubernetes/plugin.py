"""A `kubernetes` provider instance: objects are checked against the SDK's types and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import UNKNOWN, Value
from sandbox.provider.checking import types
from sandbox.provider.faults import Failure, ProviderError
from sandbox.provider.kubernetes import manifests, objects
from sandbox.provider.plugin import Plugin, Properties, name_of, plain_inputs, token_of
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import Shape, TypeInfo

_COMPONENTS = frozenset(
    {
        "kubernetes:helm.sh/v4:Chart",
        "kubernetes:kustomize/v2:Directory",
        "kubernetes:yaml/v2:ConfigFile",
        "kubernetes:yaml/v2:ConfigGroup",
    }
)


class KubernetesPlugin(Plugin):
    """Kinds of `pulumi_kubernetes`; any other API is taken as a custom resource."""

    package = "kubernetes"
    ids_in_outputs = False
    replacing_config = frozenset({"cluster", "clusterIdentifier", "context"})

    def info(self, token: str) -> TypeInfo:
        """A type of the SDK, or of a custom resource definition: then only its frame is known."""
        known = self.catalogue.find(token)
        if known is not None or "/" not in token:
            return known or super().info(token)
        frame = {name: Shape("any") for name in ("apiVersion", "kind", "metadata", "spec", "data", "status", "others")}
        return TypeInfo(token=token, inputs=frame, required=frozenset(), outputs=frozenset(frame))

    def kind(self, token: str, info: TypeInfo) -> Kind:  # noqa: ARG002  the base's signature
        """How objects of this kind change and are called."""
        mutable = bool(
            self.config.get("enableConfigMapMutable" if token.endswith(":ConfigMap") else "enableSecretMutable")
        )
        return objects.kind(token, namespace=self.namespace, mutable_data=mutable)

    @property
    def namespace(self) -> str:
        """The namespace of objects that name none."""
        return str(self.config.get("namespace") or "default")

    def check(
        self, urn: str, olds: Properties, news: Properties, seed: bytes = b""
    ) -> tuple[Properties, list[Failure]]:
        """Name an unnamed object as the real provider does, and check it."""
        token = token_of(urn)
        info = self.info(token)
        if not info.has("metadata"):
            return super().check(urn, olds, news, seed)
        inputs = objects.named(token, name_of(urn), olds, news, seed)
        if self.catalogue.find(token) is None:
            missing = [name for name in ("apiVersion", "kind") if types.plain_top(inputs.get(name)) is None]
            return inputs, [Failure(name, f"missing required property '{name}'") for name in missing]
        failures = types.check(info, inputs)
        if token.endswith("Patch") and not objects.name(plain_inputs(news)):
            failures.append(Failure("metadata", "missing required property 'metadata.name': a patch names its object"))
        return inputs, failures

    def region(self, inputs: Mapping[str, Value]) -> str:  # noqa: ARG002  the base's signature
        """Objects have no region."""
        return ""

    def invoke(self, token: str, args: Properties) -> Properties | list[Failure]:
        """Decode manifests; charts and kustomizations need tools that the sandbox does not have."""
        if token == "kubernetes:yaml:decode":  # noqa: S105  the token of a function
            text = args.get("text")
            if text is UNKNOWN or not isinstance(text, str):
                raise ProviderError("kubernetes:yaml:decode: the text of the manifest is not known yet")
            return {"result": manifests.decode(text, args.get("defaultNamespace"))}
        raise ProviderError(
            f"the sandbox does not answer {token}; it answers kubernetes:yaml:decode. "
            "Render charts before, or deploy with ENGINE=pulumi"
        )

    def construct(self, name: str, token: str, inputs: Any, options: Any) -> Any:
        """Make the objects of a manifest."""
        if token not in _COMPONENTS or not token.startswith("kubernetes:yaml/"):
            raise ProviderError(
                f"{token} ({name}): the sandbox renders no charts or kustomizations; use yaml.v2.ConfigGroup, a "
                "helm.v3.Release (recorded), or deploy with ENGINE=pulumi"
            )
        from sandbox.provider.kubernetes import components  # noqa: PLC0415  imports the whole SDK

        return components.construct(name, token, inputs, options)
