"""REST APIs (version 1 of API Gateway), where moto differs from it: documents, patches, deployments, domains, tags."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.apigateway import urls
from moto.apigateway.exceptions import BadRequestException, DeploymentNotFoundException, NotFoundException
from moto.apigateway.models import APIGatewayBackend, Deployment, DomainName, RestAPI, Stage
from moto.apigateway.responses import APIGatewayResponse

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_ANY = "x-amazon-apigateway-any-method"
_TEXTS = {"name": "name", "description": "description", "apiKeySource": "api_key_source", "policy": "policy"}
_DOMAIN = {
    "certificateArn": "certificate_arn",
    "certificateName": "certificate_name",
    "regionalCertificateArn": "regional_certificate_arn",
    "regionalCertificateName": "regional_certificate_name",
    "securityPolicy": "security_policy",
}
_OF_A_DOMAIN = (
    "get_domain_name",
    "delete_domain_name",
    "create_base_path_mapping",
    "get_base_path_mapping",
    "get_base_path_mappings",
    "update_base_path_mapping",
    "delete_base_path_mapping",
)
"""Operations to which moto gives a domain's name as the path has it: `%2A.example.com`."""
_SETTINGS = re.compile(r"/(?P<path>[^/]+/[^/]+)$")
Patch = Mapping[str, Any]
"""One patch operation: `op`, `path`, `value`."""


def apply() -> None:
    """Put every correction in place."""
    for owner, name, function in (
        (APIGatewayBackend, "put_rest_api", _put_rest_api),
        (APIGatewayBackend, "delete_rest_api", _delete_rest_api),
        (APIGatewayBackend, "create_domain_name", _create_domain_name),
        (APIGatewayBackend, "delete_domain_name", _delete_domain_name),
        (RestAPI, "apply_patch_operations", _patch_rest_api),
        (RestAPI, "get_deployment", _get_deployment),
        (RestAPI, "delete_deployment", _delete_deployment),
        (RestAPI, "update_integration_mocks", _intercept_nothing),
        (Stage, "apply_operations", _patch_stage),
        (APIGatewayResponse, "create_rest_api", _create_rest_api),
        (APIGatewayResponse, "update_deployment", _update_deployment),
        (APIGatewayResponse, "update_domain_name", _update_domain_name),
        (APIGatewayResponse, "get_tags", _get_tags),
        (APIGatewayResponse, "tag_resource", _tag_resource),
        (APIGatewayResponse, "untag_resource", _untag_resource),
    ):
        setattr(owner, name, function)
    for name in _OF_A_DOMAIN:
        setattr(APIGatewayBackend, name, _by_plain_name(getattr(APIGatewayBackend, name)))
    # moto routes the tags of stages only.
    urls.url_paths["{0}/tags/(?P<resourceArn>arn:.+)$"] = APIGatewayResponse.dispatch


_moto_put_rest_api = APIGatewayBackend.put_rest_api
_moto_create_domain_name = APIGatewayBackend.create_domain_name
_moto_delete_domain_name = APIGatewayBackend.delete_domain_name
_moto_patch_stage = Stage.apply_operations
_moto_create_rest_api = APIGatewayResponse.create_rest_api


def _create_rest_api(self: APIGatewayResponse) -> Any:
    """CreateRestApi with its binary media types, which moto drops."""
    status, headers, body = _moto_create_rest_api(self)
    media = self._get_param("binaryMediaTypes")
    if status != 200 or not media:
        return status, headers, body
    api = self.backend.get_rest_api(json.loads(body)["id"])
    api.binaryMediaTypes = list(media)
    return status, headers, json.dumps(api.to_dict())


def _put_rest_api(self: APIGatewayBackend, function_id: str, api_doc: dict[str, Any], **options: Any) -> RestAPI:
    """PutRestApi: what stands beside the methods of a path is no method, and overwriting leaves the root resource."""
    api = self.get_rest_api(function_id)
    paths = {
        path: {"any" if name == _ANY else name: item for name, item in methods.items() if name in {*_METHODS, _ANY}}
        for path, methods in api_doc.get("paths", {}).items()
    }
    if options.get("mode") == "overwrite":
        api.default.resource_methods.clear()
        api.resources = {api.default.id: api.default}
        options["mode"] = "merge"
    return _moto_put_rest_api(self, function_id, {**api_doc, "paths": paths}, **options)


def _delete_rest_api(self: APIGatewayBackend, function_id: str) -> RestAPI:
    """DeleteRestApi of an API that is not there: moto fails."""
    api = self.get_rest_api(function_id)
    del self.apis[function_id]
    return api


def _create_domain_name(self: APIGatewayBackend, domain_name: str, *args: Any, **kwargs: Any) -> DomainName:
    """CreateDomainName refuses a name that is taken; moto fails to ask a name without mappings for one."""
    if domain_name in self.domain_names:
        raise BadRequestException("The domain name you provided already exists.")
    self.base_path_mappings[domain_name] = {}
    return _moto_create_domain_name(self, domain_name, *args, **kwargs)


