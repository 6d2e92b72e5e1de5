"""Cases of the rules on tags."""

from __future__ import annotations

import json
from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, TAGS, make
from holdfast_policies.values import UNKNOWN

_WITHOUT_OWNER: Final = {key: value for key, value in TAGS.items() if key != "Owner"}

CASES: Final = (
    Cases(
        rule="required-tags",
        passes=[
            make(kinds.TABLE),
            make(kinds.TABLE, tags=None, tagsAll=TAGS),
            make(kinds.TABLE, tags=None, provider_tags=json.dumps({"tags": TAGS})),
            make(kinds.TABLE, tags=_WITHOUT_OWNER, provider_tags={"tags": {"Owner": "platform"}}),
            make(kinds.TABLE, tags=_WITHOUT_OWNER, provider_tags={"tags": {"Owner": UNKNOWN}}),
            make(kinds.FLOW_LOG),
        ],
        fails=[
            make(kinds.TABLE, tags=_WITHOUT_OWNER),
            make(kinds.QUEUE, tags={**TAGS, "Owner": ""}),
            make(kinds.TABLE, tags=_WITHOUT_OWNER, provider_tags=json.dumps({"tags": {"Team": "a"}})),
            make(kinds.TABLE, tags=_WITHOUT_OWNER, provider_tags="{not json"),
        ],
        not_mended=[make(kinds.TABLE, tags={key: value for key, value in TAGS.items() if key != "Service"})],
        undecided=[
            make(kinds.TABLE, tags=UNKNOWN),
            make(kinds.TABLE, tags=None, provider_tags=UNKNOWN),
            make(kinds.TABLE, tags=None, provider_tags={"tags": UNKNOWN}),
        ],
        settings={"values": {"Owner": "platform"}},
    ),
    Cases(
        rule="tag-values-allowed",
        passes=[make(kinds.TABLE), make(kinds.TABLE, tags=None)],
        fails=[
            make(kinds.TABLE, tags={**TAGS, "Environment": "prd"}),
            make(kinds.BUCKET, tags={"DataClassification": "secret"}),
        ],
        undecided=[make(kinds.TABLE, tags={"Environment": UNKNOWN})],
    ),
    Cases(
        rule="data-classification-tag",
        passes=[make(kinds.TABLE), make(kinds.BUCKET)],
        fails=[make(kinds.TABLE, tags=_WITHOUT_OWNER | {"DataClassification": ""}), make(kinds.BUCKET, tags=None)],
        undecided=[make(kinds.TABLE, tags=UNKNOWN)],
    ),
    Cases(
        rule="tags-match-across-replicas",
        passes=[
            [make(kinds.TABLE), make(kinds.REPLICA)],
            [make(kinds.TABLE, replicas=[{"regionName": AWAY, "propagateTags": True}])],
            [make(kinds.TABLE), make(kinds.REPLICA, tags={**TAGS, "Region": AWAY})],
        ],
        fails=[
            [make(kinds.TABLE), make(kinds.REPLICA, tags={**TAGS, "Owner": "others"})],
            [make(kinds.TABLE), make(kinds.REPLICA, tags=None)],
            [make(kinds.TABLE, replicas=[{"regionName": AWAY}])],
        ],
        undecided=[[make(kinds.TABLE, tags=UNKNOWN), make(kinds.REPLICA)]],
    ),
)
