"""The dashboard is one that Grafana would show: of its model, on its grid, from the source that is provisioned."""

from itertools import combinations
from typing import Any

import msgspec
import yaml

COLUMNS = 24


class Source(msgspec.Struct, frozen=True):
    type: str
    uid: str


class Place(msgspec.Struct):
    h: int
    w: int
    x: int
    y: int


class Target(msgspec.Struct, kw_only=True):
    refId: str  # noqa: N815 - Grafana's name
    expr: str
    datasource: Source
    legendFormat: str  # noqa: N815


class Panel(msgspec.Struct, kw_only=True):
    id: int
    type: str
    title: str
    gridPos: Place  # noqa: N815
    description: str = ""
    datasource: Source | None = None
    targets: list[Target] = []
    fieldConfig: dict[str, Any] = {}  # noqa: N815
    options: dict[str, Any] = {}


class Dashboard(msgspec.Struct, kw_only=True):
    """The classic model, as far as it is used here."""

    uid: str
    title: str
    schemaVersion: int  # noqa: N815
    panels: list[Panel]
    time: dict[str, str]
    refresh: str
    templating: dict[str, list[dict[str, Any]]]
    editable: bool


def test_the_dashboard_is_of_grafanas_model(dashboard):
    """Fields have the types of the classic JSON model, ids are unique, panels lie side by side on the grid."""
    told = msgspec.convert(dashboard, Dashboard)
    assert len({panel.id for panel in told.panels}) == len(told.panels)
    for panel in told.panels:
        place = panel.gridPos
        assert place.x >= 0
        assert place.x + place.w <= COLUMNS
        assert panel.type in {"row", "stat", "timeseries", "bargauge"}
        assert len({target.refId for target in panel.targets}) == len(panel.targets)
    for one, other in combinations((panel.gridPos for panel in told.panels), 2):
        apart = one.x + one.w <= other.x or other.x + other.w <= one.x or one.y + one.h <= other.y
        assert apart or other.y + other.h <= one.y


def test_every_panel_says_what_it_shows_and_in_which_unit(dashboard):
    """A title, a sentence, a unit, and at least one query; only rows have none."""
    for panel in msgspec.convert(dashboard, Dashboard).panels:
        if panel.type != "row":
            assert panel.title
            assert panel.description
            assert panel.targets
            assert panel.fieldConfig["defaults"]["unit"]


def test_all_is_asked_of_the_source_that_is_provisioned(dashboard, repository):
    """The uid in the dashboard is that of the provisioned Prometheus, for its variable too."""
    file = repository / "deploy" / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    (source,) = yaml.safe_load(file.read_text("utf-8"))["datasources"]
    told = msgspec.convert(dashboard, Dashboard)
    asked = [target.datasource for panel in told.panels for target in panel.targets]
    asked += [msgspec.convert(one["datasource"], Source) for one in told.templating["list"]]
    assert set(asked) == {Source(type=source["type"], uid=source["uid"])}


def test_every_query_is_narrowed_to_the_chosen_mills(dashboard):
    """One Prometheus may watch many mills, so that no panel adds up what does not belong together unasked."""
    for panel in msgspec.convert(dashboard, Dashboard).panels:
        for target in panel.targets:
            assert 'job=~"$job"' in target.expr, panel.title
