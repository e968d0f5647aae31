"""docker-compose.yml: what it mounts exists, what it waits for can be waited for, and nobody from elsewhere gets in."""

import re

import pytest
import yaml

OURS = ("pagemill",)


@pytest.fixture(scope="module")
def compose(repository):
    return yaml.safe_load((repository / "docker-compose.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def test_ports_are_open_to_this_machine_alone(services):
    """Every published port is bound to loopback."""
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) >= 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned(services):
    """An image that is not built here has a version, and not only a name or `latest`."""
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert image in OURS or re.search(r"\d+\.\d+", tag), name


def test_whatever_runs_on_has_a_health_check(services):
    """And whoever is waited for until healthy has one."""
    runs_on = {name for name, service in services.items() if "restart" in service}
    assert {name for name in runs_on if "healthcheck" not in services[name]} <= {"records"}
    for name, service in services.items():
        needs = service.get("depends_on") or {}
        for other, how in needs.items():
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], (name, other)


def test_what_is_mounted_is_there(compose, services, repository):
    """A volume is declared, a file or folder lies in the repository and is mounted to be read only."""
    for name, service in services.items():
        for mount in service.get("volumes", ()):
            source, _, rest = mount.partition(":")
            if source.startswith("."):
                assert (repository / source).exists(), mount
                assert rest.endswith(":ro"), mount
            else:
                assert source in compose["volumes"], (name, mount)


def test_prometheus_scrapes_the_monitor_with_the_token_that_it_is_given(services, repository):
    """Address and port are those that the monitor listens on; the token's file is mounted where it is looked for."""
    config = yaml.safe_load((repository / "deploy" / "prometheus" / "prometheus.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    name, _, port = target.partition(":")
    assert f"--listen 0.0.0.0:{port}" in services[name]["command"]
    token = job["authorization"]["credentials_file"]
    assert f"--token-file {token}" in services[name]["command"]
    folder = token.rpartition("/")[0]
    for reader in (name, "prometheus"):
        assert f"token:{folder}:ro" in services[reader]["volumes"]


def test_the_configuration_lies_where_each_program_looks(services, repository):
    """Prometheus's command, its rules' path, Grafana's provisioning and the dashboard's folder fit the mounts."""
    assert "--config.file=/etc/prometheus/prometheus.yml" in services["prometheus"]["command"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in services["prometheus"]["volumes"]
    mounts = services["grafana"]["volumes"]
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in mounts
    file = repository / "deploy" / "grafana" / "provisioning" / "dashboards" / "pagemill.yml"
    (provider,) = yaml.safe_load(file.read_text("utf-8"))["providers"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in mounts


def test_nobody_administers_grafana_unasked(services):
    """Who is not logged in may look; there is no admin, and no form to become one."""
    told = services["grafana"]["environment"]
    assert told["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert told["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == told["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"


def test_services_give_up_what_they_do_not_need(services):
    """No capability, no new privileges, for all but Redis, whose image gives up root by itself."""
    for name in set(services) - {"redis"}:
        assert services[name]["cap_drop"] == ["ALL"], name
        assert services[name]["security_opt"] == ["no-new-privileges:true"], name
