"""The two wheels, each installed in an environment of its own: the client and the servers."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.conftest import CHECKPOINTS, ROOT
from tests.support.distributions import CLIENT, SERVER, create_environment
from tests.support.tmp import world_traversable_dir

MAX_CLIENT_BYTES = 40_000_000
SCRIPT = """
from ostinato import GenerationRequest, connect
from shared import NAME

with connect() as client:
    job = client.wait(client.generate(GenerationRequest(model="mini", bars=2, seed=1)).id)
    midi = client.midi(next(client.melodies(job.id)).id)
    print(NAME, job.state, midi[:4].decode())
"""
MODULE_PATHS = """
import deploy, services, shared
print(*(module.__file__ for module in (deploy, services, shared)))
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with world_traversable_dir() as folder:
        yield folder


@pytest.fixture(scope="module")
def wheels(folder: Path) -> dict[str, Path]:
    """The client's and the server's wheel, by distribution."""
    for project in (ROOT, ROOT / "deploy"):
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
        subprocess.run([*build, "--directory", str(folder)], cwd=project, check=True)
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def client_bin(folder: Path, wheels: dict[str, Path]) -> Path:
    return create_environment(folder / "client", [wheels["ostinato"]], "ostinato")


@pytest.fixture(scope="module")
def server_bin(folder: Path, wheels: dict[str, Path]) -> Path:
    return create_environment(folder / "server", wheels.values(), "ostinato-server[local]")


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_of_the_client_has_one_typed_package(wheels: dict[str, Path]) -> None:
    files = names(wheels["ostinato"])
    packages = {file.partition("/")[0] for file in files if ".dist-info/" not in file}
    assert packages == {"ostinato"}
    assert "ostinato/py.typed" in files


def test_the_wheel_of_the_servers_has_every_source_and_nothing_of_the_studio(
    wheels: dict[str, Path],
) -> None:
    files = set(names(wheels["ostinato_server"]))
    tracked = subprocess.run(
        ["git", "ls-files", "services", "shared", "deploy/local", "deploy/health.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    expected = {path for path in tracked if not path.startswith("services/web/")}
    assert expected <= files
    assert not [file for file in files if file.startswith("services/web/") or "__pycache__" in file]


def test_both_distributions_have_the_same_version() -> None:
    assert CLIENT["version"] == SERVER["version"]
    assert f"ostinato=={CLIENT['version']}" in SERVER["dependencies"]


def test_the_installed_client_is_small(client_bin: Path) -> None:
    library = client_bin.parent / "lib"
    size = sum(path.stat().st_size for path in library.rglob("*") if path.is_file())
    assert size < MAX_CLIENT_BYTES


def test_the_client_works_beside_a_project_with_a_folder_named_shared(
    client_bin: Path, stack: Stack, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "__init__.py").write_text('NAME = "mine"')
    (tmp_path / "main.py").write_text(SCRIPT)
    access = {"OSTINATO_URL": stack.url, "OSTINATO_API_KEY": stack.key_file.read_text()}
    script = run([client_bin / "python", "main.py"], tmp_path, access)
    assert script.stdout == "mine succeeded MThd\n"
    command = run([client_bin / "ostinato", "generate", "--model", "mini"], tmp_path, access)
    assert command.returncode == 0, command.stderr
    assert list((tmp_path / "out").glob("*.mid"))


def test_the_servers_run_from_their_wheel_in_an_empty_folder(
    server_bin: Path, client_bin: Path, folder: Path
) -> None:
    (work := folder / "work").mkdir()
    env = {"OSTINATO_CHECKPOINTS_DIR": str(CHECKPOINTS), "OSTINATO_PORT": "0"}
    paths = run([server_bin / "python", "-c", MODULE_PATHS], work, env).stdout.split()
    assert all(path.startswith(str(folder)) for path in paths), paths
    with subprocess.Popen(
        [server_bin / "python", "-m", "deploy.local", "up"],
        cwd=work,
        env=clean_environment() | env,
        stdout=subprocess.PIPE,
        text=True,
    ) as up:
        try:
            wait_for_line(up, "Ostinato is up")
            generated = run([client_bin / "ostinato", "generate", "--model", "mini"], work, {})
            assert generated.returncode == 0, generated.stderr
        finally:
            up.send_signal(signal.SIGINT)
            up.communicate(timeout=30)
    assert up.returncode == 0
    assert list((work / "out").glob("*.mid"))


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"it ended without the line {text!r}")


def run(
    command: list[Path | str], cwd: Path, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment() | env,
        capture_output=True,
        text=True,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """This environment without the settings of this project and of Python."""
    prefixes = ("OSTINATO_", "PYTHON", "COVERAGE_", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
