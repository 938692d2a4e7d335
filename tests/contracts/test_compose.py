"""docker-compose.yml without an engine: it is valid, it is safe, and what it starts exists."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.health import CHECKS
from services.dispatcher.settings import DispatcherSettings
from services.gateway.settings import GatewaySettings
from services.trainer.settings import TrainerSettings, TrainingSettings
from services.worker.settings import WorkerSettings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
BUILT = {name: service for name, service in SERVICES.items() if "build" in service}
OURS = {name: service for name, service in BUILT.items() if name != "web"}
"""The programs; the page is files behind nginx."""
LASTING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
SETTINGS = (
    *(GatewaySettings, DispatcherSettings, WorkerSettings, TrainerSettings, TrainingSettings),
)

BIN = Path(sys.executable).parent
VALIDATE = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]


def succeeds(*command: object) -> bool:
    ran = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    return ran.returncode == 0


def seconds(duration: str) -> int:
    assert duration.endswith("s")
    return int(duration.removesuffix("s"))


def test_it_is_what_the_compose_specification_allows() -> None:
    assert succeeds(*VALIDATE, COMPOSE)


def test_a_planted_mistake_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "docker-compose.yml"
    planted.write_text(COMPOSE.read_text().replace("healthcheck:", "healtcheck:", 1))
    assert not succeeds(*VALIDATE, planted)


@pytest.mark.skipif(
    not succeeds("/usr/bin/env", "docker", "compose", "version"),
    reason="no docker compose here; the specification's schema has judged above",
)
def test_docker_compose_itself_accepts_it(tmp_path: Path) -> None:
    example = (ROOT / "deploy/.env.example").read_text()
    (tmp_path / "env").write_text(re.sub(r"(?m)(PASSWORD=)$", r"\1secret", example))
    docker = ("/usr/bin/env", "docker", "compose", "--env-file", tmp_path / "env")
    assert succeeds(*docker, "--file", COMPOSE, "config", "--quiet")


@pytest.mark.parametrize("name", sorted({own["build"]["dockerfile"] for own in BUILT.values()}))
def test_a_dockerfile_has_no_known_mistake(name: str) -> None:
    assert succeeds(BIN / "hadolint", ROOT / name)


def test_a_known_mistake_in_a_dockerfile_is_found(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:latest\nRUN cd /tmp\n")
    assert not succeeds(BIN / "hadolint", tmp_path / "Dockerfile")


@pytest.mark.parametrize("name", OURS)
def test_what_it_starts_exists(name: str) -> None:
    python, flag, module, *_arguments = OURS[name]["command"]
    assert (python, flag) == ("python", "-m")
    assert is_program(module)


@pytest.mark.parametrize("name", LASTING)
def test_whoever_stays_is_asked_how_he_is(name: str) -> None:
    kind, program, *arguments = LASTING[name]["healthcheck"]["test"]
    assert kind == "CMD"
    if arguments[:2] == ["-m", "deploy.health"]:
        assert program == "python"
        assert arguments[2] in CHECKS


def is_program(module: str) -> bool:
    """Can `python -m` run it?"""
    spec = find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        return spec is not None
    return find_spec(f"{module}.__main__") is not None


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_little_harm(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    uid, _colon, gid = service["user"].partition(":")
    assert int(uid) > 0
    assert int(gid) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_fills_the_disk(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] == "json-file"
    assert logging["options"].keys() == {"max-size", "max-file"}


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["traefik"]


def test_it_refuses_to_start_without_its_secrets() -> None:
    secrets = set(re.findall(r"\$\{\w*PASSWORD[^}]*\}", COMPOSE.read_text()))
    assert {secret.partition(":?")[2] for secret in secrets} == {"set it in .env}"}
    assert len(secrets) == 3


def test_the_example_names_every_variable() -> None:
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text())) | {"COMPOSE_PROFILES"}
    example = (ROOT / "deploy/.env.example").read_text()
    assert set(re.findall(r"(?m)^(\w+)=", example)) == asked


@pytest.mark.parametrize("name", OURS)
def test_a_setting_that_is_given_is_one_that_is_read(name: str) -> None:
    given = {key for key in OURS[name]["environment"] if key.startswith("OSTINATO_")}
    read = {f"OSTINATO_{field.upper()}" for cls in SETTINGS for field in cls.model_fields}
    assert given <= read


@pytest.mark.parametrize("name", ["worker", "worker-cpu", "trainer"])
def test_nobody_is_killed_while_he_drains(name: str) -> None:
    service = SERVICES[name]
    drain = float(service["environment"]["OSTINATO_DRAIN_SECONDS"])
    assert seconds(service["stop_grace_period"]) > drain


def test_the_trainer_reads_the_data_sets_that_the_gateway_stores() -> None:
    gateway, trainer = SERVICES["gateway"], SERVICES["trainer"]
    url = gateway["environment"]["OSTINATO_STORAGE_URL"]
    assert trainer["environment"]["OSTINATO_STORAGE_URL"] == url
    assert f"storage:{url}" in gateway["volumes"]
    assert f"storage:{url}:ro" in trainer["volumes"]


def test_the_trainer_writes_where_the_workers_read() -> None:
    assert "checkpoints:/checkpoints" in SERVICES["trainer"]["volumes"]
    assert "checkpoints:/checkpoints:ro" in SERVICES["worker"]["volumes"]


def test_one_worker_asks_for_a_gpu_and_the_other_for_none() -> None:
    [device] = SERVICES["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert SERVICES["worker"]["environment"]["OSTINATO_DEVICE"] == "cuda"
    assert "deploy" not in SERVICES["worker-cpu"]
    assert SERVICES["worker-cpu"]["profiles"] == ["cpu"]


def test_redis_keeps_what_it_is_given() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_proxy_routes_to_services_that_exist() -> None:
    routes = yaml.safe_load((ROOT / "deploy/traefik/routes.yml").read_text())["http"]
    urls = [
        server["url"]
        for service in routes["services"].values()
        for server in service["loadBalancer"]["servers"]
    ]
    assert {re.split("[/:]+", url)[1] for url in urls} <= set(SERVICES)
    assert {router["service"] for router in routes["routers"].values()} == set(routes["services"])
