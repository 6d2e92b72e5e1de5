"""What the policies find, as the page lists it: what is wrong, and what to write instead."""

from __future__ import annotations

import re
from types import SimpleNamespace

from holdfast_policies.deployment import judge_deployment
from ops.report.findings import NAMED, ROWS, findings

TABLE = "aws:dynamodb/table:Table"


def state(*tables):
    return {
        "resources": [
            {"urn": f"urn:pulumi:t::p::{TABLE}::{name}", "type": TABLE, "inputs": {"name": name, "hashKey": "pk"}}
            for name in tables
        ]
    }


def rows(page):
    """The cells of each row, without the markup."""
    body = page.partition("<tbody>")[2]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]


def shown(*tables):
    judged = judge_deployment(state(*tables))
    return judged, rows(findings(SimpleNamespace(policies=judged)))


def test_each_finding_is_in_a_row_with_what_to_write_instead():
    judged, listed = shown("orders")
    assert len(judged.findings) > 10
    told = {(cells[0], cells[4]) for cells in listed}
    # Where the table is cut, the caption says so; here it is not.
    assert len(listed) < ROWS
    for one in judged.findings:
        fix = f"{one.rule.fix}.".replace("'", "&#x27;").replace(">", "&gt;").replace("<", "&lt;")
        assert (one.rule.name, fix) in told


def test_what_stops_a_deployment_comes_first():
    judged, listed = shown("orders")
    levels = ["mandatory" in cells[1] for cells in listed]
    assert judged.mandatory
    assert levels == sorted(levels, reverse=True)
    assert not all(levels)


def test_resources_of_which_a_rule_says_the_same_share_a_row():
    names = [f"t{number}" for number in range(NAMED + 3)]
    _, listed = shown(*names)
    (cells,) = [cells for cells in listed if cells[0] == "dynamodb-pitr"]
    assert cells[2] == f"{', '.join(names[:NAMED])} and 3 more"


def test_nothing_found_and_nothing_known_are_told_apart():
    none = findings(SimpleNamespace(policies=judge_deployment({"resources": []})))
    assert re.search(r"None: \d+ rules over 0 resources", none)
    assert "Not known: nothing is deployed" in findings(SimpleNamespace(policies=None))
