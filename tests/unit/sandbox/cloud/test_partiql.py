"""PartiQL on the built-in DynamoDB: what statements do, and in whose words they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.cloud.dynamodb import constraints
from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.operations.names import OPERATIONS

MALFORMED = "Statement wasn't well formed, can't be processed: "


class Dynamo:
    def __init__(self) -> None:
        self.region = Database("111122223333").region("us-east-1")

    def __call__(self, operation: str, **params: Any) -> dict[str, Any]:
        constraints.check(operation, params)
        return OPERATIONS[operation](self.region, params)

    def run(self, statement: str, *parameters: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        if parameters:
            options["Parameters"] = list(parameters)
        items: list[dict[str, Any]] = self("ExecuteStatement", Statement=statement, **options)["Items"]
        return items

    def refuses(self, statement: str, *parameters: dict[str, Any], **options: Any) -> tuple[str, str]:
        with pytest.raises(ServiceError) as caught:
            self.run(statement, *parameters, **options)
        return caught.value.code, caught.value.message

    def get(self, **key: dict[str, Any]) -> dict[str, Any] | None:
        return self("GetItem", TableName="things", Key=key, ConsistentRead=True).get("Item")


@pytest.fixture
def dynamo() -> Dynamo:
    made = Dynamo()
    made(
        "CreateTable",
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    made(
        "CreateTable",
        TableName="orders",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
            {"AttributeName": "l", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["shown"]},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-l",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    made.run(
        "INSERT INTO things VALUE "
        "{'pk': 'a', 'n': 5, 's': 'str', 'ss': <<'x', 'y'>>, 'm': {'sub': [1, {'deep': true}]}, 'nul': null}"
    )
    for number in (1, 2, 3, 4):
        made.run(
            f"INSERT INTO orders VALUE {{'pk': 'c', 'sk': {number}, 'g': 'G', 'l': 'L{5 - number}', "
            f"'shown': 's{number}', 'hidden': 'h{number}'}}"
        )
    made.run("INSERT INTO orders VALUE {'pk': 'd', 'sk': 1}")
    return made


class TestSelect:
    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ("n = 5.0", True),
            ("n = 5e0", True),
            ("n <> 5", False),
            ("n > .4e1 AND n BETWEEN 5 AND 6", True),
            ("n IN [1, 5]", True),
            ("n NOT IN (1, 5)", False),
            ("NOT n = 6 -- a note", True),
            ("(n = 6 OR s = 'str') /* a note */", True),
            ("absent IS MISSING", True),
            ("n IS NOT MISSING", True),
            ("nul IS NULL", True),
            ("s IS NULL", False),
            ("s IS STRING", True),
            ("ATTRIBUTE_EXISTS(m.sub[1].deep)", True),
            ("attribute_exists(m.other)", False),
            ("attribute_not_exists(m.other) = true", True),
            ("attribute_exists(s) = false", False),
            ("attribute_type(ss, 'SS')", True),
            ("contains(ss, 'x')", True),
            ("begins_with(\"s\", 'st')", True),
            ("size(s) = 3", True),
            ("m.sub[1]['deep'] = true", True),
        ],
    )
    def test_conditions(self, dynamo, condition, found):
        rows = dynamo.run(f"SELECT pk FROM things WHERE pk = 'a' AND {condition}")  # noqa: S608 - texts of this file
        assert rows == ([{"pk": {"S": "a"}}] if found else [])

    def test_columns_are_named_by_the_end_of_their_path(self, dynamo):
        assert dynamo.run('SELECT n, m.sub, m.sub[0] FROM "things"') == [
            {"n": {"N": "5"}, "sub": {"L": [{"N": "1"}, {"M": {"deep": {"BOOL": True}}}]}, "_3": {"N": "1"}}
        ]

    def test_sort_key_narrows_and_orders(self, dynamo):
        rows = dynamo.run("SELECT sk FROM orders WHERE pk = ? AND sk >= ? ORDER BY sk DESC", {"S": "c"}, {"N": "2"})
        assert [row["sk"]["N"] for row in rows] == ["4", "3", "2"]

    def test_several_partitions_and_none(self, dynamo):
        rows = dynamo.run("SELECT pk, sk FROM orders WHERE pk IN ['d', 'c'] AND sk = 1")
        assert [row["pk"]["S"] for row in rows] == ["d", "c"]
        assert len(dynamo.run("SELECT * FROM orders WHERE hidden = 'h2'")) == 1
        assert len(dynamo.run("SELECT * FROM orders WHERE pk = 'c' AND sk = 1 OR pk = 'd'")) == 2

    def test_pages_follow_each_other_and_belong_to_their_statement(self, dynamo):
        statement = "SELECT sk FROM orders WHERE pk IN ['c', 'd']"
        rows, token = [], None
        for _ in range(10):
            page = dynamo("ExecuteStatement", Statement=statement, Limit=2, **({"NextToken": token} if token else {}))
            rows += page["Items"]
            token = page.get("NextToken")
            if token is None:
                break
        assert [row["sk"]["N"] for row in rows] == ["1", "2", "3", "4", "1"]
        first = dynamo("ExecuteStatement", Statement=statement, Limit=2)["NextToken"]
        code, _ = dynamo.refuses("SELECT pk FROM orders WHERE pk = 'c'", NextToken=first)
        assert code == "ValidationException"

    def test_global_index_shows_what_it_projects(self, dynamo):
        rows = dynamo.run("SELECT * FROM orders.\"by-g\" WHERE g = 'G' AND shown = 's2'")
        assert [sorted(row) for row in rows] == [["g", "pk", "shown", "sk"]]
        assert dynamo.refuses("SELECT hidden, other FROM orders.\"by-g\" WHERE g = 'G'") == (
            "ValidationException",
            "One or more parameter values were invalid: Global secondary index by-g does not project [hidden, other]",
        )
        assert dynamo.refuses("SELECT pk FROM orders.\"by-g\" WHERE g = 'G' AND hidden = 'h1'")[0] == (
            "ValidationException"
        )
        assert dynamo.run("SELECT pk FROM orders.\"by-g\" WHERE hidden = 'h1'") == []
        assert dynamo.refuses("SELECT pk FROM orders.\"by-g\" WHERE g = 'G'", ConsistentRead=True)[0] == (
            "ValidationException"
        )

    def test_local_index_fetches_what_it_does_not_project(self, dynamo):
        page = dynamo(
            "ExecuteStatement",
            Statement="SELECT hidden FROM orders.\"by-l\" WHERE pk = 'c'",
            ReturnConsumedCapacity="INDEXES",
        )
        assert [row["hidden"]["S"] for row in page["Items"]] == ["h4", "h3", "h2", "h1"]
        assert page["ConsumedCapacity"]["Table"]["CapacityUnits"] == 2.0
        assert page["ConsumedCapacity"]["LocalSecondaryIndexes"]["by-l"]["CapacityUnits"] == 0.5


class TestWrite:
    def test_insert_is_no_overwrite(self, dynamo):
        code, message = dynamo.refuses("INSERT INTO things VALUE {'pk': ?}", {"S": "a"})
        assert (code, message) == ("DuplicateItemException", "Duplicate primary key exists in table")

    def test_update_sets_and_removes(self, dynamo):
        dynamo.run(
            "UPDATE things SET n = n + 1 SET m.sub = list_append(m.sub, [2]), ss = set_add(ss, <<'z'>>) REMOVE s "
            "WHERE pk = 'a' AND n = 5"
        )
        item = dynamo.get(pk={"S": "a"})
        assert item["n"] == {"N": "6"}
        assert item["m"]["M"]["sub"]["L"][-1] == {"N": "2"}
        assert set(item["ss"]["SS"]) == {"x", "y", "z"}
        assert "s" not in item

    def test_emptied_set_is_gone(self, dynamo):
        dynamo.run("FROM things WHERE pk = 'a' SET ss = set_delete(ss, <<'x', 'y'>>)")
        assert "ss" not in dynamo.get(pk={"S": "a"})

    @pytest.mark.parametrize(
        ("returning", "shown"),
        [
            ("", []),
            ("RETURNING ALL OLD *", [{"pk": {"S": "b"}, "n": {"N": "1"}}]),
            ("RETURNING ALL NEW *", [{"pk": {"S": "b"}, "n": {"N": "2"}}]),
            ("RETURNING MODIFIED OLD *", [{"n": {"N": "1"}}]),
            ("RETURNING MODIFIED NEW *", [{"n": {"N": "2"}}]),
        ],
    )
    def test_returning(self, dynamo, returning, shown):
        dynamo.run("INSERT INTO things VALUE {'pk': 'b', 'n': 1}")
        changed = dynamo.run(f"UPDATE things SET n = 2 WHERE pk = 'b' {returning}")  # noqa: S608 - texts of this file
        assert changed == shown

    def test_update_of_what_is_not_there_fails_and_delete_does_not(self, dynamo):
        assert dynamo.refuses("UPDATE things SET n = 1 WHERE pk = 'none'")[0] == "ConditionalCheckFailedException"
        assert dynamo.run("DELETE FROM things WHERE pk = 'none' AND n = 1") == []

    def test_delete_with_a_condition(self, dynamo):
        assert dynamo.refuses("DELETE FROM things WHERE pk = 'a' AND n = 1")[0] == "ConditionalCheckFailedException"
        deleted = dynamo.run("DELETE FROM things WHERE pk = 'a' AND n = 5 RETURNING ALL OLD *")
        assert deleted[0]["s"] == {"S": "str"}
        assert dynamo.get(pk={"S": "a"}) is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("statement", "message"),
        [
            ("SLECT * FROM things", MALFORMED + "Expected data manipulation"),
            ("SELECT * FROM things WHERE pk = 1 foo", MALFORMED + "Unexpected token after expression"),
            ("SELECT * FROM things ORDER BY pk WHERE pk = 1", MALFORMED + "Unexpected token after expression"),
            ("DELETE FROM things WHERE pk = 'a' ORDER BY pk", MALFORMED + "Unexpected token after expression"),
            ("SELECT * FROM things WHERE n = 1e2147483648", MALFORMED),
            ("SELECT * FROM things WHERE n = 1 # note", MALFORMED),
            ("SELECT * FROM things WHERE attribute_exists(m.inner)", MALFORMED + "Invalid path dot component"),
            ("SELECT * FROM things AS t", "Aliasing is not supported"),
            ("UPDATE things t SET a = 3 WHERE pk = 'x'", "Aliasing is not supported"),
            ("SELECT attribute_exists(s) FROM things", "Unexpected path component at 1:8:16"),
            ("SELECT * FROM things WHERE EXISTS(s)", "Unrecognized function: exists at 1:28:6"),
            (
                "INSERT INTO things VALUE {'pk': 'q', 'm': {'x': 1e126}}",
                "Number overflow. Attempting to store a number with magnitude larger than supported range under root.x",
            ),
            ("UPDATE things SET ss = set_add(ss, <<>>) WHERE pk = 'a'", "Empty bags are not supported"),
            (
                "UPDATE things SET t = set_add(ss, <<'x'>>) WHERE pk = 'a'",
                "The first argument to SET_ADD must equal the assignment value at 1:23:7",
            ),
            (
                "UPDATE things SET ss = set_add(ss, 'x') WHERE pk = 'a'",
                "The second argument to SET_ADD must be a value with type SET at 1:32:2",
            ),
            (
                "SELECT * FROM things WHERE n < true",
                "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
            ),
            (
                "DELETE FROM things WHERE n = 1",
                "Where clause does not contain a mandatory equality on all key attributes",
            ),
            (
                "DELETE FROM things WHERE pk = 'x' RETURNING ALL NEW *",
                (
                    "Invalid returning clause: RETURNING ALL NEW *. "
                    "Only RETURNING ALL OLD * is allowed in DELETE statements."
                ),
            ),
            ("INSERT INTO orders.\"by-g\" VALUE {'pk': 'x'}", "FROM clause may only contain a single table name"),
            ("UPDATE orders.\"by-g\" SET a = 1 WHERE pk = 'x'", "This operation is not supported on an index"),
            (
                "UPDATE things SET pk = 'z' WHERE pk = 'a'",
                (
                    "One or more parameter values were invalid: Cannot update attribute pk. "
                    "This attribute is part of the key"
                ),
            ),
        ],
    )
    def test_words(self, dynamo, statement, message):
        assert dynamo.refuses(statement) == ("ValidationException", message)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ({"N": "1e99999999999"}, "The parameter cannot be converted to a numeric value: 1e99999999999"),
            ({"N": ""}, "The parameter cannot be converted to a numeric value"),
            ({"L": [{"N": "abc"}]}, "The parameter cannot be converted to a numeric value: abc"),
        ],
    )
    def test_parameters(self, dynamo, value, message):
        assert dynamo.refuses("SELECT * FROM things WHERE n = ?", value) == ("ValidationException", message)

    def test_number_of_parameters(self, dynamo):
        assert dynamo.refuses("SELECT * FROM things WHERE n = ?")[0] == "ValidationException"

    def test_table_that_is_not_there(self, dynamo):
        assert dynamo.refuses("SELECT * FROM nothing")[0] == "ResourceNotFoundException"


class TestBatch:
    def test_each_member_is_on_its_own(self, dynamo):
        answer = dynamo(
            "BatchExecuteStatement",
            Statements=[
                {"Statement": "SELECT n FROM things WHERE pk = 'a'"},
                {"Statement": "SELECT * FROM orders WHERE pk = 'c'"},
                {"Statement": "INSERT INTO things VALUE {'pk': 'a'}"},
                {"Statement": "SELECT * FROM nothing WHERE pk = 'c'"},
                {"Statement": "DELETE FROM things WHERE pk = 'a' RETURNING ALL OLD *"},
            ],
            ReturnConsumedCapacity="TOTAL",
        )
        first, second, third, fourth, fifth = answer["Responses"]
        assert first == {"TableName": "things", "Item": {"n": {"N": "5"}}}
        assert second["Error"] == {
            "Code": "ValidationError",
            "Message": "Select statements within BatchExecuteStatement must specify the primary key in the where "
            "clause.",
        }
        assert (third["Error"]["Code"], third["TableName"]) == ("DuplicateItem", "things")
        assert fourth["Error"]["Code"] == "ResourceNotFound"
        assert fifth["Item"]["pk"] == {"S": "a"}
        assert answer["ConsumedCapacity"] == [{"TableName": "things", "CapacityUnits": 1.5}]


class TestTransaction:
    def test_all_or_nothing(self, dynamo):
        with pytest.raises(ServiceError) as caught:
            dynamo(
                "ExecuteTransaction",
                TransactStatements=[
                    {"Statement": "INSERT INTO things VALUE {'pk': 'new'}"},
                    {"Statement": "INSERT INTO things VALUE {'pk': 'a'}"},
                    {"Statement": "UPDATE orders SET h = 1 WHERE pk = 'c' AND sk = 1 AND shown = 'other'"},
                ],
            )
        assert [reason["Code"] for reason in caught.value.extra["CancellationReasons"]] == [
            "None",
            "DuplicateItem",
            "ConditionalCheckFailed",
        ]
        assert dynamo.get(pk={"S": "new"}) is None

    def test_checks_updates_and_deletes(self, dynamo):
        answer = dynamo(
            "ExecuteTransaction",
            TransactStatements=[
                {"Statement": "EXISTS(SELECT * FROM things WHERE pk = 'a' AND n = 5)"},
                {"Statement": "UPDATE orders SET h = ? WHERE pk = 'c' AND sk = 1", "Parameters": [{"N": "1"}]},
                {"Statement": "DELETE FROM orders WHERE pk = 'c' AND sk = 99 AND h = 1"},
            ],
        )
        assert answer == {"Responses": []}
        assert dynamo.run("SELECT h FROM orders WHERE pk = 'c' AND sk = 1") == [{"h": {"N": "1"}}]

    def test_reads_see_one_moment(self, dynamo):
        answer = dynamo(
            "ExecuteTransaction",
            TransactStatements=[
                {"Statement": "SELECT n FROM things WHERE pk = 'a'"},
                {"Statement": "SELECT * FROM things WHERE pk = 'none'"},
            ],
        )
        assert answer["Responses"] == [{"Item": {"n": {"N": "5"}}}, {}]

    def test_token_makes_a_repetition_harmless(self, dynamo):
        request = {
            "TransactStatements": [{"Statement": "UPDATE things SET n = n + 1 WHERE pk = 'a'"}],
            "ClientRequestToken": "once",
        }
        dynamo("ExecuteTransaction", **request)
        dynamo("ExecuteTransaction", **request)
        assert dynamo.get(pk={"S": "a"})["n"] == {"N": "6"}

    @pytest.mark.parametrize(
        ("statement", "message"),
        [
            (
                "UPDATE things SET n = 1 WHERE pk = 'a' RETURNING ALL NEW *",
                "Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.",
            ),
            (
                "EXISTS(SELECT * FROM things WHERE pk = 'a')",
                (
                    "Validation failed in TransactStatements[0]: "
                    "EXISTS() must contain a single item read with additional condition"
                ),
            ),
            (
                "SELECT * FROM orders WHERE pk = 'c'",
                (
                    "Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify "
                    "the primary key in the where clause."
                ),
            ),
        ],
    )
    def test_refusals(self, dynamo, statement, message):
        with pytest.raises(ServiceError) as caught:
            dynamo("ExecuteTransaction", TransactStatements=[{"Statement": statement}])
        assert caught.value.message == message
