"""The Dockerfile and deploy/: each file is valid by its own schema or tool, they agree on users, ports and limits, and
they use only settings that exist. No image is built and no cluster is used; docs/deploying.md says what was tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.settings import Settings
from checker.web.app import MAX_BATCH_BODY
from checker.web.lifecycle import STOP_SECONDS
from tests.deploy import image
from tests.deploy.topology import NGINX_CONF, free_ports, here
from tests.served import PATIENCE, ROOT

TOOLS = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "example.env").read_text("utf-8"), re.M))
FINAL = image.stages()[-1]


def manifest(name: str) -> Any:
    return yaml.safe_load((DEPLOY / f"kubernetes/{name}.yaml").read_text("utf-8"))


POD = manifest("deployment")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
REPLICAS = ("replica1", "replica2")


# --- each file by its own tool ---------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "Dockerfile"],
        ["kubernetes-validate", "--strict", *(str(path) for path in MANIFESTS)],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"],
    ],
    ids=lambda command: command[0],
)
def test_files_are_valid(command: list[str]) -> None:
    done = subprocess.run([TOOLS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "WARN" in done.stdout) == (0, False), done.stdout + done.stderr


def test_nginx_accepts_its_configuration(tmp_path: Path, nginx_path: Path) -> None:
    import trustme

    certificate = trustme.CA().issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    command = [nginx_path, "-t", "-p", str(tmp_path), "-c", str(here(tmp_path, *free_ports(2), free_ports(2)))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_every_kind_of_manifest_exists() -> None:
    kinds = "ConfigMap Deployment HorizontalPodAutoscaler Namespace NetworkPolicy PodDisruptionBudget Secret Service"
    assert sorted(manifest(path.stem)["kind"] for path in MANIFESTS) == kinds.split()


# --- settings --------------------------------------------------------------------------------


def filled(text: str) -> str:
    """A value of the compose file, with the variables of the example filled in."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda match: EXAMPLE[match[1]], text)


