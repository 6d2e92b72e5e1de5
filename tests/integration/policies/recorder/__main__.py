"""A pack that judges nothing and writes down what it is asked: a test reads what rules would have seen."""

# ruff: noqa: N802 - the names of the protocol

import os
import sys
import time
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

TARGET = Path(os.environ["HOLDFAST_RECORDING"])


class Recorder(analyzer_pb2_grpc.AnalyzerServicer):
    def GetAnalyzerInfo(self, request, context):
        rule = wire.PolicyInfo(name="record", description="Records", enforcementLevel=wire.ADVISORY)
        return wire.AnalyzerInfo(name="recorder", version="0.1.0", supportsConfig=True, policies=[rule])

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.1.0")

    def Configure(self, request, context):
        return empty_pb2.Empty()

    def ConfigureStack(self, request, context):
        return wire.AnalyzerStackConfigureResponse()

    def Remediate(self, request, context):
        return wire.RemediateResponse()

    def Analyze(self, request, context):
        data = request.SerializeToString()
        with TARGET.with_suffix(".resources").open("ab") as file:
            file.write(len(data).to_bytes(4, "big") + data)
        return wire.AnalyzeResponse()

    def AnalyzeStack(self, request, context):
        TARGET.with_suffix(".stack").write_bytes(request.SerializeToString())
        return wire.AnalyzeResponse()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=1), options=[("grpc.max_receive_message_length", -1)])
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Recorder(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
sys.stdout.write(f"{port}\n")
sys.stdout.flush()
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.2)
