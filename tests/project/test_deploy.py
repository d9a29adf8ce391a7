"""What deploy/ has for several instances: valid by the formats' own schemas, and of one mind with
the service's settings and papers."""

import json
import re
import shutil
import subprocess

import compose_spec
import httpx
import kubernetes_validate
import pytest
import yaml
from nasty import encoded, seven
from papers import ROOT

from app.settings import PREFIX, Settings

DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
KSERVE = DEPLOY / "kubernetes" / "kserve"
KUBERNETES = "1.37"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
HAPROXY = (DEPLOY / "haproxy.cfg").read_text()
DASHBOARD = json.loads((DEPLOY / "observe" / "dashboard.json").read_text())
MANIFESTS = {
    path.name: yaml.safe_load(path.read_text())
    for path in sorted(BASE.glob("*.yaml"))
    if path.name != "kustomization.yaml"
}
SERVED_BY = yaml.safe_load((KSERVE / "inference-service.yaml").read_text())
POD = MANIFESTS["deployment.yaml"]["spec"]["template"]
PREDICTOR = SERVED_BY["spec"]["predictor"]
OF_KSERVE = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}  # beside a pod's own
PREDICTOR_POD = {name: value for name, value in PREDICTOR.items() if name not in OF_KSERVE}


# ---- valid by the formats' own schemas ---------------------------------------------------------


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_of_kubernetes_fit_its_schemas(name):
    kubernetes_validate.validate(MANIFESTS[name], KUBERNETES, strict=True)


