"""What a role may do: judged at the gateway, when authorization is on."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloud import Sandbox

pytestmark = pytest.mark.sandbox

Clients = Callable[..., Any]
TABLE = "orders"
ARN = f"arn:aws:dynamodb:us-east-1:111122223333:table/{TABLE}"


@pytest.fixture(scope="module", autouse=True)
def judged(sandbox: Sandbox) -> Iterator[None]:
    sandbox.authorize()
    yield
    sandbox.authorize(enabled=False)


@pytest.fixture(scope="module")
def orders(administrator: Clients) -> str:
    dynamodb = administrator("dynamodb", "us-east-1")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "customer_id", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer_id", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return TABLE


def statement(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [ARN, f"{ARN}/index/*"], **more}


Session = Callable[..., Any]


@pytest.fixture
def session(client: Clients) -> Session:
    """A DynamoDB (or other) client of a session of a new role with these statements."""
    made = 0

    def assume(
        *statements: dict[str, Any], service: str = "dynamodb", boundary: str | None = None, **options: Any
    ) -> Any:
        nonlocal made
        made += 1
        name = f"role-{id(options)}-{made}"
        iam = client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
        extra = {"PermissionsBoundary": boundary} if boundary else {}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}), **extra)
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        credentials = client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="session", **options)[
            "Credentials"
        ]
        return client(
            service,
            access_key=credentials["AccessKeyId"],
            secret_key=credentials["SecretAccessKey"],
            session_token=credentials["SessionToken"],
        )

    return assume


def denied(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException", caught.value
    return str(caught.value.response["Error"]["Message"])


def key(customer: str) -> dict[str, Any]:
    return {"customer_id": {"S": customer}, "sk": {"S": "1"}}


def test_a_role_does_what_its_policy_allows_and_no_more(session: Session, orders: str) -> None:
    reader = session(statement("dynamodb:GetItem"))
    assert "Item" not in reader.get_item(TableName=orders, Key=key("c"))
    message = denied(lambda: reader.put_item(TableName=orders, Item=key("c")))
    assert message.startswith("User: arn:aws:sts::111122223333:assumed-role/role-")
    assert "is not authorized to perform: dynamodb:PutItem on resource: " + ARN in message
    assert message.endswith("because no identity-based policy allows the dynamodb:PutItem action")


def test_leading_keys_hold_a_session_to_its_own_items(session: Session, orders: str, client: Clients) -> None:
    for customer in ("c1", "c2"):
        client("dynamodb").put_item(TableName=orders, Item=key(customer))
    own = session(
        statement(
            "dynamodb:*",
            Condition={
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/customer}"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
        Tags=[{"Key": "customer", "Value": "c1"}],
    )
    values = {":c": {"S": "c1"}}
    assert own.get_item(TableName=orders, Key=key("c1"))["Item"] == key("c1")
    condition = "customer_id = :c"
    assert own.query(TableName=orders, KeyConditionExpression=condition, ExpressionAttributeValues=values)["Count"] == 1
    other = {":c": {"S": "c2"}}
    denied(lambda: own.query(TableName=orders, KeyConditionExpression=condition, ExpressionAttributeValues=other))
    denied(lambda: own.get_item(TableName=orders, Key=key("c2")))
    denied(lambda: own.scan(TableName=orders))
    denied(lambda: own.batch_get_item(RequestItems={orders: {"Keys": [key("c1"), key("c2")]}}))
    denied(lambda: own.batch_write_item(RequestItems={orders: [{"DeleteRequest": {"Key": key("c2")}}]}))
    denied(
        lambda: own.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": orders, "Item": key("c1")}},
                {"Delete": {"TableName": orders, "Key": key("c2")}},
            ]
        )
    )
    own.transact_write_items(TransactItems=[{"Put": {"TableName": orders, "Item": key("c1")}}])


def test_attributes_and_select(session: Session, orders: str) -> None:
    some = session(
        statement(
            "dynamodb:GetItem",
            "dynamodb:Query",
            Condition={
                "ForAllValues:StringEquals": {"dynamodb:Attributes": ["customer_id", "sk", "total"]},
                "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
            },
        )
    )
    some.get_item(
        TableName=orders, Key=key("c"), ProjectionExpression="#t, sk", ExpressionAttributeNames={"#t": "total"}
    )
    denied(lambda: some.get_item(TableName=orders, Key=key("c")))
    denied(lambda: some.get_item(TableName=orders, Key=key("c"), ProjectionExpression="card"))
    values = {":c": {"S": "c1"}}
    condition = "customer_id = :c"
    some.query(
        TableName=orders,
        KeyConditionExpression=condition,
        ProjectionExpression="sk",
        ExpressionAttributeValues=values,
    )
    denied(
        lambda: some.query(
            TableName=orders,
            KeyConditionExpression=condition,
            FilterExpression="card = :c",
            ProjectionExpression="sk",
            ExpressionAttributeValues=values,
        )
    )


def test_boundary_session_policy_and_explicit_deny(session: Session, orders: str, client: Clients) -> None:
    document = {"Version": "2012-10-17", "Statement": [statement("dynamodb:GetItem")]}
    boundary = client("iam").create_policy(PolicyName="edge", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    bounded = session(statement("dynamodb:*"), boundary=boundary)
    bounded.get_item(TableName=orders, Key=key("c"))
    assert "permissions boundary" in denied(lambda: bounded.delete_item(TableName=orders, Key=key("c")))

    narrowed = session(statement("dynamodb:*"), Policy=json.dumps(document))
    narrowed.get_item(TableName=orders, Key=key("c"))
    assert "session policy" in denied(lambda: narrowed.delete_item(TableName=orders, Key=key("c")))

    deny = {**statement("dynamodb:DeleteItem"), "Effect": "Deny"}
    forbidden = session(statement("dynamodb:*"), deny)
    forbidden.put_item(TableName=orders, Item=key("c"))
    assert "explicit deny" in denied(lambda: forbidden.delete_item(TableName=orders, Key=key("c")))


def test_a_resource_policy_denies_and_allows(session: Session, orders: str, client: Clients) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "dynamodb:PutItem", "Resource": ARN}
    client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=json.dumps({"Statement": [deny]}))
    try:
        everything = session(statement("dynamodb:*"))
        everything.get_item(TableName=orders, Key=key("c"))
        assert "explicit deny" in denied(lambda: everything.put_item(TableName=orders, Item=key("c")))
    finally:
        client("dynamodb").delete_resource_policy(ResourceArn=ARN)


def test_the_encryption_context_opens_a_key(session: Session, client: Clients) -> None:
    kms = client("kms")
    made = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    allow = {
        "Effect": "Allow",
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": made,
        "Condition": {"StringEquals": {"kms:EncryptionContext:table": "orders"}},
    }
    user = session(allow, service="kms")
    right, wrong = {"table": "orders"}, {"table": "accounts"}
    blob = user.encrypt(KeyId=made, Plaintext=b"secret", EncryptionContext=right)["CiphertextBlob"]
    assert user.decrypt(CiphertextBlob=blob, EncryptionContext=right)["Plaintext"] == b"secret"
    denied(lambda: user.encrypt(KeyId=made, Plaintext=b"secret", EncryptionContext=wrong))
    denied(lambda: user.decrypt(CiphertextBlob=blob))


def test_unknown_credentials_are_refused_and_the_sandboxs_own_administer(client: Clients, orders: str) -> None:
    with pytest.raises(ClientError, match="The security token included in the request is invalid"):
        client("dynamodb", access_key="AKIANOBODY").list_tables()
    assert orders in client("dynamodb").list_tables()["TableNames"]


def test_a_signature_with_another_secret_is_refused(client: Clients, orders: str) -> None:
    for service, code in (("dynamodb", "InvalidSignatureException"), ("iam", "SignatureDoesNotMatch")):
        forger = client(service, secret_key="guessed")
        with pytest.raises(ClientError) as caught:
            forger.list_tables() if service == "dynamodb" else forger.list_roles()
        assert caught.value.response["Error"]["Code"] == code


def fetch(url: str) -> tuple[int, bytes]:
    address, path = url.removeprefix("http://").split("/", 1)
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_every_protocols_signature_is_understood(client: Clients) -> None:
    s3 = client("s3", s3={"addressing_style": "path"}, signature_version="s3v4")
    s3.create_bucket(Bucket="signed")
    name = "a folder/what's (new)+100%~.txt"
    s3.put_object(Bucket="signed", Key=name, Body=b"text")
    assert s3.get_object(Bucket="signed", Key=name)["Body"].read() == b"text"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": name}, ExpiresIn=60)
    assert fetch(url) == (200, b"text")
    assert fetch(url[:-1] + ("0" if url[-1] != "0" else "1"))[0] == 403
    assert client("lambda").list_functions()["Functions"] == []
    made = client("route53").create_hosted_zone(Name="signed.example", CallerReference="once")["HostedZone"]["Id"]
    assert client("route53").get_hosted_zone(Id=made)["HostedZone"]["Name"] == "signed.example."
    client("ssm").put_parameter(Name="/signed/one two", Value="1", Type="String")


def test_a_trust_policy_says_who_may_become_a_role(client: Clients) -> None:
    iam, sts = client("iam"), client("sts")

    def role(name: str, **trust: Any) -> str:
        document = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **trust}]}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        return str(made["Role"]["Arn"])

    account = {"AWS": "arn:aws:iam::111122223333:root"}
    for_services = role("for-services", Principal={"Service": "lambda.amazonaws.com"})
    for_named = role("for-named", Principal=account, Condition={"StringEquals": {"sts:ExternalId": "agreed"}})
    with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole"):
        sts.assume_role(RoleArn=for_services, RoleSessionName="someone")
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=for_named, RoleSessionName="someone")
    assert sts.assume_role(RoleArn=for_named, RoleSessionName="someone", ExternalId="agreed")["Credentials"]
    with pytest.raises(ClientError, match="sts:TagSession"):
        sts.assume_role(
            RoleArn=for_named, RoleSessionName="someone", ExternalId="agreed", Tags=[{"Key": "customer", "Value": "c1"}]
        )


def test_partiql_is_judged_by_statement(session: Session, orders: str, client: Clients) -> None:
    client("dynamodb").put_item(TableName=orders, Item=key("p1"))
    own = session(
        statement(
            "dynamodb:PartiQLSelect",
            Condition={
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["p1"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        )
    )
    select = f"SELECT * FROM {orders}"  # noqa: S608 - a name of this file
    assert own.execute_statement(Statement=f"{select} WHERE customer_id = 'p1'")["Items"] == [key("p1")]
    denied(lambda: own.execute_statement(Statement=f"{select} WHERE customer_id = 'p2'"))
    denied(lambda: own.execute_statement(Statement=select))
    delete = f"DELETE FROM {orders} WHERE customer_id = 'p1' AND sk = '1'"  # noqa: S608 - a name of this file
    denied(lambda: own.execute_statement(Statement=delete))
