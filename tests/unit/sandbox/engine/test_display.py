"""What a person reads of a run."""

import re

import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.engine import Diagnostic, Event, Finding, Op, Outcome, Step, losses
from sandbox.engine.display import Style, by_place, diff_lines, lines, place_lines, progress_line, report, tree_lines
from sandbox.engine.run import count

BASE = "urn:pulumi:prod::holdfast::"
STACK = f"{BASE}pulumi:pulumi:Stack::holdfast-prod"
REGION = f"{BASE}holdfast:platform:Region::us-east-1"
LAYER = f"{BASE}holdfast:platform:Region$holdfast:data:DataLayer::us-east-1-data"
TABLE = f"{BASE}holdfast:platform:Region$holdfast:data:DataLayer$aws:dynamodb/table:Table::orders"


def step(op, urn, parent="", **fields):
    type_ = urn.split("::")[2].rsplit("$", 1)[-1]
    defaults = {"custom": type_.startswith("aws:")}
    return Step(op=op, urn=urn, type=type_, name=urn.rsplit("::", 1)[-1], parent=parent, **(defaults | fields))


def outcome(*steps, run="preview", **fields):
    return Outcome(run=run, ok=True, steps=steps, counts=count(steps), **fields)


def whole(*table):
    return outcome(
        step(Op.SAME, STACK),
        step(Op.SAME, REGION, STACK),
        step(Op.SAME, LAYER, REGION),
        *table,
    )


REPLACED = step(
    Op.REPLACE,
    TABLE,
    LAYER,
    protect=True,
    id="orders",
    old_inputs={"hashKey": "a", "tags": {"x": "1"}, "word": Secret("hunter2")},
    new_inputs={"hashKey": UNKNOWN, "tags": {"x": "1", "y": "2"}, "word": Secret("hunter3")},
    detailed_diff={"hashKey": "update-replace", "tags.y": "add", "word": "update"},
    keys=("hashKey",),
)


def test_a_tree_shows_what_changes_under_its_parents():
    shown = tree_lines(whole(step(Op.CREATE, TABLE, LAYER)))
    assert [re.split(r"\s{2,}", line.strip())[0] for line in shown] == [
        "Type",
        "pulumi:pulumi:Stack",
        "└─ holdfast:platform:Region",
        "└─ holdfast:data:DataLayer",
        "+",
    ]
    assert shown[-1].split() == ["+", "└─", "aws:dynamodb/table:Table", "orders", "create"]


def test_nothing_to_do_shows_no_tree_and_says_so():
    shown = lines(whole())
    assert shown[-1].strip() == "3 unchanged"
    assert not any("├" in line or "└" in line for line in shown)


def test_unchanged_resources_are_shown_where_asked():
    assert len(tree_lines(whole(), sames=True)) == 4


def test_the_loss_of_data_comes_first_and_in_red():
    shown = report(whole(REPLACED), Style(color=True))
    assert "DATA LOSS: 1 resource that holds data would be lost" in shown[2]
    assert "\x1b[31m" in shown[2]
    assert "orders  (replaced for hashKey, protected)" in shown[3]


@pytest.mark.parametrize(
    ("op", "fields", "lost"),
    [
        (Op.REPLACE, {}, 1),
        (Op.DELETE, {}, 1),
        (Op.DELETE, {"retain": True}, 0),
        (Op.UPDATE, {}, 0),
        (Op.DELETE_REPLACED, {}, 0),
    ],
)
def test_what_counts_as_a_loss(op, fields, lost):
    assert len(losses([step(op, TABLE, LAYER, **fields)])) == lost
    assert losses([step(op, TABLE.replace("table:Table", "tag:Tag"), LAYER, **fields)]) == ()


def test_a_diff_shows_paths_values_and_what_forces():
    shown = "\n".join(diff_lines(whole(REPLACED)))
    assert '~ hashKey: "a" => output<unknown> (forces replacement)' in shown
    assert '+ tags.y: "2"' in shown
    assert "~ word: [secret] => [secret]" in shown
    assert "hunter" not in shown


def test_a_creation_is_shown_with_all_that_it_sets():
    made = step(Op.CREATE, TABLE, LAYER, new_inputs={"name": "o", "deep": {"list": [1, {"a": None}]}, "__x": 1})
    shown = "\n".join(diff_lines(whole(made)))
    assert 'name: "o"' in shown
    assert "[1]: {" in shown
    assert "a: <null>" in shown
    assert "__x" not in shown


