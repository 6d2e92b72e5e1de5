from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from typer.testing import CliRunner

from ops.capacity.command import analyse
from ops.capacity.hot_keys import HotKey, HotKeys
from ops.capacity.load import Load, Place
from ops.capacity.page import document as capacity_page
from ops.commands.report import app
from ops.report.command import MOST_BYTES, document
from ops.report.gather import gather
from ops.report.lag import measured
from ops.report.places import WHERE
from ops.workspace import Workspace
from settings.data import TableSettings

ROOT = Path(__file__).parents[4]
MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
NASTY = "<script>alert(1)</script>"


def resource(kind, name, /, region="us-east-1", layer="data", **inputs):
    return {
        "urn": f"urn:pulumi:prod::holdfast::holdfast:{layer}:{layer.title()}Layer${kind}::{name}",
        "type": kind, "custom": True, "inputs": inputs, "outputs": inputs,
        "provider": f"urn:pulumi:prod::holdfast::pulumi:providers:aws::{region}::id",
    }  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    """A stack with a state, a proof with its history, and two drills; one resource has a name that is markup."""
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    made = Workspace(project=tmp_path, stack="prod")
    resources = [
        resource("aws:dynamodb/table:Table", "table-orders", name="orders-production", billingMode="PAY_PER_REQUEST"),
        resource("aws:ec2/natGateway:NatGateway", NASTY, layer="network"),
        resource("aws:opensearch/domain:Domain", "search"),
        resource("aws:dax/cluster:Cluster", "dax", layer="cache", nodeType="dax.r5.large", replicationFactor=3),
        *(resource("aws:ec2/vpc:Vpc", f"{region}-vpc", region=region, layer="network") for region in REGIONS),
    ]
    made.root.mkdir(parents=True)
    (made.root / "export.json").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    drills = made.evidence / "drills"
    drills.mkdir(parents=True)
    for number, met in enumerate((True, False)):
        figures = {"rto": {"serving": 1.5}, "at_risk": {"orders": ["a"], "oldest_seconds": 0.1}, "lost": []}
        evidence = {
            "id": f"d{number}", "ok": met, "started": f"2026-11-{10 + number}T10:00:00+00:00",
            "scenario": {"name": "region-loss"}, "figures": figures,
        }  # fmt: skip
        (drills / f"d{number}.json").write_text(json.dumps({"evidence": evidence, "signature": {}}))
    (drills / "broken.json").write_text("{")
    pairs = [{"from": one, "to": other, "median_ms": 115.1} for one in REGIONS for other in REGIONS if one != other]
    proof = {"ok": True, "started": "2026-11-20T10:00:00+00:00", "failover": {"seconds": 1.2}, "lag": {"pairs": pairs}}
    (made.evidence / "up.json").write_text(json.dumps({"proof": proof}))
    lines = [
        json.dumps({"done": 100 + number / 10, "status": 201, "region": REGIONS[number // 100]})
        for number in range(300)
    ]
    (made.evidence / "up.history.jsonl").write_text("\n".join(lines))
    return made


@pytest.fixture
def made(workspace):
    return document(gather(workspace, state=workspace.root / "export.json", made=MADE))


class Outline(HTMLParser):
    """What the page holds, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.targets = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        self.targets += [found[name] for name in ("src", "href", "action", "data", "poster") if name in found]

    handle_startendtag = handle_starttag


def test_it_asks_for_nothing_runs_nothing_and_is_small(made):
    outline = Outline(made)
    names = {name for name, _ in outline.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "video"}
    assert outline.targets
    assert all(target.startswith("#") for target in outline.targets)
    assert not re.search(r"https?://|url\(|@import|\son[a-z]+=", made)
    assert len(made.encode()) <= MOST_BYTES


def test_every_chart_has_its_table_beneath(made):
    names = [name for name, _ in Outline(made).tags]
    figures = [index for index, name in enumerate(names) if name == "figure"]
    assert len(figures) == 5
    for start in figures:
        inside = names[start:]
        assert inside.index("svg") < inside.index("table")
        assert "figure" not in inside[1 : inside.index("table")]


def test_every_anchor_is_there_once(made):
    outline = Outline(made)
    assert len(outline.ids) == len(set(outline.ids))
    assert [target[1:] for target in outline.targets] == outline.ids
    assert outline.ids == ["summary", "map", "findings", "costs", "drills", "readiness", "lag"]


def test_it_tells_what_was_found(made):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", made))
    for fact in (
        "us-east-1, home", "not ready", "10,000 USD", "region-loss", "1.50 s", "not met", "11 days ago", "115 ms",
        "Not priced: 1 of aws:opensearch/domain:Domain", "prices unconfirmed", "writes flowed again 1.2 s",
        "point-in-time-recovery", "overdue",
    ):  # fmt: skip
        assert fact in text, fact
    assert "&lt;script&gt;alert(1)" in made


def test_two_runs_are_equal_to_the_byte(workspace, made):
    assert document(gather(workspace, state=workspace.root / "export.json", made=MADE)) == made


def test_evidence_that_is_missing_is_said_and_not_invented(workspace):
    shutil.rmtree(workspace.evidence)
    text = document(gather(workspace, state=workspace.root / "export.json", made=MADE))
    assert "No drill was run." in text
    assert "Failover not measured" in text


def test_the_command_writes_the_page(workspace, monkeypatch):
    monkeypatch.chdir(workspace.project)
    out = workspace.project / "page.html"
    words = ["--state", str(workspace.root / "export.json"), "--out", str(out), "--stack", "prod", "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["bytes"] == len(out.read_bytes())
    assert told["deployed"] is True
    assert {one["rule"] for one in told["findings"]} >= {"dynamodb-on-demand-maximum", "required-tags"}
    assert all(one["problem"] and one["fix"] for one in told["findings"])
    told = CliRunner().invoke(app, words[:-1], catch_exceptions=False).stdout
    assert "- table-orders (aws:dynamodb/table:Table) " in told
    assert "  Fix: " in told


class CloudWatch:
    def __init__(self, broken):
        self.broken = broken

    def get_metric_data(self, *, MetricDataQueries, StartTime, **_words):  # noqa: N803
        if self.broken:
            raise EndpointConnectionError(endpoint_url="https://monitoring.example.com")
        moments = [StartTime + timedelta(hours=6)]
        return {
            "MetricDataResults": [
                {"Id": one["Id"], "Timestamps": moments, "Values": [812.0]} for one in MetricDataQueries
            ]
        }


def test_the_lag_of_the_last_day_is_asked_in_every_region():
    clients = {region: CloudWatch(region == "eu-west-1") for region in REGIONS}
    estate = SimpleNamespace(regions=list(REGIONS), client=lambda _service, region: clients[region])
    found, unknown = measured(estate, "orders", until=MADE)
    assert found["us-east-1 to us-west-2"] == [(6.0, 812.0)]
    assert len(found) == 4
    assert len(unknown) == 1
    assert unknown[0].startswith("eu-west-1: ")


def test_the_lag_of_a_running_stack_is_drawn_with_its_points(workspace, monkeypatch):
    """As CloudWatch answers botocore: a line for each pair, the objective across it, the figures beneath."""
    made = datetime(2026, 11, 21, 12, tzinfo=UTC)
    lags = {("us-east-1", "us-west-2"): [400.0, 900.0, 1600.0], ("us-east-1", "eu-west-1"): [700.0, 800.0, 600.0]}
    clients = {}
    for source in REGIONS:
        client = boto3.client("cloudwatch", source, aws_access_key_id="a", aws_secret_access_key="b")
        others = [region for region in REGIONS if region != source]
        results = [
            {
                "Id": f"l{number}",
                "Timestamps": [made - timedelta(hours=24 - at) for at in (0, 6, 12)] if (source, other) in lags else [],
                "Values": lags.get((source, other), []),
            }
            for number, other in enumerate(others)
        ]
        stub = Stubber(client)
        stub.add_response("get_metric_data", {"MetricDataResults": results})
        stub.activate()
        clients[source] = client
    estate = SimpleNamespace(regions=list(REGIONS), client=lambda _service, region: clients[region])
    monkeypatch.setattr("ops.estate.access.open_estate", lambda _workspace, *, topology: estate)
    found = gather(workspace, state=workspace.root / "export.json", made=made, topology=workspace.root / "t.json")
    assert found.lag_today == {
        "us-east-1 to us-west-2": [(0.0, 400.0), (6.0, 900.0), (12.0, 1600.0)],
        "us-east-1 to eu-west-1": [(0.0, 700.0), (6.0, 800.0), (12.0, 600.0)],
    }
    assert found.lag_unknown == []
    text = document(found)
    chart = text[text.index("Replication lag of the last day") :]
    drawn = re.findall(r'<polyline points="([^"]+)"', chart)[:2]
    points = [[tuple(map(float, point.split(","))) for point in one.split()] for one in drawn]
    # Sorted by name: eu-west-1 first. The same hours stand above one another, and what is later is higher up.
    assert [[at for at, _ in one] for one in points] == [[points[0][0][0], points[0][1][0], points[0][2][0]]] * 2
    first, second = ([level for _, level in one] for one in points)
    assert first[1] < first[0] < first[2]
    assert second[0] > second[1] > second[2]
    # Heights are in proportion: 400, 900 and 1,600 ms.
    assert (second[0] - second[2]) / (second[0] - second[1]) == pytest.approx(1200 / 500, rel=0.01)
    limit = float(re.search(r'y1="([\d.]+)" y2="[\d.]+" class="limit"', chart)[1])
    assert second[2] < limit < second[1]  # the objective of 1,000 ms
    rows = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", chart))
    for fact in ("us-east-1 to eu-west-1", "1,600", "900", "600"):
        assert fact in rows
    assert 'class="limit"' in chart


def test_every_region_of_aws_has_its_place():
    from awsfacts.regions import REGIONS as ALL

    assert WHERE.keys() == ALL


VIEWS = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"width": 320, "height": 700},
    "phone-dark": {"width": 320, "height": 700, "dark": True},
    "print": {"media": "print", "width": 794, "height": 1123},
}


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_chromium_and_axe_find_nothing_wrong(browser, axe, made, tmp_path, view):
    path = tmp_path / "report.html"
    path.write_text(made)
    browser.open(path, **VIEWS[view])
    artifacts = Path(os.environ.get("HOLDFAST_ARTIFACTS", ROOT / ".holdfast" / "artifacts"))
    artifacts.mkdir(parents=True, exist_ok=True)
    browser.screenshot(artifacts / f"report-{view}.png")
    assert browser.complaints == []
    assert browser.requests == []
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    browser.value(f"{axe};0")
    found = browser.value("axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_the_page_of_capacity_is_as_sound(browser, axe, tmp_path, view):
    loads = {
        Place("orders", index, region): Load(
            interval=300, start=MADE, read=[float(step % 50) for step in range(600)], write=[5.0] * 600
        )
        for index in ("", "ByDate")
        for region in REGIONS
    }
    tables = {"orders": TableSettings(name="orders", partition_key={"name": "pk"})}
    hot = HotKeys(
        keys=(HotKey(table="orders", region="us-east-1", kind="accessed", key=NASTY, share=0.5),), unknown=("x",)
    )
    path = tmp_path / "capacity.html"
    path.write_text(capacity_page(analyse("prod", loads, tables, replicated={"orders": True}, hot=hot), made=MADE))
    browser.open(path, **VIEWS[view])
    assert (browser.complaints, browser.requests) == ([], [])
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    browser.value(f"{axe};0")
    assert browser.value("axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))") == []


@pytest.mark.slow
def test_axe_would_find_what_is_wrong(browser, axe, tmp_path):
    """The check itself: grey on white, and a picture without a name."""
    path = tmp_path / "wrong.html"
    path.write_text("<html><body><p style='color:#ccc;background:#fff'>grey</p><svg role=img></svg></body></html>")
    browser.open(path)
    browser.value(f"{axe};0")
    found = browser.value("axe.run(document).then(r => r.violations.map(v => v.id))")
    assert {"color-contrast", "svg-img-alt", "html-has-lang"} <= set(found)
