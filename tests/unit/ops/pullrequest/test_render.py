import re
from dataclasses import replace

import pytest

from ops.pullrequest.model import Change, CostChange, Judgement, Note, Past, Preview
from ops.pullrequest.render import render

OPS = ("create", "update", "replace", "delete")


def changes(number: int) -> tuple[Change, ...]:
    return tuple(
        Change(
            op=OPS[index % 4],
            type="aws:cloudwatch/metricAlarm:MetricAlarm",
            name=f"us-east-1-alarm-number-{index:05}-with-a-long-name",
            region=("us-east-1", "us-west-2", "eu-west-1", "global")[index % 4],
            layer=("monitoring", "data")[index % 2],
            touched=("~threshold", "~tags"),
            diff=(f"- threshold: {index}", f"+ threshold: {index + 1}"),
        )
        for index in range(number)
    )


def note(*previews: Preview, **more: object) -> Note:
    return Note(commit="0123456789abcdef", order=3, at="2026-01-02 03:04", previews=previews, **more)  # type: ignore[arg-type]


def preview(number: int, **more: object) -> Preview:
    return Preview(stack="prod", ok=True, changes=changes(number), unchanged=1, **more)  # type: ignore[arg-type]


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"^\|[+~-]{1,2}\|[a-z]", line)]


def hidden(text: str, what: str) -> int:
    return sum(int(number) for number in re.findall(rf"_(\d+) {what} not shown", text))


@pytest.mark.parametrize(("number", "room"), [(0, 30_000), (1, 30_000), (300, 30_000), (301, 60_000), (3_000, 60_000)])
def test_it_fits_and_every_row_is_there_or_counted(number: int, room: int) -> None:
    text = render(note(preview(number)))
    assert len(text) <= room
    assert len(rows(text)) + hidden(text, "rows") == number
    assert all(line.count("|") == 5 and line.endswith("|") for line in rows(text))
    blocks = text.count("\n@@ ")
    assert blocks + hidden(text, "diffs") == number
    assert text.count("```") == 2 * blocks
    assert text.count("<details") == text.count("</details>")


def test_all_of_300_rows_are_shown() -> None:
    shorter = tuple(replace(one, name=one.name.removesuffix("-with-a-long-name")) for one in changes(300))
    assert len(rows(render(note(replace(preview(300), changes=shorter))))) == 300


@pytest.mark.parametrize("room", range(4_000, 33_000, 1_733))
def test_any_room_is_kept(room: int) -> None:
    text = render(note(preview(900)), room=room)
    assert len(text) <= room
    assert len(rows(text)) + hidden(text, "rows") == 900


def test_what_holds_data_is_named_in_the_first_ten_lines_and_shown_before_the_rest() -> None:
    lost = Change(
        op="replace",
        type="aws:dynamodb/table:Table",
        name="table-orders",
        region="us-east-1",
        layer="data",
        forcing=("hashKey",),
        holds_data=True,
    )
    text = render(note(replace(preview(3_000), changes=(*changes(3_000), lost))))
    head = "\n".join(text.splitlines()[:10])
    assert "`table-orders`" in head
    assert "`hashKey`" in head
    assert "751 to replace, 750 to delete, 750 to update, 750 to create" in head
    assert any("`table-orders`" in row and "holds data" in row for row in rows(text))


def test_many_losses_are_named_or_counted_in_the_headline() -> None:
    lost = tuple(replace(one, holds_data=True, op="delete") for one in changes(40))
    head = "\n".join(render(note(replace(preview(0), changes=lost))).splitlines()[:10])
    assert "40 resources that hold data" in head
    assert head.count("`us-east-1-alarm") == 12
    assert "and 28 more" in head


def test_findings_costs_history_and_the_log_are_told() -> None:
    judged = preview(
        2,
        findings=(
            Judgement(
                level="mandatory", policy="recovery/dynamodb-pitr", message="Fix: turn it on.", resources=("a", "b")
            ),
            Judgement(level="advisory", policy="operations/budget-alarm", message="none", resources=("c",)),
        ),
        cost=CostChange(before=100.0, after=1_250.5),
    )
    text = render(
        note(
            judged,
            log_url="https://ci.example/1",
            history=(Past(commit="fedcba", at="2026-01-01 00:00", told="1 to create"),),
        )
    )
    assert "**2** mandatory, **1** advisory" in text
    assert "+$1,150.50 ($100.00 → $1,250.50)" in text
    assert "[full log](https://ci.example/1)" in text
    assert "|`fedcba`|2026-01-01 00:00|1 to create|" in text
    assert text.index("dynamodb-pitr") < text.index("||resource|name|what|") < text.index("budget-alarm")


def test_a_failed_preview_says_why() -> None:
    text = render(note(Preview(stack="dev", ok=False, changes=(), unchanged=0, errors=("no such table <x>",))))
    assert "failed: dev" in text.splitlines()[1]
    assert "no such table &lt;x&gt;" in text


def test_names_cannot_smuggle_markup() -> None:
    nasty = "@everyone | `<img src=x>` --> <!-- [a](http://b) ```"
    change = Change(
        op="update",
        type="aws:s3/bucket:Bucket",
        name=nasty,
        region="global",
        layer="data",
        diff=("+ a: ```", "- b: ````"),
    )
    finding = Judgement(level="mandatory", policy="p/q", message=nasty, resources=(nasty,))
    text = render(note(Preview(stack="prod", ok=True, changes=(change,), unchanged=0, findings=(finding,))))
    outside = re.sub(r"(`{5})diff.*?\1", "", text, flags=re.DOTALL)
    assert "`````diff" in text
    bare = re.sub(r"`[^`\n]*`", "", outside)
    assert "@everyone" not in bare
    assert "<img" not in bare
    assert text.count("<!--") - text.count("`@everyone") <= 1 + text.count("<!-- [a]")
    assert all(line.count("|") == 5 for line in rows(text))
