"""The provider `test`: objects in memory, and behaviour that a resource's own inputs ask for.

`test:index:Thing` takes any inputs and gives them back as outputs, with `arn`, `serial` and `upper`. Inputs that
mean something:

- `key…`: a change forces a replacement; `first: true` asks for the deletion before it;
- `fail`: create, update, delete, read, diff or check: that call fails, unless the world forgives;
- `partly: true`: the object is made and is not well;
- `default`: filled in by Check when it is absent; `forbidden`: refused by Check;
- `mute: true`: Diff answers that it does not know;
- `hidden`: comes back as a secret.

`test:index:Group` is a remote component with two Things. The function `test:index:echo` gives its arguments back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

from sandbox import codec
from sandbox.codec import UNKNOWN, Secret, contains_unknown, same, unwrap_secrets
from sandbox.engine import urns

_KIND = provider_pb2.PropertyDiff


@dataclass(frozen=True)
class Call:
    """A call that the provider received."""

    method: str
    urn: str
    id: str = ""


@dataclass
class World:
    """What exists: the objects by id, and what the provider was asked."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    configured: list[dict[str, Any]] = field(default_factory=list)
    adopts: bool = False
    """A creation takes an object that carries the resource's mark and has the same inputs."""
    forgiving: bool = False
    """Nothing fails any more."""
    marks: dict[str, str] = field(default_factory=dict)
    """URN to the id of the object that was made for it."""
    made: int = 0
    before_create: Callable[[str], None] | None = None
    before_diff: Callable[[str, Mapping[str, Any]], None] | None = None
    """Gets the URN and the new inputs."""
    before_delete: Callable[[str], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(cls, path: Path) -> World:
        """Read a world that another process left."""
        world = cls()
        if path.exists():
            document = json.loads(path.read_text())
            world.objects = {key: codec.from_json(value) for key, value in document["objects"].items()}
            world.calls = [Call(*call) for call in document["calls"]]
            world.made = document["made"]
            world.forgiving = document["forgiving"]
            world.marks = document["marks"]
        return world

    def save(self, path: Path) -> None:
        """Leave the world for another process."""
        document = {
            "objects": codec.to_json(self.objects),
            "calls": [[call.method, call.urn, call.id] for call in self.calls],
            "made": self.made,
            "forgiving": self.forgiving,
            "marks": dict(self.marks),
        }
        path.write_text(json.dumps(document))

    def methods(self, method: str) -> list[str]:
        """The names of the resources for which a method was called, in order."""
        return [urns.name_of(call.urn) for call in self.calls if call.method == method]


class TestProvider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance."""

    __test__ = False

    def __init__(self, world: World) -> None:
        self._world = world

    def _note(self, method: str, request: Any) -> None:
        with self._world.lock:
            self._world.calls.append(Call(method, request.urn, getattr(request, "id", "")))

    def _fails(self, when: str, inputs: Mapping[str, Any]) -> bool:
        return not self._world.forgiving and inputs.get("fail") == when

    # --- configuration

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """A version."""
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Refuse `forbidden`."""
        inputs = codec.decode(request.news)
        failures = []
        if "forbidden" in inputs:
            failures.append(provider_pb2.CheckFailure(property="forbidden", reason="is not allowed"))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """As Diff."""
        return _diff(codec.decode(request.old_inputs), codec.decode(request.news))

    def Configure(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take everything the engine can send."""
        with self._world.lock:
            self._world.configured.append(codec.decode(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    # --- resources

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Fill in and refuse as the inputs ask."""
        self._note("check", request)
        inputs = codec.decode(request.news)
        if self._fails("check", inputs):
            context.abort(grpc.StatusCode.UNKNOWN, "check was told to fail")
        old = codec.decode(request.olds)
        if "default" not in inputs and "wanted" in inputs:
            inputs["default"] = old.get("default", f"default of {inputs['wanted']}")
        failures = []
        if "forbidden" in inputs:
            failures.append(provider_pb2.CheckFailure(property="forbidden", reason="is not allowed"))
        return provider_pb2.CheckResponse(inputs=codec.encode(inputs), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Compare inputs."""
        self._note("diff", request)
        old, new = codec.decode(request.old_inputs), codec.decode(request.news)
        if self._fails("diff", new):
            context.abort(grpc.StatusCode.UNKNOWN, "diff was told to fail")
        if self._world.before_diff is not None:
            self._world.before_diff(request.urn, new)
        for ignored in request.ignoreChanges:
            if ignored in old:
                new[ignored] = old[ignored]
        if new.get("mute"):
            return provider_pb2.DiffResponse()
        return _diff(old, new)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make an object, or adopt the one that was made for the URN and has no state."""
        inputs = codec.decode(request.properties)
        if request.preview:
            self._note("preview-create", request)
            return provider_pb2.CreateResponse(properties=codec.encode(_outputs(inputs, None)))
        self._note("create", request)
        if self._world.before_create is not None:
            self._world.before_create(request.urn)
        if self._fails("create", inputs):
            context.abort(grpc.StatusCode.UNKNOWN, "create was told to fail")
        with self._world.lock:
            id_, serial = self._adopt(request, inputs)
        outputs = _outputs(inputs, serial)
        if inputs.get("partly") and not self._world.forgiving:
            _abort_partly(context, id_, outputs, "it is not well")
        return provider_pb2.CreateResponse(id=id_, properties=codec.encode(outputs))

    def _adopt(self, request: Any, inputs: Mapping[str, Any]) -> tuple[str, int]:
        """The id and serial of the object that carries the URN's mark and the same inputs, or of a new one."""
        wanted = unwrap_secrets(inputs)
        marked = self._world.marks.get(request.urn, "")
        if self._world.adopts and marked in self._world.objects and same(self._world.objects[marked], wanted):
            return marked, int(marked.rsplit("-", 1)[1])
        self._world.made += 1
        id_ = f"{request.name}-{self._world.made}"
        self._world.objects[id_] = wanted
        self._world.marks[request.urn] = id_
        return id_, self._world.made

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change the object."""
        self._note("preview-update" if request.preview else "update", request)
        inputs = codec.decode(request.news)
        if not request.preview:
            if self._fails("update", inputs):
                context.abort(grpc.StatusCode.UNKNOWN, "update was told to fail")
            with self._world.lock:
                self._world.objects[request.id] = unwrap_secrets(inputs)
        old = codec.decode(request.olds)
        return provider_pb2.UpdateResponse(properties=codec.encode(_outputs(inputs, old.get("serial"))))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Forget the object; it may be gone already."""
        self._note("delete", request)
        if self._world.before_delete is not None:
            self._world.before_delete(request.urn)
        if self._fails("delete", codec.decode(request.old_inputs)):
            context.abort(grpc.StatusCode.UNKNOWN, "delete was told to fail")
        with self._world.lock:
            self._world.objects.pop(request.id, None)
            if self._world.marks.get(request.urn) == request.id:
                del self._world.marks[request.urn]
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Give the object as it is."""
        self._note("read", request)
        found = self._world.objects.get(request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        if self._fails("read", found):
            context.abort(grpc.StatusCode.UNKNOWN, "read was told to fail")
        outputs = codec.encode(_outputs(found, 0))
        return provider_pb2.ReadResponse(id=request.id, properties=outputs, inputs=codec.encode(found))

    # --- components and functions

    def Construct(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Make a Group: a component with two Things, registered through the caller's monitor."""
        inputs = codec.decode(request.inputs)
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
            group = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=request.type, name=request.name, parent=request.parent, acceptSecrets=True
                )
            )
            parts = [
                monitor.RegisterResource(
                    resource_pb2.RegisterResourceRequest(
                        type="test:index:Thing",
                        name=f"{request.name}-{part}",
                        parent=group.urn,
                        custom=True,
                        provider=request.providers["test"],
                        object=codec.encode({"name": inputs["name"], "part": part}),
                        acceptSecrets=True,
                        supportsPartialValues=True,
                    )
                )
                for part in ("one", "two")
            ]
            outputs = codec.encode({"arn": codec.decode(parts[0].object).get("arn", UNKNOWN)})
            monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=group.urn, outputs=outputs))
        return provider_pb2.ConstructResponse(urn=group.urn, state=outputs)

    def Call(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """The method `test:index:Group/describe` gives its arguments back."""
        args = {key: value for key, value in codec.decode(request.args).items() if key != "__self__"}
        answer = provider_pb2.CallResponse()
        getattr(answer, "return").CopyFrom(codec.encode({**args, "described": True}))
        return answer

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Echo, or refuse."""
        args = codec.decode(request.args)
        if request.tok != "test:index:echo":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"there is no function {request.tok}")
        answer = provider_pb2.InvokeResponse()
        if "forbidden" in args:
            answer.failures.append(provider_pb2.CheckFailure(property="forbidden", reason="is not allowed"))
        getattr(answer, "return").CopyFrom(codec.encode({**args, "echoed": True}))
        return answer

    def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nothing takes long here."""
        return empty_pb2.Empty()


def _outputs(inputs: Mapping[str, Any], serial: Any) -> dict[str, Any]:
    outputs: dict[str, Any] = dict(inputs)
    name = inputs.get("name", "thing")
    outputs["arn"] = UNKNOWN if contains_unknown(name) else f"arn:test:{codec.plain(name)}"
    outputs["serial"] = UNKNOWN if serial is None else serial
    if "hidden" in inputs:
        outputs["hidden"] = Secret(unwrap_secrets(inputs["hidden"]))
    return outputs


def _diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    answer = provider_pb2.DiffResponse(hasDetailedDiff=True)
    for key in sorted(old.keys() | new.keys()):
        if key.startswith("__") or key == "version" or (key in old and key in new and same(old[key], new[key])):
            continue
        forces = key.startswith("key")
        kind = _KIND.UPDATE
        if key not in old:
            kind = _KIND.ADD
        elif key not in new:
            kind = _KIND.DELETE
        if forces:
            kind = {_KIND.ADD: _KIND.ADD_REPLACE, _KIND.DELETE: _KIND.DELETE_REPLACE}.get(kind, _KIND.UPDATE_REPLACE)
            answer.replaces.append(key)
        answer.diffs.append(key)
        answer.detailedDiff[key].kind = kind
        answer.detailedDiff[key].inputDiff = True
    answer.changes = provider_pb2.DiffResponse.DIFF_SOME if answer.diffs else provider_pb2.DiffResponse.DIFF_NONE
    answer.deleteBeforeReplace = bool(new.get("first"))
    return answer


def _abort_partly(context: Any, id_: str, outputs: Mapping[str, Any], reason: str) -> None:
    partly = provider_pb2.ErrorResourceInitFailed(id=id_, properties=codec.encode(outputs), reasons=[reason])
    detail = any_pb2.Any()
    detail.Pack(partly)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
