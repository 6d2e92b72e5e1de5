"""ECR: repositories and their life-cycle policies."""

from __future__ import annotations

from typing import Any

from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _settings(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    client = context.client("ecr")
    if old.get("imageTagMutability") != new.get("imageTagMutability"):
        client.put_image_tag_mutability(
            repositoryName=physical_id, imageTagMutability=new.get("imageTagMutability") or "MUTABLE"
        )
    if old.get("imageScanningConfiguration") != new.get("imageScanningConfiguration"):
        scan = bool((new.get("imageScanningConfiguration") or {}).get("scanOnPush"))
        client.put_image_scanning_configuration(
            repositoryName=physical_id, imageScanningConfiguration={"scanOnPush": scan}
        )


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    host = f"{context.account_id}.dkr.ecr.{context.region}.amazonaws.com"
    return {
        "arn": context.arn("ecr", f"repository/{physical_id}"),
        "registryId": context.account_id,
        "repositoryUrl": f"{host}/{physical_id}",
    }


def _force(physical_id: str, state: Properties) -> dict[str, Any]:
    return {"repositoryName": physical_id, "force": bool(state.get("forceDelete"))}


GONE = (*crud.GONE, "RepositoryNotFoundException")

REPOSITORY = crud.kind(
    "aws:ecr/repository:Repository",
    Crud(
        service="ecr",
        what="repository",
        create="create_repository",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=lambda physical_id, _state: {"repositoryNames": [physical_id]},
        read="describe_repositories",
        found="repositories",
        delete="delete_repository",
        remove_key=_force,
        renames={"name": "repositoryName"},
        after=_settings,
        gone=GONE,
        arn=lambda context, physical_id, _state: context.arn("ecr", f"repository/{physical_id}"),
    ),
    forces=frozenset({"name", "encryptionConfigurations", "region"}),
    defaults={"imageTagMutability": "MUTABLE", "forceDelete": False},
    name=AutoName(limit=256, lower=True),
    identity=ids.by("name"),
    computed=_computed,
)

LIFECYCLE = crud.kind(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    Crud(
        service="ecr",
        what="life-cycle policy of",
        create="put_lifecycle_policy",
        id=lambda _context, inputs, _answer: str(inputs["repository"]),
        key=lambda physical_id, _state: {"repositoryName": physical_id},
        read="get_lifecycle_policy",
        delete="delete_lifecycle_policy",
        renames={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        tags=False,
        gone=(*GONE, "LifecyclePolicyNotFoundException"),
    ),
    forces=frozenset({"repository", "policy", "region"}),
    documents=frozenset({"policy"}),
    identity=ids.by("repository"),
    computed=lambda context, _id, _inputs: {"registryId": context.account_id},
)

KINDS = (REPOSITORY, LIFECYCLE)
