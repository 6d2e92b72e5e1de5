"""Cases of the rules on who may do what."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.resource import Resource
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import ACCOUNT, allow, arn, deny, document, key, make
from holdfast_policies.values import UNKNOWN

_TABLE: Final = arn("dynamodb", "table/orders")
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/app"
_ROOT: Final = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
_ORGANISATION: Final = {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}
_GITHUB: Final = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
_SERVICE_ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
_REPLICATION: Final = f"{_SERVICE_ROLES}/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"


def _policy(*statements: dict[str, object], kind: str = kinds.POLICY) -> Resource:
    return make(kind, policy=document(*statements))


def _trust(*statements: dict[str, object]) -> Resource:
    return make(kinds.ROLE, assumeRolePolicy=document(*statements))


def _assume(action: str = "sts:AssumeRole", **more: object) -> dict[str, object]:
    return allow(action, **more)


def _subject(operator: str, value: str) -> dict[str, object]:
    return {operator: {"token.actions.githubusercontent.com:sub": value}}


_UNKNOWN: Final = [make(kinds.POLICY, policy=UNKNOWN), _policy(allow("s3:GetObject", UNKNOWN))]
_UNKNOWN_TRUST: Final = [make(kinds.ROLE, assumeRolePolicy=UNKNOWN)]

_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_BOUNDARY: Final = make(
    kinds.POLICY, "boundary", policy=document(allow("*", "*")), arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary"
)

CASES: Final = (
    Cases(
        rule="iam-no-admin",
        passes=[make(kinds.POLICY), _policy(allow("*", _TABLE)), _policy(deny("*", "*")), make(kinds.ROLE)],
        fails=[
            _policy(allow("*", "*")),
            _policy(allow(["*"], ["*"])),
            _policy(allow("*:*", "*")),
            make(
                kinds.POLICY,
                policy='{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
            ),
            make(kinds.ROLE, inlinePolicies=[{"name": "all", "policy": document(allow("*", "*"))}]),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-service-wildcard",
        passes=[make(kinds.POLICY), _policy(allow("dynamodb:Get*", _TABLE)), _policy(deny("dynamodb:*", "*"))],
        fails=[_policy(allow("dynamodb:*", "*")), _policy(allow(["s3:GetObject", "dynamodb:*"], _TABLE))],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-resource-scoped-where-supported",
        passes=[
            make(kinds.POLICY),
            _policy(allow(["dynamodb:ListTables", "xray:PutTraceSegments", "ec2:Describe*"], "*")),
            _policy(
                allow(
                    "kms:Decrypt",
                    "*",
                    Condition={"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}},
                )
            ),
        ],
        fails=[
            _policy(allow("dynamodb:GetItem", "*")),
            _policy(allow("dynamodb:Put*", "*")),
            _policy(allow("dynamodb:GetItem", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-broad-arn-wildcard",
        passes=[
            make(kinds.POLICY),
            _policy(allow("dynamodb:Query", [_TABLE, f"{_TABLE}/index/*"])),
            _policy(allow("dynamodb:GetItem", arn("dynamodb", "table/orders-*"))),
            _policy(allow("s3:GetObject", "arn:aws:s3:::orders-exports/*")),
        ],
        fails=[
            _policy(allow("dynamodb:GetItem", arn("dynamodb", "table/*"))),
            _policy(allow("dynamodb:GetItem", arn("dynamodb", "*"))),
            _policy(allow("s3:GetObject", "arn:aws:s3:::*")),
            _policy(allow("dynamodb:GetItem", "arn:aws:*:*:*:*")),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-allow-not-action",
        passes=[make(kinds.POLICY), _policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})],
        fails=[_policy({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-allow-not-resource",
        passes=[
            make(kinds.POLICY),
            _policy({"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"}),
        ],
        fails=[_policy({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"})],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-actions-exist",
        passes=[
            make(kinds.POLICY),
            make(kinds.ROLE),
            _policy(allow("*", _TABLE)),
            _policy(allow("DYNAMODB:getitem", _TABLE)),
        ],
        fails=[
            _policy(allow("dynamodb:GetItems", _TABLE)),
            _policy(deny("dynamo:DeleteTable", "*")),
            _trust(_assume("sts:Assume")),
        ],
        undecided=[*_UNKNOWN, *_UNKNOWN_TRUST],
    ),
    Cases(
        rule="iam-action-resource-match",
        passes=[
            make(kinds.POLICY),
            _policy(allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"])),
            _policy(allow("dynamodb:*", _TABLE)),
        ],
        fails=[
            _policy(allow("s3:GetObject", "arn:aws:s3:::orders")),
            _policy(allow(["dynamodb:GetItem", "dynamodb:ListTables"], _TABLE)),
            _policy(allow("kms:Decrypt", _TABLE)),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-condition-keys-valid",
        passes=[
            make(kinds.POLICY),
            _policy(
                allow(
                    "dynamodb:GetItem", _TABLE, Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a"]}}
                )
            ),
            _policy(allow("dynamodb:GetItem", _TABLE, Condition={"StringEquals": {"aws:ResourceTag/Team": "orders"}})),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity", Principal=_GITHUB, Condition=_subject("StringEquals", "repo:o/r:x")
                )
            ),
        ],
        fails=[
            _policy(allow("dynamodb:GetItem", _TABLE, Condition={"StringEquals": {"dynamodb:LeadingKey": "a"}})),
            _policy(allow("dynamodb:GetItem", _TABLE, Condition={"StringEquals": {"aws:SourceAcount": "a"}})),
            _policy(allow("dynamodb:GetItem", _TABLE, Condition={"StringEqual": {"aws:SourceAccount": "a"}})),
            _policy(allow("dynamodb:GetItem", _TABLE, Condition={"StringEquals": {"s3:prefix": "a"}})),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-wildcard-in-exact-operator",
        passes=[
            make(kinds.POLICY),
            _policy(deny("s3:*", "*", Condition={"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}})),
            _policy(allow("s3:GetObject", "*", Condition={"StringEquals": {"aws:PrincipalTag/a": "${aws:username}"}})),
        ],
        fails=[
            _policy(deny("s3:*", "*", Condition={"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}})),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity", Principal=_GITHUB, Condition=_subject("StringEquals", "repo:o/*")
                )
            ),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-document-evaluable",
        passes=[make(kinds.POLICY), make(kinds.ROLE)],
        fails=[
            make(kinds.POLICY, policy="{not json"),
            make(kinds.POLICY, policy={"Statement": [allow("s3:GetObject", "arn:aws:s3:::a/*")]}),
            make(kinds.POLICY, policy={"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "*"}]}),
            make(kinds.POLICY, policy=["Version"]),
            make(kinds.POLICY, policy=42),
            _policy(allow("s3:GetObject", "arn:aws:s3:::Calling __str__ on an Output[T] is not supported./*")),
            _policy(*(allow("dynamodb:GetItem", arn("dynamodb", f"table/{'t' * 200}{n}")) for n in range(30))),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-privilege-escalation",
        passes=[
            make(kinds.POLICY),
            _policy(allow("iam:PassRole", _ROLE), allow("lambda:CreateFunction", "*")),
            _policy(allow("iam:PutRolePolicy", "*"), deny("iam:*", "*")),
        ],
        fails=[
            _policy(allow("iam:PutRolePolicy", "*")),
            _policy(allow(["iam:PassRole", "ec2:RunInstances"], "*")),
            _policy(allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/*")),
            _policy(allow("iam:*", "*")),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-passrole-scoped",
        passes=[
            make(kinds.POLICY),
            _policy(
                allow(
                    "iam:PassRole", _ROLE, Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
                )
            ),
        ],
        fails=[
            _policy(allow("iam:PassRole", "*")),
            _policy(allow("iam:PassRole", _ROLE)),
            _policy(
                allow(
                    "iam:Pass*",
                    f"arn:aws:iam::{ACCOUNT}:role/*",
                    Condition={"StringEquals": {"iam:PassedToService": "x"}},
                )
            ),
        ],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-access-level-budget",
        passes=[make(kinds.POLICY), _policy(allow("s3:Get*", "arn:aws:s3:::a/*"))],
        fails=[_policy(allow("dynamodb:*", _TABLE)), _policy(allow("iam:Put*", "*"), allow("iam:Attach*", "*"))],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-app-role-no-scan",
        passes=[
            make(kinds.POLICY),
            _policy(allow("dynamodb:*", _TABLE), deny("dynamodb:Scan", "*")),
            make(kinds.POLICY, "exports", policy=document(allow("dynamodb:Scan", _TABLE))),
        ],
        fails=[_policy(allow("dynamodb:Scan", _TABLE)), _policy(allow("dynamodb:S*", _TABLE))],
        undecided=_UNKNOWN,
        settings={"allowed_names": ["exports*"]},
    ),
    Cases(
        rule="iam-dynamodb-data-control-separated",
        passes=[
            make(kinds.POLICY),
            _policy(allow(["dynamodb:UpdateTable", "dynamodb:DescribeTable"], _TABLE)),
            _policy(
                allow("dynamodb:PutItem", _TABLE),
                allow("dynamodb:UpdateTable", _TABLE),
                deny("dynamodb:UpdateTable", "*"),
            ),
        ],
        fails=[_policy(allow(["dynamodb:PutItem", "dynamodb:DeleteTable"], _TABLE))],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-table-region-pinned",
        passes=[make(kinds.POLICY), _policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))],
        fails=[_policy(allow("dynamodb:GetItem", f"arn:aws:dynamodb:*:{ACCOUNT}:table/orders"))],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-kms-decrypt-scoped",
        passes=[
            make(kinds.POLICY),
            _policy(allow("kms:Decrypt", key())),
            _policy(
                allow(
                    "kms:Decrypt", arn("kms", "key/*"), Condition={"StringEquals": {"kms:ResourceAliases": "alias/app"}}
                )
            ),
        ],
        fails=[_policy(allow("kms:Decrypt", "*")), _policy(allow(["kms:ReEncrypt*"], arn("kms", "key/*")))],
        undecided=_UNKNOWN,
    ),
    Cases(
        rule="iam-no-user-policies",
        passes=[make(kinds.POLICY_ATTACHMENT)],
        fails=[
            make(kinds.USER_POLICY, user="somebody", policy=document(allow("dynamodb:GetItem", _TABLE))),
            make(kinds.USER_ATTACHMENT, user="somebody", policyArn=UNKNOWN),
            make(kinds.POLICY_ATTACHMENT, users=["somebody"]),
        ],
        undecided=[make(kinds.POLICY_ATTACHMENT, users=UNKNOWN)],
    ),
    Cases(
        rule="iam-boundary-not-attached",
        passes=[
            [_BOUNDARY, make(kinds.ROLE, permissionsBoundary=_BOUNDARY.data["arn"])],
            [make(kinds.POLICY, arn=_BOUNDARY.data["arn"]), make(_ATTACHMENT, policyArn=_BOUNDARY.data["arn"])],
        ],
        fails=[
            [_BOUNDARY, make(_ATTACHMENT, role="app", policyArn=_BOUNDARY.data["arn"])],
            [_BOUNDARY, make(kinds.ROLE, managedPolicyArns=[_BOUNDARY.data["arn"]])],
            [
                make(kinds.POLICY, "boundary"),
                make(
                    _ATTACHMENT,
                    role="app",
                    property_dependencies={"policyArn": [make(kinds.POLICY, "boundary").urn]},
                ),
            ],
        ],
        always_decides="what an attachment refers to is in the graph, be the ARN known or not",
    ),
    Cases(
        rule="iam-permissions-boundary",
        passes=[make(kinds.ROLE), make(kinds.ROLE, permissionsBoundary=UNKNOWN)],
        fails=[make(kinds.ROLE, permissionsBoundary=None)],
        always_decides="a boundary that is set is enough, be its ARN known or not",
    ),
    Cases(
        rule="iam-trust-no-wildcard",
        passes=[make(kinds.ROLE), _trust(_assume(Principal="*", Condition=_ORGANISATION))],
        fails=[
            _trust(_assume(Principal="*")),
            _trust(_assume(Principal={"AWS": "*"})),
            _trust(_assume(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalAccount": "1"}})),
            _trust(_assume(Principal={"Federated": "*"})),
        ],
        undecided=_UNKNOWN_TRUST,
    ),
    Cases(
        rule="iam-trust-confused-deputy",
        passes=[
            make(kinds.ROLE),
            _trust(
                _assume(
                    Principal={"Service": "scheduler.amazonaws.com"},
                    Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                )
            ),
            _trust(_assume(Principal={"Service": "ec2.amazonaws.com"})),
        ],
        fails=[
            _trust(_assume(Principal={"Service": "scheduler.amazonaws.com"})),
            _trust(_assume(Principal={"Service": ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"]})),
            _trust(_assume(Principal={"Service": "fis.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "*"}})),
        ],
        undecided=_UNKNOWN_TRUST,
    ),
    Cases(
        rule="iam-oidc-subject-pinned",
        passes=[
            make(kinds.ROLE),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity",
                    Principal=_GITHUB,
                    Condition=_subject("StringEquals", "repo:o/r:ref:refs/heads/main"),
                )
            ),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity", Principal=_GITHUB, Condition=_subject("StringLike", "repo:o/r:*")
                )
            ),
        ],
        fails=[
            _trust(_assume("sts:AssumeRoleWithWebIdentity", Principal=_GITHUB)),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity", Principal=_GITHUB, Condition=_subject("StringLike", "repo:o/*")
                )
            ),
            _trust(
                _assume(
                    "sts:AssumeRoleWithWebIdentity",
                    Principal=_GITHUB,
                    Condition=_subject("StringLike", "system:serviceaccount:*:x"),
                )
            ),
        ],
        undecided=_UNKNOWN_TRUST,
    ),
    Cases(
        rule="iam-pod-role-per-workload",
        passes=[
            [make(kinds.POD_IDENTITY), make(kinds.POD_IDENTITY, "b", serviceAccount="b", roleArn=_ROLE)],
            [make(kinds.POD_IDENTITY), make(kinds.POD_IDENTITY, "same", clusterName="another")],
        ],
        fails=[[make(kinds.POD_IDENTITY), make(kinds.POD_IDENTITY, "b", serviceAccount="b")]],
        undecided=[[make(kinds.POD_IDENTITY, roleArn=UNKNOWN)]],
    ),
    Cases(
        rule="kms-policy-no-public",
        passes=[
            make(kinds.KEY),
            make(kinds.KEY, policy=None),
            make(
                kinds.KEY,
                policy=document(
                    allow("kms:Decrypt", "*", Principal="*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})
                ),
            ),
        ],
        fails=[
            make(kinds.KEY, policy=document(allow("kms:Decrypt", "*", Principal="*"))),
            make(kinds.REPLICA_KEY, policy=document(allow("kms:*", "*", Principal={"AWS": "*"}))),
        ],
        undecided=[make(kinds.KEY, policy=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-policy-no-public",
        passes=[make(kinds.TABLE_POLICY)],
        fails=[make(kinds.TABLE_POLICY, policy=document(allow("dynamodb:GetItem", _TABLE, Principal="*")))],
        undecided=[make(kinds.TABLE_POLICY, policy=UNKNOWN)],
    ),
    Cases(
        rule="sns-policy-no-public",
        passes=[make(kinds.TOPIC), make(kinds.TOPIC_POLICY)],
        fails=[
            make(kinds.TOPIC_POLICY, policy=document(allow("sns:Publish", "*", Principal="*"))),
            make(kinds.TOPIC, policy=document(allow("sns:Subscribe", "*", Principal={"AWS": "*"}))),
        ],
        undecided=[make(kinds.TOPIC_POLICY, policy=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-policy-account-allowlist",
        passes=[
            make(kinds.TABLE_POLICY),
            make(
                kinds.TABLE_POLICY,
                policy=document(allow("dynamodb:GetItem", _TABLE, Principal={"AWS": "444455556666"})),
            ),
        ],
        fails=[
            make(
                kinds.TABLE_POLICY,
                policy=document(allow("dynamodb:GetItem", _TABLE, Principal={"AWS": "arn:aws:iam::999999999999:root"})),
            )
        ],
        undecided=[make(kinds.TABLE_POLICY, policy=UNKNOWN), make(kinds.TABLE_POLICY, resourceArn=UNKNOWN)],
        settings={"allowed_accounts": ["444455556666"]},
    ),
    Cases(
        rule="dynamodb-policy-no-replication-deny",
        passes=[
            make(kinds.TABLE_POLICY),
            make(kinds.KEY),
            make(kinds.TABLE_POLICY, policy=document(deny("dynamodb:DeleteTable", _TABLE, Principal="*"))),
            make(
                kinds.TABLE_POLICY,
                policy=document(
                    deny("dynamodb:*", _TABLE, Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
                ),
            ),
            make(
                kinds.TABLE_POLICY,
                policy=document(
                    deny(
                        "dynamodb:*",
                        _TABLE,
                        Principal="*",
                        Condition={"ArnNotLike": {"aws:PrincipalArn": [_ROLE, _REPLICATION]}},
                    )
                ),
            ),
            make(
                kinds.TABLE_POLICY,
                policy=document(
                    deny(
                        "dynamodb:*",
                        _TABLE,
                        Principal="*",
                        Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}},
                    )
                ),
            ),
        ],
        fails=[
            make(kinds.TABLE_POLICY, policy=document(deny("dynamodb:*", _TABLE, Principal="*"))),
            make(
                kinds.TABLE_POLICY,
                policy=document(
                    deny(
                        "dynamodb:PutItem", _TABLE, Principal="*", Condition={"ArnNotLike": {"aws:PrincipalArn": _ROLE}}
                    )
                ),
            ),
            make(
                kinds.TABLE_POLICY,
                policy=document(
                    deny(
                        "dynamodb:*",
                        _TABLE,
                        Principal="*",
                        Condition={"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-service-role/*"}},
                    )
                ),
            ),
            make(
                kinds.KEY,
                policy=document(allow("kms:*", "*", Principal=_ROOT), deny("kms:Decrypt", "*", Principal={"AWS": "*"})),
            ),
        ],
        undecided=[make(kinds.TABLE_POLICY, policy=UNKNOWN)],
    ),
    Cases(
        rule="lambda-permission-scoped",
        passes=[
            make(kinds.LAMBDA_PERMISSION),
            make(kinds.LAMBDA_PERMISSION, principal="*", sourceArn=None, principalOrgId="o-abc"),
        ],
        fails=[
            make(kinds.LAMBDA_PERMISSION, principal="*", sourceArn=None),
            make(kinds.LAMBDA_PERMISSION, principal="s3.amazonaws.com", sourceArn=None),
        ],
        undecided=[make(kinds.LAMBDA_PERMISSION, principal=UNKNOWN)],
    ),
)
