"""Options of a fault, as they are written on the command line."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from ops.deployment import cloud
from ops.errors import OpsError
from ops.exits import Exit
from sandbox.cloud import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.cloud import Sandbox


def parse(words: Sequence[str]) -> dict[str, Any]:
    """`rate=0.5` and the like, numbers as numbers.

    Raises:
        OpsError: a word has no `=`.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise OpsError(
                f"--set {word!r} is no NAME=VALUE", fix="write NAME=VALUE, such as rate=0.5", code=Exit.USAGE
            )
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found


def inject(sandbox: Sandbox, region: str, kind: str, service: str | None, options: Mapping[str, Any]) -> str:
    """Let a region fail; the fault's id.

    Raises:
        OpsError: there is no such region, service, kind or option.
    """
    cloud.require_region(sandbox, region)
    signed = None if service is None else signed_as(service)
    try:
        return str(sandbox.fault(region, kind, service=signed, **options))  # type: ignore[arg-type] # it refuses unknown kinds
    except Refused as error:
        raise OpsError(str(error), fix="holdfast sandbox fault --help has examples", code=Exit.USAGE) from None


def signed_as(service: str) -> str:
    """The name that requests of a service are signed with, by which a gateway knows them: `monitoring` of `cloudwatch`.

    Raises:
        OpsError: there is no such service; a fault of it would never hit.
    """
    import botocore.session  # noqa: PLC0415 (100 ms that a fault of every service need not wait for)

    session = botocore.session.get_session()
    names = session.get_available_services()
    loader = session.get_component("data_loader")
    if service in names:
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        return str(metadata.get("signingName") or metadata["endpointPrefix"])
    if service in loader.load_data("endpoints")["partitions"][0]["services"]:
        return service
    near = difflib.get_close_matches(service, names, n=1)
    raise OpsError(
        f"--service {service!r}: AWS has no such service",
        fix=f"did you mean {near[0]}?" if near else "write a name such as dynamodb, s3, kms or sts",
        code=Exit.USAGE,
    )
