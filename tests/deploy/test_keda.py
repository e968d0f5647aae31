"""KEDA's objects have what its scalers require, and name what the mill has."""

from pagemill.keys import DEFAULT_QUEUE, GROUP, Keys


def _trigger(scaled, kind):
    (trigger,) = (one for one in scaled["ScaledObject"]["spec"]["triggers"] if one["type"] == kind)
    return trigger


def test_the_depth_is_read_off_the_queues_own_group(scaled):
    """The Redis Streams scaler has all that it requires, and its stream and group are the mill's as they are."""
    told = _trigger(scaled, "redis-streams")["metadata"]
    assert (told["stream"], told["consumerGroup"]) == (Keys().pages(DEFAULT_QUEUE), GROUP)
    assert told["address"].rpartition(":")[2].isdigit()
    assert int(told["lagCount"]) > int(told["activationLagCount"]) >= 1
    assert "pendingEntriesCount" not in told  # the scaler takes one of the two


def test_the_age_is_read_off_prometheus(scaled):
    """The Prometheus scaler has all that it requires; a number for each value, in quotes, as KEDA wants them."""
    trigger = _trigger(scaled, "prometheus")
    told = trigger["metadata"]
    assert {"serverAddress", "query", "threshold"} <= set(told)
    assert float(told["threshold"]) > 0
    assert told["ignoreNullValues"] == "false"
    assert trigger["metricType"] == "Value"
    assert all(isinstance(value, str) for value in told.values())


def test_it_scales_within_bounds_and_never_to_nothing(scaled):
    """At least one replica, since pages that were handed back are in nobody's lag."""
    spec = scaled["ScaledObject"]["spec"]
    assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
    assert scaled["ScaledObject"]["apiVersion"] == scaled["TriggerAuthentication"]["apiVersion"] == "keda.sh/v1alpha1"


def test_triggers_name_an_authentication_that_is_there(scaled):
    """The reference of each is the name of the object beside it."""
    names = {scaled["TriggerAuthentication"]["metadata"]["name"]}
    told = [one.get("authenticationRef", {}).get("name") for one in scaled["ScaledObject"]["spec"]["triggers"]]
    assert set(filter(None, told)) == names
