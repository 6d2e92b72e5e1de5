from sandbox.codec import Secret
from sandbox.provider.aws.dynamodb import TABLE
from sandbox.provider.drift import drifted, observed_inputs, observed_outputs
from sandbox.provider.sdk import catalogue

INFO = catalogue("aws").find("aws:dynamodb/table:Table")


def test_what_the_cloud_says_in_other_words_is_no_drift():
    state = {
        "name": "x",
        "ttl": {"attributeName": "t", "enabled": True},
        "tags": {},
        "deletionProtectionEnabled": False,
    }
    seen = {"ttl": {"attributeName": "t", "enabled": True}, "deletionProtectionEnabled": False, "tags": {}}
    assert drifted(INFO, TABLE, state, seen) == set()


def test_fields_that_the_program_never_gave_are_no_drift():
    state = {"pointInTimeRecovery": {"enabled": True}}
    seen = {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7}}
    assert drifted(INFO, TABLE, state, seen) == set()


def test_a_tag_that_somebody_added_is_drift():
    assert drifted(INFO, TABLE, {"tags": {"a": "b"}}, {"tags": {"a": "b", "c": "d"}}) == {"tags"}


def test_drift_reaches_inputs_and_outputs():
    state = {"name": "x", "deletionProtectionEnabled": True, "arn": "a"}
    seen = {"deletionProtectionEnabled": False, "arn": "a", "streamArn": "s"}
    assert observed_outputs(INFO, TABLE, state, seen)["deletionProtectionEnabled"] is False
    assert observed_outputs(INFO, TABLE, state, seen)["streamArn"] == "s"
    inputs = observed_inputs(INFO, TABLE, state, {"name": "x", "deletionProtectionEnabled": True}, seen)
    assert inputs == {"name": "x", "deletionProtectionEnabled": False}


def test_what_is_gone_leaves_the_inputs():
    inputs = observed_inputs(INFO, TABLE, {"tags": {"a": "b"}}, {"tags": {"a": "b"}}, {"tags": {}})
    assert inputs == {}


def test_a_secret_stays_one_when_it_drifts():
    inputs = observed_inputs(INFO, TABLE, {"name": Secret("a")}, {"name": Secret("a")}, {"name": "b"})
    assert inputs == {"name": Secret("b")}


def test_an_imported_resource_gets_what_is_observed_beyond_the_defaults():
    seen = {"name": "x", "hashKey": "pk", "deletionProtectionEnabled": False, "tags": {}}
    assert observed_inputs(INFO, TABLE, {}, {}, seen) == {"name": "x", "hashKey": "pk"}
