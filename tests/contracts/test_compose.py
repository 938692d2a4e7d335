"""docker-compose.yml without a Docker engine: hardened, consistent with the code.

`make check` validates it by the schema of the specification, and lints the Dockerfiles.
"""

import re
import subprocess
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
from shared.process_exit import EXIT_MARGIN_SECONDS

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
NETWORKS: dict[str, dict[str, Any] | None] = yaml.safe_load(COMPOSE.read_text())["networks"]
NEED_POSTGRES = ("gateway", "dispatcher", "worker", "worker-cpu", "trainer")
BUILT = {name: service for name, service in SERVICES.items() if "build" in service}
PYTHON_SERVICES = {name: service for name, service in BUILT.items() if name != "web"}
LONG_RUNNING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
SETTINGS = (
    *(GatewaySettings, DispatcherSettings, WorkerSettings, TrainerSettings, TrainingSettings),
)


def succeeds(*command: object) -> bool:
    completed = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    return completed.returncode == 0


def seconds(duration: str) -> int:
    assert duration.endswith("s")
    return int(duration.removesuffix("s"))


@pytest.mark.skipif(
    not succeeds("/usr/bin/env", "docker", "compose", "version"),
    reason="docker compose is not installed; `make check` validates the file by its schema",
)
def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    example = (ROOT / "deploy/.env.example").read_text()
    (tmp_path / "env").write_text(re.sub(r"(?m)(PASSWORD=)$", r"\1secret", example))
    docker = ("/usr/bin/env", "docker", "compose", "--env-file", tmp_path / "env")
    assert succeeds(*docker, "--file", COMPOSE, "config", "--quiet")


@pytest.mark.parametrize("name", PYTHON_SERVICES)
def test_the_started_module_exists(name: str) -> None:
    python, flag, module, *_arguments = PYTHON_SERVICES[name]["command"]
    assert (python, flag) == ("python", "-m")
    assert is_runnable(module)


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_long_running_container_has_a_health_check(name: str) -> None:
    kind, program, *arguments = LONG_RUNNING[name]["healthcheck"]["test"]
    assert kind == "CMD"
    if arguments[:2] == ["-m", "deploy.health"]:
        assert program == "python"
        assert arguments[2] in CHECKS


def is_runnable(module: str) -> bool:
    """Whether `python -m` can run the module."""
    spec = find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        return spec is not None
    return find_spec(f"{module}.__main__") is not None


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    uid, _colon, gid = service["user"].partition(":")
    assert int(uid) > 0
    assert int(gid) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_log_files_are_limited(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] == "json-file"
    assert logging["options"].keys() == {"max-size", "max-file"}


def test_only_the_proxy_publishes_a_port() -> None:
    published = [name for name, service in SERVICES.items() if "ports" in service]
    assert published == ["traefik", "traefik-tls"]
    assert SERVICES["traefik-tls"]["profiles"] == ["tls"]


@pytest.mark.parametrize("name", SERVICES)
def test_memory_processors_and_processes_are_limited(name: str) -> None:
    assert {"mem_limit", "cpus", "pids_limit"} <= SERVICES[name].keys()
    assert all(":" in folder for folder in SERVICES[name]["tmpfs"] if folder.startswith("/tmp"))  # noqa: S108 - of containers


@pytest.mark.parametrize(
    ("network", "members"),
    [
        ("front", {"traefik", "traefik-tls"}),
        ("http", {"traefik", "traefik-tls", "web", "gateway", "flower"}),
        ("database", {"postgres", "migrate", *NEED_POSTGRES}),
        ("broker", {"redis", "flower", *NEED_POSTGRES}),
    ],
)
def test_a_container_reaches_only_what_it_needs(network: str, members: set[str]) -> None:
    assert {name for name, service in SERVICES.items() if network in service["networks"]} == members
    is_internal = (NETWORKS[network] or {}).get("internal", False)
    assert is_internal == (network != "front")


def test_only_postgresql_has_the_password_of_its_superuser() -> None:
    using = [name for name, service in SERVICES.items() if "POSTGRES_PASSWORD" in str(service)]
    assert using == ["postgres"]
    assert SERVICES["postgres"]["environment"]["POSTGRES_USER"] == "postgres"
    for name in NEED_POSTGRES:
        url = SERVICES[name]["environment"]["OSTINATO_DATABASE_URL"]
        assert url.startswith("postgresql+asyncpg://ostinato:${DATABASE_PASSWORD")


def test_the_passwords_are_required() -> None:
    secrets = set(re.findall(r"\$\{\w*PASSWORD[^}]*\}", COMPOSE.read_text()))
    assert {secret.partition(":?")[2] for secret in secrets} == {"set it in .env}"}
    assert len(secrets) == 4


def test_the_example_names_every_variable() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text())) | {"COMPOSE_PROFILES"}
    example = (ROOT / "deploy/.env.example").read_text()
    assert set(re.findall(r"(?m)^(\w+)=", example)) == used


@pytest.mark.parametrize("name", PYTHON_SERVICES)
def test_every_variable_is_a_setting(name: str) -> None:
    given = {key for key in PYTHON_SERVICES[name]["environment"] if key.startswith("OSTINATO_")}
    read = {f"OSTINATO_{field.upper()}" for cls in SETTINGS for field in cls.model_fields}
    assert given <= read


@pytest.mark.parametrize("name", ["worker", "worker-cpu", "trainer"])
def test_the_stop_grace_period_exceeds_the_drain_timeout(name: str) -> None:
    service = SERVICES[name]
    drain_timeout = float(service["environment"]["OSTINATO_DRAIN_TIMEOUT_SECONDS"])
    assert seconds(service["stop_grace_period"]) > drain_timeout + EXIT_MARGIN_SECONDS


def test_the_trainer_reads_the_data_sets_that_the_gateway_stores() -> None:
    gateway, trainer = SERVICES["gateway"], SERVICES["trainer"]
    url = gateway["environment"]["OSTINATO_STORAGE_URL"]
    assert trainer["environment"]["OSTINATO_STORAGE_URL"] == url
    assert f"storage:{url}" in gateway["volumes"]
    assert f"storage:{url}" in trainer["volumes"]  # it deletes what it rejects


def test_workers_read_the_checkpoints_that_the_trainer_writes() -> None:
    assert "checkpoints:/checkpoints" in SERVICES["trainer"]["volumes"]
    assert "checkpoints:/checkpoints:ro" in SERVICES["worker"]["volumes"]


def test_only_the_gpu_worker_requests_a_gpu() -> None:
    [device] = SERVICES["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert SERVICES["worker"]["environment"]["OSTINATO_DEVICE"] == "cuda"
    assert "deploy" not in SERVICES["worker-cpu"]
    assert SERVICES["worker-cpu"]["profiles"] == ["cpu"]


def test_redis_is_persistent_and_evicts_nothing() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_proxy_routes_to_existing_services() -> None:
    routes = yaml.safe_load((ROOT / "deploy/traefik/routes/routes.yml").read_text())["http"]
    urls = [
        server["url"]
        for service in routes["services"].values()
        for server in service["loadBalancer"]["servers"]
    ]
    assert {re.split("[/:]+", url)[1] for url in urls} <= set(SERVICES)
    assert {router["service"] for router in routes["routers"].values()} == set(routes["services"])
