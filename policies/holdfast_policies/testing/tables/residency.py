"""Cases of the rules on where data may be."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import AWAY, HOME, arn, make
from holdfast_policies.values import UNKNOWN

_HOME_ONLY: Final = {"regions": [HOME]}
_COPY: Final = [{"ruleName": "daily", "copyActions": [{"destinationVaultArn": arn("backup", "backup-vault:b", HOME)}]}]
_AWAY_BUCKET: Final = {"bucket": "orders-exports-away", "arn": "arn:aws:s3:::orders-exports-away"}

CASES: Final = (
    Cases(
        rule="resource-region-allowlist",
        passes=[make(kinds.TABLE), make(kinds.PROVIDER, region=AWAY)],
        fails=[make(kinds.REPLICA), make(kinds.TABLE, provider_region=AWAY)],
        undecided=[make(kinds.TABLE, region=UNKNOWN)],
        settings=_HOME_ONLY,
    ),
    Cases(
        rule="dynamodb-replica-allowlist",
        passes=[make(kinds.TABLE), make(kinds.REPLICA, region=HOME)],
        fails=[
            make(kinds.REPLICA),
            make(kinds.TABLE, replicas=[{"regionName": AWAY}]),
            make(kinds.TABLE, globalTableWitness={"regionName": AWAY}),
        ],
        undecided=[make(kinds.TABLE, replicas=UNKNOWN)],
        settings=_HOME_ONLY,
    ),
    Cases(
        rule="backup-copy-allowlist",
        passes=[make(kinds.BACKUP_PLAN, rules=_COPY)],
        fails=[make(kinds.BACKUP_PLAN)],
        undecided=[make(kinds.BACKUP_PLAN, rules=UNKNOWN)],
        settings=_HOME_ONLY,
    ),
    Cases(
        rule="s3-replication-allowlist",
        passes=[[make(kinds.BUCKET), make(kinds.BUCKET, "b", **_AWAY_BUCKET), make(kinds.BUCKET_REPLICATION)]],
        fails=[
            [
                make(kinds.BUCKET),
                make(kinds.BUCKET, "b", provider_region=AWAY, **_AWAY_BUCKET),
                make(kinds.BUCKET_REPLICATION),
            ]
        ],
        undecided=[[make(kinds.BUCKET, "b", region=UNKNOWN, **_AWAY_BUCKET), make(kinds.BUCKET_REPLICATION)]],
        settings=_HOME_ONLY,
    ),
    Cases(
        rule="kms-replica-allowlist",
        passes=[make(kinds.REPLICA_KEY, region=HOME)],
        fails=[make(kinds.REPLICA_KEY)],
        undecided=[make(kinds.REPLICA_KEY, region=UNKNOWN)],
        settings=_HOME_ONLY,
    ),
    Cases(
        rule="provider-region-explicit",
        passes=[
            make(kinds.PROVIDER),
            make(kinds.PROVIDER, region=UNKNOWN),
            make(kinds.TABLE),
            make(kinds.TABLE, default_provider=True),
            make(kinds.TABLE, default_provider=True, provider_region="", region=HOME),
            make(kinds.ROLE, default_provider=True),
        ],
        fails=[
            make(kinds.PROVIDER, region=None),
            make(kinds.TABLE, default_provider=True, provider_region=""),
        ],
        always_decides="it asks whether a region is set, be it known or not",
    ),
)
