"""Transactions and PartiQL."""

from __future__ import annotations

import pytest

from holdfast import Attr, Update, errors

pytestmark = pytest.mark.sandbox

A = {"customer_id": "C1", "order_id": "A"}
B = {"customer_id": "C1", "order_id": "B"}


def test_all_actions_or_none(client, table):
    table.put({**A, "quantity": 5})
    client.transact_write(
        [
            table.update_action(A, Update().add("quantity", -3), condition=Attr("quantity") >= 3),
            table.put_action({**B, "status": "confirmed"}, condition=Attr("order_id").not_exists()),
        ]
    )
    assert table.get(A)["quantity"] == 2
    with pytest.raises(errors.TransactionCanceledError) as caught:
        client.transact_write(
            [
                table.update_action(
                    A,
                    Update().add("quantity", -3),
                    condition=Attr("quantity") >= 3,
                    return_values_on_condition_check_failure="ALL_OLD",
                ),
                table.delete_action(B),
                table.check_action({"customer_id": "C1", "order_id": "X"}, Attr("order_id").not_exists()),
            ]
        )
    assert [reason.code for reason in caught.value.reasons] == ["ConditionalCheckFailed", "None", "None"]
    assert caught.value.reasons[0].item == {**A, "quantity": 2}
    assert not caught.value.conflict
    assert table.get(B) is not None


def test_reading_several_items_at_once(client, table):
    table.put({**A, "n": 1})
    assert client.transact_get([table.get_action(A), table.get_action(B)]) == [{**A, "n": 1}, None]


@pytest.mark.parametrize("count", [0, 101])
def test_too_few_or_too_many_actions_are_refused(client, table, count):
    with pytest.raises(errors.InvalidArgumentError, match="1 to 100"):
        client.transact_write([table.delete_action(A)] * count)


def insert(table_name, order_id):
    # Literals: moto does not know parameters in an INSERT.
    return f"INSERT INTO \"{table_name}\" VALUE {{'customer_id': 'C1', 'order_id': '{order_id}'}}"


def test_statements(client, table, table_name):
    client.execute(insert(table_name, "A")).page()
    select = f'SELECT * FROM "{table_name}" WHERE customer_id = ?'  # noqa: S608 - a test's own table
    assert client.execute(select, parameters=["C1"]).all() == [A]


def test_statements_in_a_batch_fail_each_on_its_own(client, table, table_name):
    results = client.batch_execute([(insert(table_name, "A"), []), (insert(f"{table_name}-x", "B"), [])])
    assert [result.error_code for result in results] == [None, "ResourceNotFound"]
    assert table.get(A) == A


def test_statements_in_a_transaction(client, table, table_name):
    client.execute_transaction([(insert(table_name, "A"), []), (insert(table_name, "B"), [])])
    assert table.get(A) == A
    assert table.get(B) == B
