"""What deploy/ holds, read as those programs read it that it is for."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"


@pytest.fixture(scope="session")
def rule_groups():
    """The groups of recording and alert rules."""
    return yaml.safe_load((DEPLOY / "prometheus" / "pagemill.rules.yml").read_text("utf-8"))["groups"]


@pytest.fixture(scope="session")
def rules(rule_groups):
    """All rules."""
    return [rule for group in rule_groups for rule in group["rules"]]


@pytest.fixture(scope="session")
def dashboard():
    """The Grafana dashboard."""
    return json.loads((DEPLOY / "grafana" / "dashboards" / "pagemill.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def scaled():
    """KEDA's objects by kind."""
    text = (DEPLOY / "keda" / "scaledobject.yml").read_text("utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


@pytest.fixture(scope="session")
def queries(rules, dashboard, scaled):
    """Every PromQL expression there is, Grafana's variables filled in."""
    told = [rule["expr"] for rule in rules]
    told += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    told += [
        one["metadata"]["query"] for one in scaled["ScaledObject"]["spec"]["triggers"] if one["type"] == "prometheus"
    ]
    return [re.sub(r"\$\w+", ".+", query) for query in told]


@pytest.fixture
def promtool(require):
    """Runs promtool; answers what it printed, and fails the test where it finds a fault."""
    require("promtool")

    def run(*arguments):
        done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def repository():
    """The repository's folder."""
    return REPOSITORY