def finding(name, level="advisory", policy="tags", **fields):
    text = f"{name} lacks tags. Fix: add the missing tags"
    return Finding(
        pack="p", policy=policy, level=level, severity="low", urn=f"{BASE}a:b:C::{name}", message=text, **fields
    )


def test_advice_is_grouped_and_what_blocks_comes_last():
    found = [finding(f"r{number}") for number in range(7)]
    result = outcome(step(Op.SAME, STACK), findings=(finding("bad", "mandatory", "keys"), *found))
    shown = lines(result)
    text = "\n".join(shown)
    assert "[advisory] low  p/tags  (7 resources)" in text
    assert "r0, r1, r2, r3, r4 and 2 more" in text
    assert text.count("Fix: add the missing tags") == 2
    assert text.index("p/tags") < text.index("p/keys") < text.index("Resources:")
    assert "\n".join(report(result, verbose=True)).count("Fix:") == 8


def test_a_fixed_resource_does_not_block():
    fixed = finding("a", "mandatory", remediated=True)
    assert not fixed.blocking
    assert "[remediated]" in "\n".join(lines(outcome(step(Op.SAME, STACK), findings=(fixed,))))


def test_diagnostics_are_by_resource():
    said = (Diagnostic(severity="error", message="no\nway", urn=TABLE), Diagnostic(severity="info", message="hello"))
    text = "\n".join(lines(outcome(step(Op.SAME, STACK), diagnostics=said)))
    assert "aws:dynamodb/table:Table (orders):\n    error: no\n    way" in text
    assert "the stack:\n    hello" in text


def test_outputs_show_how_they_differ_and_hide_secrets():
    result = outcome(
        step(Op.SAME, STACK),
        old_outputs={"gone": 1, "kept": 1, "moved": 1},
        outputs={"kept": 1, "moved": 2, "new": Secret("hunter2")},
    )
    text = "\n".join(lines(result))
    assert "- gone: 1" in text
    assert "~ moved: 1 => 2" in text
    assert "+ new: [secret]" in text
    assert "kept" not in text


def test_counts_are_of_logical_steps():
    result = whole(REPLACED, step(Op.CREATE_REPLACEMENT, TABLE, LAYER), step(Op.DELETE_REPLACED, TABLE, LAYER))
    assert result.counts == {"same": 3, "replace": 1}
    assert result.changes == 1
    assert "+- 1 to replace" in "\n".join(lines(result))


def test_a_summary_by_region_and_layer():
    key = f"{BASE}holdfast:platform:Foundation$aws:kms/key:Key::key"
    result = whole(step(Op.CREATE, TABLE, LAYER), step(Op.UPDATE, key))
    found = {(place.region, place.layer): dict(counts) for place, counts in by_place(result).items()}
    assert found == {("us-east-1", "data"): {"create": 1}, ("global", "platform"): {"update": 1}}
    assert any("us-east-1" in line and "+1" in line for line in place_lines(result))


def test_json_holds_no_secret():
    text = str(whole(REPLACED).to_json())
    assert "hunter" not in text
    assert "[secret]" in text
    assert "output<unknown>" in text


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event(kind="step-done", step=step(Op.CREATE, TABLE)), " +  aws:dynamodb/table:Table  orders  created"),
        (Event(kind="step-failed", step=step(Op.UPDATE, TABLE)), " ~  aws:dynamodb/table:Table  orders  failed"),
        (Event(kind="step-done", step=step(Op.SAME, TABLE)), None),
        (Event(kind="step-start", step=step(Op.CREATE, TABLE)), None),
        (Event(kind="diagnostic", diagnostic=Diagnostic(severity="error", message="no\nway")), "error: no"),
        (Event(kind="diagnostic", diagnostic=Diagnostic(severity="info", message="hi")), None),
    ],
)
def test_progress(event, expected):
    assert progress_line(event) == expected


def test_an_event_is_one_line_of_a_log():
    line = Event(kind="step-done", step=REPLACED).to_json()
    assert line["step"]["op"] == "replace"
    assert "hunter" not in str(line)