def test_a_manifest_that_does_not_fit_is_seen():
    wrong = json.loads(json.dumps(MANIFESTS["deployment.yaml"]))
    wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_what_kserve_is_given_is_a_pod_and_its_own_few_fields():
    assert SERVED_BY["apiVersion"] == "serving.kserve.io/v1beta1"
    assert list(SERVED_BY["spec"]) == ["predictor"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": PREDICTOR_POD}
    kubernetes_validate.validate(pod, KUBERNETES, strict=True)


def test_the_composition_fits_its_specification():
    read = compose_spec.PyCompose.from_yaml((DEPLOY / "compose.yaml").read_text())
    assert set(read.to_spec().services) == set(COMPOSE["services"])


@pytest.mark.parametrize("folder", [BASE, KSERVE])
def test_kustomize_is_told_of_every_file(folder):
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    there = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(told["resources"]) == there
    assert [image["name"] for image in told["images"]] == ["digit-recognizer"]


# ---- of one mind with the service --------------------------------------------------------------


def environment(container: dict) -> dict[str, str]:
    """The variables of a container, of Kubernetes or of a composition."""
    given = container.get("env", container.get("environment", {}))
    return given if isinstance(given, dict) else {one["name"]: one["value"] for one in given}


CONTAINERS = {
    "kubernetes": POD["spec"]["containers"][0],
    "kserve": PREDICTOR["containers"][0],
    "compose": COMPOSE["services"]["digits"],
}


@pytest.mark.parametrize("where", CONTAINERS)
def test_what_is_set_are_settings(where):
    given = environment(CONTAINERS[where])
    settings = Settings.model_validate(
        {name.removeprefix(PREFIX).lower(): value for name, value in given.items()}
    )
    assert settings.drain_seconds == 3


@pytest.mark.parametrize("where", CONTAINERS)
def test_nothing_is_allowed_that_the_image_does_not_need(where):
    container = CONTAINERS[where]
    if where == "compose":
        assert container["read_only"] is True
        assert container["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in container["security_opt"]
        assert not container["user"].startswith("0")
        return
    pod = POD["spec"] if where == "kubernetes" else PREDICTOR
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_there_is_time_to_drain_and_to_finish():
    needed = 3 + Settings().shutdown_seconds
    stops = POD["spec"]["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["spec"]["terminationGracePeriodSeconds"] > stops + needed
    assert PREDICTOR["terminationGracePeriodSeconds"] > needed
    assert int(COMPOSE["services"]["digits"]["stop_grace_period"].rstrip("s")) > needed


def test_the_balancer_sees_a_drain_before_it_ends():
    interval, fall = re.findall(r"check inter (\d+)ms fall (\d+)", HAPROXY)[0]
    [timeout] = re.findall(r"timeout check (\d+)s", HAPROXY)
    assert int(interval) * int(fall) / 1e3 + float(timeout) < 3


def test_the_balancer_waits_for_an_answer_longer_than_the_service():
    [server] = re.findall(r"timeout server (\d+)s", HAPROXY)
    assert int(server) > Settings().answer_seconds
    [at_once] = re.findall(r"maxconn (\d+)$", HAPROXY, re.MULTILINE)[1:]
    assert int(at_once) < Settings().queue


def test_memory_is_what_the_papers_say():
    [megabytes] = re.findall(r"give it (\d+) MiB", (ROOT / "docs" / "operate.md").read_text())
    assert CONTAINERS["compose"]["deploy"]["resources"]["limits"]["memory"] == f"{megabytes}M"
    for where in ("kubernetes", "kserve"):
        assert CONTAINERS[where]["resources"]["limits"]["memory"] == f"{megabytes}Mi"


def test_probes_and_ports_are_answered(service):
    for container in (CONTAINERS["kubernetes"], CONTAINERS["kserve"]):
        [port] = container["ports"]
        assert port["containerPort"] == Settings().port
        probes = [probe for name, probe in container.items() if name.endswith("Probe")]
        assert len(probes) >= 2
        for probe in probes:
            assert probe["httpGet"]["port"] in (port["name"], port["containerPort"])
            assert httpx.get(service + probe["httpGet"]["path"]).status_code == 200
    [checked] = re.findall(r"option httpchk GET (\S+)", HAPROXY)
    assert httpx.get(service + checked).status_code == 200


def test_selectors_and_ports_lead_to_the_pods():
    labels = POD["metadata"]["labels"]
    deployment, budget, policy = (
        MANIFESTS[f"{name}.yaml"]["spec"]
        for name in ("deployment", "disruption-budget", "network-policy")
    )
    assert deployment["selector"]["matchLabels"] == labels
    assert budget["selector"]["matchLabels"] == labels
    assert policy["podSelector"]["matchLabels"] == labels
    assert MANIFESTS["service.yaml"]["spec"]["selector"] == labels
    spread = POD["spec"]["topologySpreadConstraints"]
    assert [one["labelSelector"]["matchLabels"] for one in spread] == [labels] * 2
    [port] = MANIFESTS["service.yaml"]["spec"]["ports"]
    assert port["targetPort"] == CONTAINERS["kubernetes"]["ports"][0]["name"]
    [rule] = MANIFESTS["ingress.yaml"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "digits", "port": {"name": port["name"]}}
    scaled = MANIFESTS["autoscaler.yaml"]["spec"]["scaleTargetRef"]
    assert scaled["name"] == MANIFESTS["deployment.yaml"]["metadata"]["name"]
    assert MANIFESTS["autoscaler.yaml"]["spec"]["minReplicas"] > budget["maxUnavailable"]


def test_files_that_are_mounted_are_there():
    mounted = [
        volume.split(":")[0]
        for one in COMPOSE["services"].values()
        for volume in one.get("volumes", [])
        if volume.startswith(".")
    ]
    assert len(mounted) == 5
    assert [name for name in mounted if not (DEPLOY / name).is_file()] == []


def test_collected_and_shown_is_what_the_service_tells(service):
    picture = {"content": encoded(seven(), "PNG"), "headers": {"Content-Type": "image/png"}}
    httpx.post(f"{service}/predict", **picture)
    httpx.post(f"{service}/predict", content=b"")
    told = httpx.get(f"{service}/metrics").text
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(asked) >= 10
    for name in set(re.findall(r"\b(?:digits|process)_\w+", " ".join(asked))):
        assert re.search(rf"^{name}\b", told, re.MULTILINE), name
    for labels in re.findall(r"by \(([^)]*)\)", " ".join(asked)):
        for label in set(labels.split(", ")) - {"le", "instance"}:
            assert f'{label}="' in told
    collected = yaml.safe_load((DEPLOY / "observe" / "prometheus.yml").read_text())
    [job] = collected["scrape_configs"]
    assert job["dns_sd_configs"][0]["names"] == ["digits"]
    assert f'up{{job="{job["job_name"]}"}}' in " ".join(asked)
    source = yaml.safe_load((DEPLOY / "observe" / "grafana-source.yml").read_text())
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {
        source["datasources"][0]["uid"]
    }


def test_haproxy_takes_its_configuration():
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    command = ["haproxy", "-c", "-f", str(DEPLOY / "haproxy.cfg")]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert "[WARNING]" not in checked.stderr