SETTINGS = {
    "Dockerfile": {name: text for name, text in FINAL.env.items() if name.startswith("PORTALCHECK_")},
    "compose": {name: filled(text) for name, text in COMPOSE["services"]["replica1"]["environment"].items()},
    "kubernetes": manifest("settings")["data"] | manifest("secret.example")["stringData"],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_exists_and_can_be_read(name: str, tmp_path: Path) -> None:
    given = SETTINGS[name]
    if lists := given.get("PORTALCHECK_ALLOWLISTS"):
        mounts = {mount["mountPath"]: mount for mount in CONTAINER["volumeMounts"]}
        assert mounts[str(Path(lists).parent)]["readOnly"], "the list is mounted"
        given = given | {"PORTALCHECK_ALLOWLISTS": str(tmp_path)}
    settings = Settings.from_env(given)
    if name != "Dockerfile":
        assert "localhost" in settings.allowed_hosts, "the host name that the probes use"
        assert settings.trusted_proxies, "otherwise everybody would share one limit"
        assert settings.database_url.startswith("postgresql+psycopg://")
        assert settings.limits_url.startswith("redis://")


def test_whatever_looks_like_a_setting_is_one() -> None:
    known = {name for given in SETTINGS.values() for name in given} | {"PORTALCHECK_WATCH", "PORTALCHECK_ALLOWLISTS"}
    for path in (ROOT / "Dockerfile", *DEPLOY.rglob("*.*")):
        assert set(re.findall(r"PORTALCHECK_[A-Z_]+", path.read_text("utf-8"))) <= known | {
            "PORTALCHECK_TRUSTED_PROXIES"
        }


def test_secrets_are_placeholders() -> None:
    assert {text for name, text in EXAMPLE.items() if "PASSWORD" in name} == {"REPLACE-ME"}
    for text in manifest("secret.example")["stringData"].values():
        assert "REPLACE-ME" in text or "@" not in text
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    assert {"deploy/.env", "deploy/tls/"} <= set(ignored)


# --- files that must agree -------------------------------------------------------------------


def test_user_ports_and_images_agree() -> None:
    uid, gid = FINAL.last("USER").split(":")
    (make_user,) = FINAL.all("RUN")
    assert f"--gid {gid} portalcheck" in make_user
    assert f"--uid {uid}" in make_user
    assert f"-o {uid} -g {gid} -m 0700 /data" in make_user
    context = POD["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (int(uid), int(gid), int(gid))
    port = FINAL.last("EXPOSE")
    assert f'"--port", "{port}"' in FINAL.last("CMD")
    assert f"C('localhost', {port}" in FINAL.last("HEALTHCHECK")
    assert CONTAINER["args"][-1] == port
    assert CONTAINER["ports"][0]["containerPort"] == int(port)
    assert manifest("network")["spec"]["ingress"][0]["ports"] == [{"port": int(port)}]
    for name in REPLICAS:
        assert f"server {name}:{port} " in NGINX_CONF.read_text("utf-8")
        assert COMPOSE["services"][name]["user"] == f"{uid}:{gid}"
    assert {COMPOSE["services"][name]["image"] for name in REPLICAS} == {"portalcheck"}


def test_nginx_and_the_service_agree() -> None:
    conf = NGINX_CONF.read_text("utf-8")
    bound = f"{MAX_BATCH_BODY // 1024**2}m"
    assert f"client_max_body_size {bound};" in conf
    assert f"client_body_buffer_size {bound};" in conf, "so that no body is written to disk"
    assert "access_log off;" in conf
    networks = COMPOSE["services"]["nginx"]["networks"]
    assert COMPOSE["services"]["replica1"]["environment"]["PORTALCHECK_TRUSTED_PROXIES"] == (
        f"{networks['inside']['ipv4_address']}/32"
    )
    assert "$proxy_add_x_forwarded_for" not in conf
    published = {mapping.split(":")[1] for mapping in COMPOSE["services"]["nginx"]["ports"]}
    assert published == set(re.findall(r"listen (\d+)", conf))


def test_no_fixed_address_can_be_taken_by_a_service_that_starts_first() -> None:
    (pool,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    of_services = [service["networks"] for service in COMPOSE["services"].values()]
    given = [ip_address(of["inside"]["ipv4_address"]) for of in of_services if isinstance(of, dict)]
    assert len(set(given)) == len(given) > len(REPLICAS)
    for address in given:
        assert address in ip_network(pool["subnet"])
        assert address not in ip_network(pool["ip_range"]), "Docker assigns addresses from this range to the others"


def test_the_grace_periods_leave_time_to_drain_and_to_finish() -> None:
    kubernetes, compose = SETTINGS["kubernetes"], SETTINGS["compose"]
    assert POD["terminationGracePeriodSeconds"] > int(kubernetes["PORTALCHECK_DRAIN_SECONDS"]) + STOP_SECONDS
    for name in REPLICAS:
        grace = int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s"))
        assert grace > int(compose["PORTALCHECK_DRAIN_SECONDS"]) + STOP_SECONDS
    ready = CONTAINER["readinessProbe"]
    noticed = (ready["periodSeconds"] + ready["timeoutSeconds"]) * ready["failureThreshold"]
    assert int(kubernetes["PORTALCHECK_DRAIN_SECONDS"]) > noticed, "the load balancer notices before the service stops"


def test_selectors_select_the_pods() -> None:
    labels = manifest("deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("deployment")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("service")["spec"]["selector"] == labels
    assert manifest("disruption")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("network")["spec"]["podSelector"]["matchLabels"] == labels
    assert manifest("autoscaling")["spec"]["scaleTargetRef"]["name"] == manifest("deployment")["metadata"]["name"]
    sources = {next(iter(source.values()))["name"] for source in CONTAINER["envFrom"]}
    assert sources == {manifest("settings")["metadata"]["name"], manifest("secret.example")["metadata"]["name"]}
    for path in MANIFESTS:
        if path.stem != "namespace":
            assert manifest(path.stem)["metadata"]["namespace"] == manifest("namespace")["metadata"]["name"]


def test_nothing_has_more_privileges_than_it_needs() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        conditions = [needed["condition"] for needed in service.get("depends_on", {}).values()]
        assert set(conditions) == {"service_healthy"} or "healthcheck" in service, name
        context = CONTAINER["securityContext"]
    assert context == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["securityContext"]["runAsNonRoot"]
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not POD["automountServiceAccountToken"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert CONTAINER[probe]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


def test_the_build_context_is_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    copied = {source for text in image.stages()[0].all("COPY") for source in text.split()[:-1]}
    assert "*" in lines
    assert sent == copied


# --- the Dockerfile's own steps --------------------------------------------------------------


@pytest.fixture(scope="module")
def built() -> Iterator[image.Image]:
    with tempfile.TemporaryDirectory(prefix="image", dir="/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        yield image.build(root)


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if not path.is_relative_to(root / "data")}


@pytest.mark.skipif(sys.platform != "linux", reason="the image's steps are for Linux")
def test_what_the_dockerfile_makes_runs_without_root_on_a_read_only_file_system(built: image.Image) -> None:
    (package,) = (built.root / "opt/portalcheck/lib").glob("python*/site-packages/checker")
    sources = {path.relative_to(package) for path in package.rglob("*.py")}
    assert len(sources) == len({path.relative_to(package) for path in package.rglob("__pycache__/*.pyc")})
    assert sources >= {path.relative_to(ROOT / "checker") for path in (ROOT / "checker").rglob("*.py")}
    before = files(built.root)
    (port,) = free_ports(1)
    _, _, probe = FINAL.last("HEALTHCHECK").partition("CMD ")

    def healthy() -> bool:
        with built.running(built.command(probe, port)) as check:
            return check.wait(PATIENCE) == 0

    assert not healthy(), "nothing is running yet"
    command = built.command(FINAL.last("ENTRYPOINT"), port) + built.command(FINAL.last("CMD"), port)
    with built.running(command) as process:
        assert process.stdout is not None
        assert str(port).encode() in process.stdout.readline()
        while not healthy():
            assert process.poll() is None, process.stdout.read()
        for path, body, wanted in (
            ("check", '{"url": "https://mychart.clevelandclinic.org/"}', b'"verdict":"verified"'),
            ("reports", '{"kind": "other", "address": "https://a.example/"}', b'"status":"kept"'),
        ):
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("POST", f"/api/v1/{path}", body, {"content-type": "application/json"})
            assert wanted in connection.getresponse().read()
            connection.close()
        process.terminate()
        assert process.wait(PATIENCE) is not None
        assert b"Traceback" not in process.stdout.read()
    assert (built.root / "data/reports.db").exists()
    assert files(built.root) == before, "nothing is written except in /data"
    is_root = os.geteuid() == 0  # only root can make a file system read-only
    for place, writable in (
        ("opt/portalcheck/new", not is_root),
        ("new", not is_root),
        ("data/new", True),
        ("tmp/new", True),
    ):
        with built.running(["python", "-c", f"open({str(built.root / place)!r}, 'w')"]) as attempt:
            assert (attempt.wait(PATIENCE) == 0) == writable, place
