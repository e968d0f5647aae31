"""Prometheus's side: what it scrapes, what it records, and when it wakes somebody."""

import re

import pytest
import yaml

from workers.monitor.metrics import Look, exposition
from workers.monitor.snapshot import take_snapshot
from workers.settings import Settings

PROMETHEUS = "deploy/prometheus"
SUFFIXES = ("", "_bucket", "_count", "_sum")


@pytest.fixture
def told(redis_client):
    """The names of all metrics on /metrics, also of those without a value now."""
    text = exposition(take_snapshot(redis_client, Settings()), Look(seconds=0.1)).decode()
    return set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))


def test_promtool_accepts_rules_and_configuration(promtool, repository):
    """Prometheus would start with them."""
    promtool("check", "rules", str(repository / PROMETHEUS / "pagemill.rules.yml"))
    promtool("check", "config", "--syntax-only", str(repository / PROMETHEUS / "prometheus.yml"))


def test_every_alert_fires_in_trouble_and_not_beside_it(promtool, repository):
    """Promtool plays each alert's story: what it is for, and what only looks like it."""
    promtool("test", "rules", str(repository / PROMETHEUS / "pagemill.rules.test.yml"))


def test_no_alert_goes_untested(rules, repository):
    """Each has a story in which it fires and a moment at which it does not."""
    stories = yaml.safe_load((repository / PROMETHEUS / "pagemill.rules.test.yml").read_text("utf-8"))["tests"]
    checks = [check for story in stories for check in story.get("alert_rule_test", ())]
    fires = {check["alertname"] for check in checks if check["exp_alerts"]}
    silent = {check["alertname"] for check in checks if not check["exp_alerts"]}
    alerts = {rule["alert"] for rule in rules if "alert" in rule}
    assert (fires, silent) == (alerts, alerts)


def test_every_alert_says_what_is_wrong_and_where_to_read_on(rules, repository):
    """A summary, a description, and a section of docs/monitoring.md under the alert's own name."""
    headings = re.findall(r"^### (\w+)$", (repository / "docs" / "monitoring.md").read_text("utf-8"), re.MULTILINE)
    alerts = [rule for rule in rules if "alert" in rule]
    assert len(alerts) > 10
    for alert in alerts:
        told = alert["annotations"]
        assert told["summary"]
        assert told["description"]
        assert told["runbook_url"] == f"docs/monitoring.md#{alert['alert'].lower()}"
        assert alert["labels"]["severity"] in {"info", "warning", "critical"}
    assert {alert["alert"] for alert in alerts} == {name for name in headings if name.startswith("Pagemill")}


def test_every_query_is_about_what_is_there(queries, rules, told):
    """Rules, dashboard and KEDA name no metric that neither /metrics nor a recording rule has."""
    there = {f"{name}{suffix}" for name in told for suffix in SUFFIXES} | {
        rule["record"] for rule in rules if "record" in rule
    }
    named = {name for query in queries for name in re.findall(r"[\w:]*pagemill_[\w:]+", query)}
    assert len(named) > 30
    assert named <= there


def test_every_query_is_promql(queries, promtool, tmp_path):
    """Prometheus parses each of them."""
    rules = [{"record": f"query:number:{i}", "expr": query} for i, query in enumerate(queries)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert f"{len(queries)} rules found" in promtool("check", "rules", str(file))


def test_every_metric_is_documented_and_no_other(told, repository):
    """The table of docs/monitoring.md has a row for each."""
    text = (repository / "docs" / "monitoring.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(pagemill_\w+)", text, re.MULTILINE)) == told
