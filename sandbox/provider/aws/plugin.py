"""An `aws` provider instance."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.codec import Value
from sandbox.provider.aws import invokes, registry
from sandbox.provider.faults import Failure, ProviderError
from sandbox.provider.plugin import Plugin, Properties
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import TypeInfo


class AwsPlugin(Plugin):
    """Kinds and functions of `pulumi_aws` for one region and account."""

    package = "aws"
    replacing_config = frozenset({"region", "allowedAccountIds"})

    def check_config(self, news: Mapping[str, Value]) -> list[Failure]:
        """Besides the types: a region is needed to place anything."""
        failures = super().check_config(news)
        if news.get("region") is None and not self.region({}):
            failures.append(
                Failure("region", "missing required configuration key 'aws:region': give the provider a region")
            )
        return failures

    def kind(self, token: str, info: TypeInfo) -> Kind:
        """The described kind, else a recorded one made from what the SDK says."""
        return registry.kind(token, info)

    def invoke(self, token: str, args: Properties) -> Properties | list[Failure]:
        """Answer a data source; unknown ones are refused by name."""
        answer = invokes.FUNCTIONS.get(token)
        if answer is None:
            raise ProviderError(
                f"the sandbox does not answer {token}; it answers {', '.join(sorted(invokes.FUNCTIONS))}"
            )
        return answer(self.context(f"urn:pulumi:sandbox::invoke::{token}::invoke", args), args)
