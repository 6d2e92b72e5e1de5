"""Every illegal stack file is refused before the first resource, with where, what, why and what to write instead."""

import pytest

import settings


def put(values, path, value):
    """Set a value at a path of keys and positions."""
    *steps, last = path
    for step in steps:
        values = values[step]
    values[last] = value


ORDERS = ("holdfast:data", "tables", "orders")
CASES = {
    "a region that does not exist": (
        ("holdfast:regions", 1, "name"), "us-wets-2", "holdfast:regions[1].name", "not a region", "'us-west-2'",
    ),
    "the same region twice": (
        ("holdfast:regions", 2, "name"), "us-west-2", "holdfast:regions[2].name", "named twice", "remove one",
    ),
    "no home region": (
        ("holdfast:regions", 0, "home"), False, "holdfast:regions", "exactly one region is home", "home: true",
    ),
    "two home regions": (
        ("holdfast:regions", 1, "home"), True, "holdfast:regions[1].home", "got 2: us-east-1, us-west-2", "home: true",
    ),
    "overlapping networks": (
        ("holdfast:regions", 2, "cidr"), "10.20.128.0/17", "holdfast:regions[2].cidr", "overlaps 10.20.0.0/16 of us-west-2", "10.30.0.0/16",
    ),
    "a network that is none": (
        ("holdfast:regions", 2, "cidr"), "10.20.0.1/16", "holdfast:regions[2].cidr", "not an IPv4 network", "10.10.0.0/16",
    ),
    "a public network": (
        ("holdfast:regions", 2, "cidr"), "8.8.0.0/16", "holdfast:regions[2].cidr", "not a private network", "10.0.0.0/8",
    ),
    "tables handed over in the home region": (
        ("holdfast:stack", "hand_over_to"), "us-east-1", "holdfast:stack.hand_over_to", "is the home region", "us-west-2, eu-west-1",
    ),
    "tables handed over where none are": (
        ("holdfast:stack", "hand_over_to"), "eu-north-1", "holdfast:stack.hand_over_to", "is none", "us-west-2, eu-west-1",
    ),
    "logs kept for a time that CloudWatch does not know": (
        ("holdfast:network",), {"flow_logs_retention_days": 100}, "holdfast:network.flow_logs_retention_days",
        "keeps nothing for 100 days", "write 120",
    ),
    "a network that is too small": (
        ("holdfast:regions", 2, "cidr"), "10.30.0.0/24", "holdfast:regions[2].cidr", "three tiers", "/20",
    ),
    "a region without three zones": (
        ("holdfast:regions", 1), {"name": "us-west-1", "cidr": "10.20.0.0/16"}, "holdfast:regions[1].zones", "3 different zones", "choose a region",
    ),
    "a zone of another region": (
        ("holdfast:regions", 1, "zones"), ["us-west-2a", "us-west-2b", "us-east-1c"], "holdfast:regions[1].zones", "of us-west-2", "us-west-2a",
    ),
    "a recovery window of no days": (
        (*ORDERS, "point_in_time_recovery_days"), 0, "holdfast:data.tables.orders.point_in_time_recovery_days", "1 to 35", "write 35",
    ),
    "a recovery window above 35 days": (
        (*ORDERS, "point_in_time_recovery_days"), 36, "holdfast:data.tables.orders.point_in_time_recovery_days", "1 to 35", "write 35",
    ),
    "a shorter window with replicas": (
        (*ORDERS, "point_in_time_recovery_days"), 7, "holdfast:data.tables.orders.point_in_time_recovery_days", "regions would differ", "'replicas: []'",
    ),
    "a replica outside the stack": (
        (*ORDERS, "replicas"), ["us-west-2", "us-east-2"], "holdfast:data.tables.orders.replicas[1]", "it has us-east-1, us-west-2, eu-west-1", "choose one of those",
    ),
    "a replica in the home region": (
        (*ORDERS, "replicas"), ["us-east-1"], "holdfast:data.tables.orders.replicas[0]", "already holds", "remove it",
    ),
    "replicas without a stream": (
        (*ORDERS, "stream"), False, "holdfast:data.tables.orders.stream", "replication reads the stream", "write true",
    ),
    "an unknown key": (
        (*ORDERS, "ttl_atribute"), "x", "holdfast:data.tables.orders.ttl_atribute", "not a known key", "'ttl_attribute'",
    ),
    "an unknown layer": (
        ("holdfast:securty",), {}, "holdfast:securty", "not a key of this project", "'holdfast:security'",
    ),
    "an unknown word": (
        (*ORDERS, "consistency"), "stong", "holdfast:data.tables.orders.consistency", "not known here", "'strong'",
    ),
    "an account id without quotes": (
        ("holdfast:stack", "account_id"), 111122223333, "holdfast:stack.account_id", "must be a string", "quotes",
    ),
    "an account id of eleven digits": (
        ("holdfast:stack", "account_id"), "11112222333", "holdfast:stack.account_id", "not an AWS account id", "twelve",
    ),
    "a word for a number": (
        (*ORDERS, "point_in_time_recovery_days"), "35", "holdfast:data.tables.orders.point_in_time_recovery_days", "a whole number", "without quotes",
    ),
    "a word for a switch": (
        (*ORDERS, "deletion_protection"), "yes", "holdfast:data.tables.orders.deletion_protection", "true or false", "without quotes",
    ),
    "a list for a group": (
        ("holdfast:security",), [], "holdfast:security", "a group of keys", "indented",
    ),
    "a group for a list": (
        ("holdfast:regions",), {}, "holdfast:regions", "a list", "hyphen",
    ),
    "no regions": (
        ("holdfast:regions",), [], "holdfast:regions", "is empty", "at least one",
    ),
    "a table name that DynamoDB refuses": (
        (*ORDERS, "name"), "o!", "holdfast:data.tables.orders.name", "pattern", "matches",
    ),
    "a layer with nothing after its colon": (
        ("holdfast:security",), None, "holdfast:security", "a group of keys; got null", "{} for its defaults",
    ),
    "a port of a region that is not there": (
        ("holdfast:sandbox",), {"ports": {"eu-west-2": 4566}}, "holdfast:sandbox.ports.eu-west-2", "not a region of this stack", "choose",
    ),
    "one port for two regions": (
        ("holdfast:sandbox",), {"ports": {"us-east-1": 4566, "us-west-2": 4566}}, "holdfast:sandbox.ports.us-west-2", "is that of us-east-1", "another port",
    ),
    "a reserved port": (
        ("holdfast:sandbox",), {"ports": {"us-east-1": 80}}, "holdfast:sandbox.ports.us-east-1", "80", "1024",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_illegal_value_is_refused_with_path_rule_and_fix(case, legal, faults_of):
    path, value, where, rule, fix = CASES[case]
    put(legal, path, value)
    faults = faults_of(legal)
    assert list(faults) == [where]
    assert rule in faults[where].rule
    assert fix in faults[where].fix


def test_tables_need_the_security_layer(legal, faults_of):
    del legal["holdfast:security"]
    assert "stack's own keys" in faults_of(legal)["holdfast:security"].rule


def test_missing_root_keys_are_named(faults_of):
    assert set(faults_of({})) == {"holdfast:stack", "holdfast:regions"}


def test_missing_inner_key_is_named(legal, faults_of):
    del legal["holdfast:data"]["tables"]["orders"]["partition_key"]
    assert faults_of(legal)["holdfast:data.tables.orders.partition_key"].rule == "is missing"


def test_every_fault_is_told_at_once(legal, faults_of):
    legal["holdfast:stack"]["name_prefx"] = "a"
    legal["holdfast:regions"][2]["cidr"] = "10.10.0.0/16"
    legal["holdfast:data"]["tables"]["orders"]["replicas"] = ["us-east-2"]
    legal["holdfast:data"]["tables"]["orders"]["consistency"] = 7
    legal["holdfast:runtime"] = {"retries": {"max_retries": -1}}
    assert set(faults_of(legal)) == {
        "holdfast:stack.name_prefx",
        "holdfast:regions[2].cidr",
        "holdfast:data.tables.orders.replicas[0]",
        "holdfast:data.tables.orders.consistency",
        "holdfast:runtime.retries.max_retries",
    }


def test_a_region_that_is_none_does_not_hide_the_faults_of_the_others(legal, faults_of):
    legal["holdfast:regions"][1].update(name="us-mars-1", cidr="10.10.0.0/16")
    legal["holdfast:regions"][2]["home"] = True
    assert set(faults_of(legal)) == {"holdfast:regions[1].name", "holdfast:regions[1].cidr", "holdfast:regions[2].home"}


def test_a_fault_does_not_cause_another(legal, faults_of):
    legal["holdfast:regions"][0]["home"] = "yes"
    assert list(faults_of(legal)) == ["holdfast:regions[0].home"]


def test_index_rules(legal, faults_of):
    legal["holdfast:data"]["tables"]["orders"]["indexes"] = {
        "ByCustomer": {"partition_key": {"name": "customer_id", "type": "N"}},
        "Some": {"partition_key": {"name": "status"}, "projection": "INCLUDE"},
    }
    faults = faults_of(legal)
    assert "S elsewhere" in faults["holdfast:data.tables.orders.indexes.ByCustomer.partition_key.type"].rule
    assert "INCLUDE" in faults["holdfast:data.tables.orders.indexes.Some.included_attributes"].fix


def test_two_tables_of_one_name(legal, faults_of):
    tables = legal["holdfast:data"]["tables"]
    tables["copy"] = dict(tables["orders"])
    assert "already the table 'orders'" in faults_of(legal)["holdfast:data.tables.copy.name"].rule


def test_message_has_where_what_why_and_what_instead(legal):
    legal["holdfast:regions"][1]["name"] = "us-wets-2"
    with pytest.raises(settings.SettingsError) as caught:
        settings.parse(legal, "Pulumi.test.yaml")
    assert str(caught.value) == (
        "Pulumi.test.yaml: holdfast:regions[1].name\n  'us-wets-2' is not a region of AWS\n  write 'us-west-2'"
    )


def test_a_legal_stack_is_read(legal):
    wanted = settings.parse(legal, "Pulumi.test.yaml")
    assert wanted.region_names == ("us-east-1", "us-west-2", "eu-west-1")
    assert wanted.replica_regions("orders") == ("us-west-2", "eu-west-1")
    assert wanted.control_table_name == "shop-control"
    assert wanted.data.tables["orders"].point_in_time_recovery_days == 35
    assert wanted.network is None


def test_settings_cannot_be_changed(legal):
    wanted = settings.parse(legal, "Pulumi.test.yaml")
    with pytest.raises(ValueError, match="frozen"):
        wanted.stack.protect = False


LAYERS = {
    "a node type that DAX does not have": (
        {"holdfast:cache": {"dax": {"node_type": "dax.r5.lage"}}}, "holdfast:cache.dax.node_type", "not a node type", "dax.r5.large",
    ),
    "a cache of a table that is not there": (
        {"holdfast:cache": {"dax": {"tables": ["order"]}}}, "holdfast:cache.dax.tables[0]", "no table 'order'", "orders",
    ),
    "a global datastore on small nodes": (
        {"holdfast:cache": {"redis": {"node_type": "cache.t4g.small", "global_datastore": True}}},
        "holdfast:cache.redis.node_type", "r5, m5 and later", "cache.r7g.large",
    ),
    "a layer without what it stands on": (
        {"holdfast:cost": {}}, "holdfast:monitoring", "holdfast:cost stands on it", "remove holdfast:cost",
    ),
    "DNS slower than the objective": (
        {"holdfast:recovery": {"dns": {"zone": "a.example.com", "ttl_seconds": 30}}},
        "holdfast:recovery.dns.ttl_seconds", "30 s x 3 + 30 s = 120 s", "write 29 or less",
    ),
    "a continent of a region that is not there": (
        {"holdfast:recovery": {"dns": {"zone": "a.example.com", "continents": {"eu-west-2": "EU"}}}},
        "holdfast:recovery.dns.continents.eu-west-2", "not a region of this stack", "choose one",
    ),
    "a standby that is home": (
        {"holdfast:recovery": {"region_switch": {"standby": "us-east-1"}}},
        "holdfast:recovery.region_switch.standby", "another region of this stack than home", "us-west-2, eu-west-1",
    ),
    "clusters without a zone for their certificate": (
        {"holdfast:network": {}, "holdfast:compute": {}, "holdfast:recovery": {}},
        "holdfast:recovery.dns", "need a certificate", "dns: {zone:",
    ),
    "a backup copy at home": (
        {"backup": {"copy_region": "us-east-1"}}, "holdfast:data.backup.copy_region", "lost with it", "another region",
    ),
    "cold storage that is too short": (
        {"backup": {"copy_region": "us-west-2", "monthly": {"schedule": "cron(0 5 1 * ? *)", "delete_after_days": 60, "cold_after_days": 30}}},
        "holdfast:data.backup.monthly.delete_after_days", "stays there 90 days", "write 120 or more",
    ),
    "a retention that the lock refuses": (
        {"backup": {"copy_region": "us-west-2", "weekly": {"schedule": "cron(0 5 ? * SUN *)", "delete_after_days": 500}}},
        "holdfast:data.backup.weekly.delete_after_days", "the locked vault accepts 7 to 400", "within the lock",
    ),
    "item access to a table that is not there": (
        {"holdfast:security": {"item_access": {"me": {"table": "x", "session_tag": "id", "attributes": ["id"]}}}},
        "holdfast:security.item_access.me.table", "no table 'x'", "orders",
    ),
    "item access without the keys": (
        {"holdfast:security": {"item_access": {"me": {"table": "orders", "session_tag": "id", "attributes": ["customer_id"]}}}},
        "holdfast:security.item_access.me.attributes", "'order_id'", "add order_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LAYERS)
def test_layers_that_do_not_fit_are_refused(case, legal, faults_of):
    change, where, rule, fix = LAYERS[case]
    legal.setdefault("holdfast:network", {})
    for key, value in change.items():
        if key == "backup":
            legal["holdfast:data"]["backup"] = value
        else:
            legal[key] = value
    faults = faults_of(legal)
    assert list(faults) == [where]
    assert rule in faults[where].rule
    assert fix in faults[where].fix


TABLES = {
    "strong in other regions": ({"consistency": "strong"}, "consistency", "of one region set", "us-east-1, us-east-2, us-west-2"),
    "a witness of an eventual table": ({"witness": "us-east-2"}, "witness", "only a strongly consistent", "remove it"),
    "homes in a region without the table": (
        {"home_regions": {"spread": ["us-east-1", "us-east-2"]}}, "home_regions.spread[1]", "does not hold the table", "choose one",
    ),
    "a prefix that leads nowhere": (
        {"home_regions": {"prefixes": {"eu-": "eu-west-2"}}}, "home_regions.prefixes.eu-", "does not hold the table", "choose one",
    ),
    "homes over one region twice": (
        {"home_regions": {"spread": ["us-east-1", "us-east-1"]}}, "home_regions.spread", "twice", "once",
    ),
    "homes of keys that are numbers": (
        {"home_regions": {"spread": ["us-east-1"]}, "partition_key": {"name": "customer_id", "type": "N"}}, "home_regions", "is no string", "type: S",
    ),
    "homes of a strong table": (
        {"home_regions": {"spread": ["us-east-1"]}, "consistency": "strong"}, "home_regions", "refuses conflicting writes itself", "remove",
    ),
    "ceilings of a provisioned table": (
        {
            "ceilings": {"read_units": 1, "write_units": 1},
            "provisioned": {"read": {"initial": 1, "minimum": 1, "maximum": 1}, "write": {"initial": 1, "minimum": 1, "maximum": 1}},
        },
        "ceilings", "goes with on-demand", "remove it",
    ),
    "capacity that does not ascend": (
        {"provisioned": {"read": {"initial": 1, "minimum": 5, "maximum": 9}, "write": {"initial": 1, "minimum": 1, "maximum": 1}}},
        "provisioned.read", "must ascend", "minimum <= initial <= maximum",
    ),
    "warm throughput above the quota of a replica": (
        {"warm_throughput": {"read_units": 50000, "write_units": 4000}}, "warm_throughput", "a replica hangs", "40000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_tables_that_cannot_be_are_refused(case, legal, faults_of):
    change, where, rule, fix = TABLES[case]
    legal["holdfast:data"]["tables"]["orders"].update(change)
    fault = faults_of(legal)[f"holdfast:data.tables.orders.{where}"]
    assert rule in fault.rule
    assert fix in fault.fix
