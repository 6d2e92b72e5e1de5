"""Cases of the rules on compute."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import arn, make
from holdfast_policies.values import UNKNOWN

CASES: Final = (
    Cases(
        rule="lambda-supported-runtime",
        settings={"day": "2026-11-21", "also": ["java*"]},
        passes=[
            make(kinds.FUNCTION),
            make(kinds.FUNCTION, runtime=None),
            make(kinds.FUNCTION, runtime="nodejs22.x"),
            make(kinds.FUNCTION, runtime="unheard.of"),
        ],
        fails=[
            make(kinds.FUNCTION, runtime="python3.8"),
            make(kinds.FUNCTION, runtime="dotnet8"),
            make(kinds.FUNCTION, runtime="java25"),
        ],
        undecided=[make(kinds.FUNCTION, runtime=UNKNOWN)],
    ),
    Cases(
        rule="lambda-failure-destination",
        passes=[
            [make(kinds.FUNCTION)],
            [make(kinds.FUNCTION, deadLetterConfig=None), make(kinds.INVOKE_CONFIG)],
            [
                make(kinds.FUNCTION, deadLetterConfig=None),
                make(
                    kinds.EVENT_SOURCE,
                    functionName="orders",
                    destinationConfig={"onFailure": {"destinationArn": arn("sqs", "dead")}},
                ),
            ],
        ],
        fails=[
            [make(kinds.FUNCTION, deadLetterConfig=None)],
            [make(kinds.FUNCTION, deadLetterConfig=None), make(kinds.INVOKE_CONFIG, functionName="other")],
        ],
        undecided=[[make(kinds.FUNCTION, deadLetterConfig=UNKNOWN)]],
    ),
    Cases(
        rule="eks-supported-version",
        settings={"day": "2026-11-21"},
        passes=[make(kinds.EKS), make(kinds.EKS, version=None), make(kinds.EKS, version="1.34")],
        fails=[make(kinds.EKS, version="1.33"), make(kinds.EKS, version=1.27)],
        undecided=[make(kinds.EKS, version=UNKNOWN)],
    ),
    Cases(
        rule="node-imdsv2",
        passes=[
            make(kinds.LAUNCH_TEMPLATE),
            make(kinds.INSTANCE),
            make(kinds.INSTANCE, metadataOptions={"httpEndpoint": "disabled"}),
            make(kinds.EKS_NODES, launchTemplate=UNKNOWN),
        ],
        fails=[
            make(kinds.LAUNCH_TEMPLATE, metadataOptions=None),
            make(kinds.INSTANCE, metadataOptions={"httpTokens": "optional"}),
        ],
        not_mended=[make(kinds.EKS_NODES, launchTemplate=None)],
        undecided=[make(kinds.INSTANCE, metadataOptions=UNKNOWN)],
    ),
    Cases(
        rule="ecr-scan-and-immutable",
        passes=[make(kinds.REPOSITORY), make(kinds.REPOSITORY, imageTagMutability="IMMUTABLE_WITH_EXCLUSION")],
        fails=[
            make(kinds.REPOSITORY, imageTagMutability=None),
            make(kinds.REPOSITORY, imageScanningConfiguration=None),
        ],
        undecided=[make(kinds.REPOSITORY, imageTagMutability=UNKNOWN)],
    ),
    Cases(
        rule="no-ignore-changes-on-guarded-properties",
        passes=[make(kinds.TABLE), make(kinds.TABLE, ignore_changes=["replicas", "readCapacity"])],
        fails=[
            make(kinds.TABLE, ignore_changes=["serverSideEncryption"]),
            make(kinds.TABLE, ignore_changes=["pointInTimeRecovery.enabled"]),
            make(kinds.KEY, ignore_changes=["*"]),
            make(kinds.POLICY, ignore_changes=["policy"]),
            make(kinds.LAUNCH_TEMPLATE, ignore_changes=["blockDeviceMappings[0].ebs.encrypted"]),
        ],
        always_decides="it reads a resource option, which is always known",
    ),
)
