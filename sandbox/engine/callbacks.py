"""Transforms: functions of the program that see a registration, or an invoke, before the engine does."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from sandbox import codec
from sandbox.engine.errors import EngineError
from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.resource import Properties


class Callbacks:
    """Clients of the program's (and of remote components') callback servers."""

    def __init__(self) -> None:
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def invoke(self, callback: callback_pb2.Callback, request: Any) -> bytes:
        """Call back. Raises `EngineError` with what the program's function raised."""
        channel = self._channels.get(callback.target)
        if channel is None:
            target = callback.target.removeprefix("http://")
            channel = self._channels[callback.target] = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        stub = callback_pb2_grpc.CallbacksStub(channel)
        message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            answer: bytes = (await stub.Invoke(message)).response
        except grpc.aio.AioRpcError as error:
            raise EngineError(f"a transform failed: {error.details()}") from error
        return answer

    async def transform(
        self,
        callback: callback_pb2.Callback,
        request: resource_pb2.RegisterResourceRequest,
        properties: Properties,
        options: resource_pb2.TransformResourceOptions,
    ) -> tuple[Properties, resource_pb2.TransformResourceOptions]:
        """Let one transform change a registration. Options that come back replace all; absent ones keep."""
        answer = resource_pb2.TransformResponse.FromString(
            await self.invoke(
                callback,
                resource_pb2.TransformRequest(
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    parent=request.parent,
                    properties=codec.encode(properties),
                    options=options,
                ),
            )
        )
        if answer.HasField("properties"):
            properties = codec.decode(answer.properties, keep_outputs=True)
        return properties, answer.options if answer.HasField("options") else options

    async def transform_invoke(
        self,
        callback: callback_pb2.Callback,
        token: str,
        args: Properties,
        options: resource_pb2.TransformInvokeOptions,
    ) -> tuple[Properties, resource_pb2.TransformInvokeOptions]:
        """Let one transform change an invoke."""
        answer = resource_pb2.TransformInvokeResponse.FromString(
            await self.invoke(
                callback,
                resource_pb2.TransformInvokeRequest(token=token, args=codec.encode(args), options=options),
            )
        )
        if answer.HasField("args"):
            args = codec.decode(answer.args)
        return args, answer.options if answer.HasField("options") else options

    async def close(self) -> None:
        """Close the connections."""
        for channel in self._channels.values():
            await channel.close()
