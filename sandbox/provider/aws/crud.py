"""Kinds whose life is a handful of API calls, described by the names of these calls.

A `Crud` says which operations create, describe, update and delete a type; requests and answers are mapped by
botocore's models (`botoshape`). What does not fit is given as functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import own_tags, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.botoshape import Renames, bare, record_of, to_api
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties
from sandbox.provider.sdk import Shape, catalogue

Extra = Callable[[Context, Properties], Mapping[str, Any]]
After = Callable[[Context, str, Properties, Properties], None]
GONE = ("ResourceNotFoundException", "NotFoundException", "NotFound", "ResourceNotFound")


def no_key(_physical_id: str, _state: Properties) -> Mapping[str, Any]:
    """For operations that name the resource by its inputs."""
    return {}


def _nothing(_context: Context, _properties: Properties) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Crud:
    """The calls behind a type.

    Attributes:
        service: boto3's name of the service.
        what: What an error calls the resource.
        create: The operation that creates it.
        id: The physical id: the path of a field in the answer (`Topic.TopicArn`), or a function of context, inputs
            and answer.
        key: The request fields that name it later, from its id (and state).
        update_key: The same for updating, where it differs.
        remove_key: The same for deleting, where it differs.
        read: The operation that describes it, None where creating it is all that can be asked.
        found: The path of the record in that answer; empty for the answer itself.
        updates: Operations that bring it to new inputs; each gets the inputs it has members for.
        delete: The operation that deletes it; None for what only stops being looked after.
        renames: API names that differ from the property's in more than case and number.
        extra: Further request fields for creating and updating.
        after: What is left to do once it exists, from old to new inputs.
        observe: Further observed properties.
        tags: Whether it is tagged when created, and later through the service's tagging operations by ARN.
        arn: The ARN for tagging; by default the output `arn`, or the id where that is one.
        gone: Error codes that say that it does not exist.
        alive: Whether a described record still exists.
        is_it: Which of several described records is meant, where the cloud heeds no filter.
        looks_first: Whether to ask before deleting, where the cloud fails on what is gone.
    """

    service: str
    what: str
    create: str
    id: str | Callable[[Context, Properties, Mapping[str, Any]], str]
    key: Callable[[str, Properties], Mapping[str, Any]]
    read: str | None = None
    found: str = ""
    updates: tuple[str, ...] = ()
    delete: str | None = None
    renames: Renames = field(default_factory=dict)
    extra: Extra = _nothing
    after: After | None = None
    observe: Callable[[Context, str, Properties], Properties] | None = None
    update_key: Callable[[str, Properties], Mapping[str, Any]] | None = None
    remove_key: Callable[[str, Properties], Mapping[str, Any]] | None = None
    tags: bool = True
    arn: Callable[[Context, str, Properties], str] | None = None
    gone: tuple[str, ...] = GONE
    alive: Callable[[Mapping[str, Any]], bool] = bool
    is_it: Callable[[Mapping[str, Any], Properties], bool] | None = None
    looks_first: bool = False

    def handler(self, type_token: str, watched: frozenset[str] = frozenset()) -> Handler:
        """The handler of a type made by these calls; `watched` has a known default and is read where not given, too."""
        return Handler(
            create=lambda context, inputs: self._create(context, inputs, type_token),
            read=lambda context, physical_id, state: self._read(context, physical_id, state, type_token, watched),
            update=self._update,
            delete=self._delete,
        )

    def _create(self, context: Context, inputs: Properties, type_token: str) -> Made:
        client = context.client(self.service)
        with told(context, f"creating {self.what}"):
            request = self.request(context, client, self.create, inputs)
            answer = getattr(client, self.create)(**request)
            physical_id = self.id(context, inputs, answer) if callable(self.id) else str(dig(answer, self.id))
            if self.after is not None:
                self.after(context, physical_id, {}, inputs)
        return Made(physical_id, _outputs(type_token, answer))

    def request(self, context: Context, client: Any, operation: str, inputs: Properties) -> dict[str, Any]:
        """The request of an operation: the inputs it has members for, tags, and what is extra."""
        shape = input_shape(client, operation)
        given = {key: value for key, value in inputs.items() if key not in {"tags", "tagsAll", "region"}}
        request = to_api(given, shape, self.renames) if shape is not None else {}
        if self.tags and shape is not None and operation == self.create:
            request.update(tag_argument(shape, tags_of(context, inputs)))
        further = self.extra(context, inputs)  # noqa: S610  no query set
        request.update({key: value for key, value in further.items() if shape is None or key in shape.members})
        return dict(request)

    def _describe(self, context: Context, physical_id: str, state: Properties) -> Mapping[str, Any] | None:
        if self.read is None:
            return {}
        try:
            answer = getattr(context.client(self.service), self.read)(**self.key(physical_id, state))
        except Exception as error:
            if code_of(error) in self.gone:
                return None
            raise
        record = dig(answer, self.found) if self.found else answer
        if isinstance(record, list):
            record = next((item for item in record if self.is_it is None or self.is_it(item, state)), None)
        return record if record and self.alive(record) else None

    def _read(
        self, context: Context, physical_id: str, state: Properties, type_token: str, watched: frozenset[str]
    ) -> Properties | None:
        with told(context, f"reading {self.what}"):
            record = self._describe(context, physical_id, state)
            if record is None and self.read is not None:
                return None
            info = catalogue("aws").find(type_token)
            fields = info.inputs if info is not None else {}
            observed = record_of(record or {}, fields, self.renames)
            # What the program never said and has no known default is AWS's own business.
            told_of = {*state, *watched} - {"tags"}
            observed = {key: value for key, value in observed.items() if key in told_of}
            if self.observe is not None:
                observed.update(self.observe(context, physical_id, state))
            if self.tags:
                observed.update(self._observed_tags(context, physical_id, state))
        return observed

    def _observed_tags(self, context: Context, physical_id: str, state: Properties) -> Properties:
        client = context.client(self.service)
        for operation in ("list_tags_for_resource", "list_tags_of_resource", "list_tags"):
            shape = input_shape(client, operation)
            if shape is None:
                continue
            arn = self._arn(context, physical_id, state)
            answer = getattr(client, operation)(**{_arn_member(shape): arn})
            tags = next((value for key, value in answer.items() if bare(key).startswith("tag")), None)
            found = dict(tags) if isinstance(tags, Mapping) else _tag_map(tags)
            return {"tags": own_tags(context, found), "tagsAll": found}
        return {}

    def _arn(self, context: Context, physical_id: str, state: Mapping[str, Value]) -> str:
        if self.arn is not None:
            return self.arn(context, physical_id, dict(state))
        return physical_id if physical_id.startswith("arn:") else str(state.get("arn", physical_id))

    def _update(self, context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
        client = context.client(self.service)
        with told(context, f"updating {self.what}"):
            for operation in self.updates:
                request = self.request(context, client, operation, new)
                getattr(client, operation)(**{**request, **(self.update_key or self.key)(physical_id, {**old, **new})})
            if self.after is not None:
                self.after(context, physical_id, old, new)
            if self.tags and input_shape(client, "tag_resource") is not None:
                arn = self._arn(context, physical_id, old)
                retag(
                    context,
                    old,
                    new,
                    lambda tags: client.tag_resource(**_tagging(client, "tag_resource", arn, tags)),
                    lambda keys: client.untag_resource(**_tagging(client, "untag_resource", arn, keys)),
                )
        return {}

    def _delete(self, context: Context, physical_id: str, state: Properties) -> None:
        if self.delete is None:
            return
        client = context.client(self.service)
        with told(context, f"deleting {self.what}"), gone_is_fine(*self.gone):
            if self.looks_first and self._describe(context, physical_id, state) is None:
                return
            getattr(client, self.delete)(**(self.remove_key or self.key)(physical_id, state))


def dig(answer: Any, path: str) -> Any:
    """A field of an answer by its dotted path."""
    for part in path.split("."):
        answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer


def input_shape(client: Any, operation: str) -> Any:
    """The input shape of a client's operation; None when the service has no such operation."""
    name = client.meta.method_to_api_mapping.get(operation)
    return client.meta.service_model.operation_model(name).input_shape if name else None