def _delete_domain_name(self: APIGatewayBackend, domain_name: str) -> None:
    """DeleteDomainName takes the mappings with it."""
    _moto_delete_domain_name(self, domain_name)
    self.base_path_mappings.pop(domain_name, None)


def _by_plain_name(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: APIGatewayBackend, domain_name: str, *args: Any, **kwargs: Any) -> Any:
        return function(self, unquote(domain_name), *args, **kwargs)

    return run


def _patch_rest_api(self: RestAPI, patch_operations: list[Patch]) -> None:
    """UpdateRestApi: moto takes "false" for true, keeps one media type and no size of what is compressed."""
    for patch in patch_operations:
        name, _, rest = patch["path"].removeprefix("/").partition("/")
        value = patch.get("value") or ""
        if name in _TEXTS:
            setattr(self, _TEXTS[name], value)
        elif name == "disableExecuteApiEndpoint":
            self.disableExecuteApiEndpoint = value == "true"
        elif name == "minimumCompressionSize":
            self.minimum_compression_size = int(value) if value else None
        elif name == "binaryMediaTypes":
            media = rest.replace("~1", "/")
            kept = [known for known in self.binaryMediaTypes if known != media]
            self.binaryMediaTypes = kept if patch["op"] == "remove" else [*kept, media]
        elif name == "endpointConfiguration":
            self.endpoint_configuration = {**self.endpoint_configuration, "types": [value]}
        else:
            raise BadRequestException(f"Invalid patch path {patch['path']}")


def _get_deployment(self: RestAPI, deployment_id: str) -> Deployment:
    """GetDeployment of one that is not there: moto fails."""
    if deployment_id not in self.deployments:
        raise DeploymentNotFoundException
    return self.deployments[deployment_id]


def _delete_deployment(self: RestAPI, deployment_id: str) -> Deployment:
    """DeleteDeployment refuses one that a stage points at; moto looks at the stage's name alone."""
    deployment = self.get_deployment(deployment_id)
    if any(stage.deployment_id == deployment_id for stage in self.stages.values()):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    return self.deployments.pop(deployment.id)


def _intercept_nothing(_self: RestAPI, _stage_name: str) -> None:
    """Moto remembers each route of each stage for requests made in its own process; here are none."""


def _patch_stage(self: Stage, patch_operations: list[Patch]) -> Stage:
    """UpdateStage that also removes the settings of a method."""
    rest = []
    for patch in patch_operations:
        settings = _SETTINGS.match(patch["path"])
        if patch["op"] == "remove" and settings is not None and not patch["path"].startswith("/variables/"):
            self.method_settings.pop(settings["path"], None)
        else:
            rest.append(dict(patch))
    return _moto_patch_stage(self, rest)


def _update_deployment(self: APIGatewayResponse) -> str:
    """UpdateDeployment, which moto lacks: its description."""
    _, _, api_id, _, deployment_id = self.path.split("/")[:5]
    deployment = self.backend.get_deployment(api_id, deployment_id)
    for patch in self._get_param("patchOperations"):
        if patch["path"] == "/description":
            deployment.description = patch.get("value", "")
    return json.dumps(deployment.to_json())


def _update_domain_name(self: APIGatewayResponse) -> str:
    """UpdateDomainName, which moto lacks: certificates, TLS policy and the kind of endpoint."""
    domain = self.backend.get_domain_name(self.path.split("/")[2])
    for patch in self._get_param("patchOperations"):
        name, _, _ = patch["path"].removeprefix("/").partition("/")
        if name in _DOMAIN:
            setattr(domain, _DOMAIN[name], patch.get("value"))
        elif name == "endpointConfiguration":
            domain.endpoint_configuration = {**(domain.endpoint_configuration or {}), "types": [patch["value"]]}
        else:
            raise BadRequestException(f"Invalid patch path {patch['path']}")
    return json.dumps(domain.to_json())


def _tagged(response: APIGatewayResponse) -> Any:
    """What the ARN of a request names."""
    arn = unquote(response.path.split("/tags/")[1])
    match arn.partition("::/")[2].split("/"):
        case ["restapis", api]:
            return response.backend.get_rest_api(api)
        case ["restapis", api, "stages", stage]:
            return response.backend.get_stage(api, stage)
        case ["domainnames", domain]:
            return response.backend.get_domain_name(domain)
        case ["apikeys", key]:
            return response.backend.get_api_key(key)
        case ["usageplans", plan]:
            return response.backend.get_usage_plan(plan)
    raise NotFoundException(f"Invalid resource identifier specified: {arn}")


def _get_tags(self: APIGatewayResponse) -> str:
    """GetTags of everything that has tags."""
    return json.dumps({"tags": _tagged(self).tags or {}})


def _tag_resource(self: APIGatewayResponse) -> str:
    """TagResource of everything that has tags."""
    tagged = _tagged(self)
    tagged.tags = {**(tagged.tags or {}), **(self._get_param("tags") or {})}
    return "{}"


def _untag_resource(self: APIGatewayResponse) -> str:
    """UntagResource of everything that has tags."""
    tagged = _tagged(self)
    gone = self.querystring.get("tagKeys") or []
    tagged.tags = {key: value for key, value in (tagged.tags or {}).items() if key not in gone}
    return "{}"