def tag_argument(shape: Any, tags: Mapping[str, str]) -> dict[str, Any]:
    """The tags of a request in its own form; nothing without tags."""
    names = [name for name in shape.members if bare(name) == "tag"] + [
        name for name in shape.members if name.endswith("Tags") and shape.members[name].type_name in {"list", "map"}
    ]
    name = names[0] if names else None
    return {} if name is None or not tags else {name: _tag_form(shape.members[name], tags)}


def _tag_form(shape: Any, tags: Mapping[str, str]) -> Any:
    if shape.type_name == "map":
        return dict(tags)
    members = list(shape.member.members)
    key = next(name for name in members if "key" in name.lower())
    value = next(name for name in members if "value" in name.lower())
    return tag_list(tags, key, value)


def _tag_map(tags: Any) -> dict[str, str]:
    if not tags:
        return {}
    key = next(name for name in tags[0] if "key" in name.lower())
    value = next(name for name in tags[0] if "value" in name.lower())
    return tag_map(tags, key, value)


def _arn_member(shape: Any) -> str:
    """The member that names a tagged resource."""
    return str(shape.required_members[0] if shape.required_members else next(iter(shape.members)))


def _tagging(client: Any, operation: str, arn: str, what: Any) -> dict[str, Any]:
    shape = input_shape(client, operation)
    name = _arn_member(shape)
    tags = next(member for member in shape.members if member != name and "tag" in member.lower())
    return {name: arn, tags: what if isinstance(what, list) else _tag_form(shape.members[tags], what)}


def _outputs(type_token: str, answer: Mapping[str, Any]) -> Properties:
    """Outputs that the answer of a creation holds, at its top or one level down."""
    info = catalogue("aws").find(type_token)
    if info is None:
        return {}
    wanted = {name: Shape("any") for name in info.outputs - set(info.inputs) if name != "tagsAll"}
    records = [answer, *(value for value in answer.values() if isinstance(value, Mapping))]
    found: Properties = {}
    for record in records:
        if "ResponseMetadata" not in record or len(record) > 1:
            scalars = {key: value for key, value in record.items() if isinstance(value, str | int | float | bool)}
            found.update(record_of(scalars, wanted, {}))
    return found


def kind(
    type_token: str,
    crud: Crud,
    **facts: Any,
) -> Kind:
    """A kind made by these calls; `facts` are the other fields of `Kind`."""
    watched = frozenset(facts.get("defaults", ()))
    return Kind(type=type_token, handler=crud.handler(type_token, watched), **facts)
