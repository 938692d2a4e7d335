"""The doctor command lists what is available and what is missing."""

import os
import socket
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.doctor import hardware
from deploy.local.doctor.doctor import CHECKS, check_environment
from deploy.local.machine import disk
from deploy.local.machine.ports import LOOPBACK
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir
from shared.models.native import build as native

CHECKPOINTS = Path(__file__).parents[5] / "checkpoints"


def run_doctor(
    state_path: Path, checkpoints: Path | None = CHECKPOINTS, *, width: int = 300, **more: object
) -> tuple[int, str]:
    """The exit code and the output."""
    output = StringIO()
    settings = LocalSettings.model_validate(
        {"state_dir": state_path, "checkpoints_dir": checkpoints, **more}
    )
    exit_code = check_environment(settings, Console(file=output, width=width))
    return exit_code, output.getvalue()


def line_of(check: str, output: str) -> str:
    """The line of a check, with single spaces."""
    [line] = [line for line in output.splitlines() if line.split(maxsplit=1)[1].startswith(check)]
    return " ".join(line.split())


def test_on_a_complete_machine_no_check_fails_and_nothing_is_created(state_path: Path) -> None:
    exit_code, output = run_doctor(state_path)
    assert exit_code == 0, output
    assert "(PostgreSQL) 18." in line_of("PostgreSQL", output)
    assert "Valkey server v=9." in line_of("Valkey", output)
    assert "mini, v2" in line_of("models", output)
    assert line_of("stack", output) == "ok stack not running"
    assert not state_path.exists()


def test_it_is_readable_in_80_columns(state_path: Path) -> None:
    _exit_code, output = run_doctor(state_path, width=80)
    assert all(len(line) <= 80 for line in output.splitlines())
    assert output.count("\nok ") + output.count("\nwarning ") >= len(CHECKS) - 1


def test_a_failed_check_is_named_and_the_others_still_run(state_path: Path) -> None:
    exit_code, output = run_doctor(state_path, checkpoints=state_path / "none")
    assert exit_code == 1
    expected = f"failed models There is no model version in {state_path / 'none'}: "
    assert line_of("models", output).startswith(expected)
    assert "(PostgreSQL) 18." in output


def test_a_restriction_is_a_warning_and_not_a_failure(
    state_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without make, Node, a compiler, much memory and a free port the stack still works."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hardware, "available_bytes", lambda: 2**30)
    monkeypatch.setattr(native, "describe", lambda: "torch without native code: no g++")
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(LocalSettings, "port_is_required", False)
        exit_code, output = run_doctor(state_path, port=port, web_sources=tmp_path)
    assert exit_code == 0, output
    warnings = {
        "make": "is not installed: use `ostinato up` instead of `make up`",
        "studio": "only the API is served: the studio needs Node 20 or newer with npm",
        "native code": "torch without native code: no g++",
        "memory": "1.0 GB are available, and a stack with all models needs ",
        "port": f"{port} is in use by ",
    }
    for check, text in warnings.items():
        assert line_of(check, output).startswith(f"warning {check} {text}")


def test_a_port_that_the_user_chose_has_to_be_free(state_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        exit_code, output = run_doctor(state_path, port=listener.getsockname()[1])
    assert exit_code == 1
    assert "set OSTINATO_PORT to another port" in line_of("port", output)


@pytest.mark.parametrize(
    ("free", "level"),
    [(100 * disk.MIB, "failed"), (1000 * disk.MIB, "warning"), (9000 * disk.MIB, "ok")],
)
def test_disk_space_decides_between_ok_warning_and_failed(
    state_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: free)
    exit_code, output = run_doctor(state_path)
    assert exit_code == (level == "failed")
    assert line_of("disk", output).startswith(f"{level} disk ")


def test_on_a_gpu_native_code_is_not_needed(
    state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "describe", lambda: "torch without native code: no g++")
    _exit_code, output = run_doctor(state_path, device="cuda")
    assert line_of("native code", output).startswith("ok native code not needed")


def test_a_running_stack_is_listed_with_its_url(state_path: Path, state_dir: StateDir) -> None:
    state_dir.write("url", "http://127.0.0.1:1")
    lock = state_dir.lock()
    _exit_code, output = run_doctor(state_path)
    os.close(lock)
    assert "running at http://127.0.0.1:1" in line_of("stack", output)
    assert "in use by this stack" in line_of("port", output)


def test_a_state_folder_that_is_a_file_or_has_other_files_fails_its_check(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    exit_code, output = run_doctor(tmp_path / "file" / "var")
    assert exit_code == 1
    assert f"{tmp_path / 'file'} is not a folder that this user" in line_of("state folder", output)
    (tmp_path / "cache").mkdir()
    exit_code, output = run_doctor(tmp_path)
    assert exit_code == 1
    assert f"{tmp_path / 'cache'} does not belong to a stack" in line_of("state folder", output)


def test_a_state_folder_that_cannot_keep_native_code_is_marked(
    state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "allows_execution", lambda _folder: False)
    exit_code, output = run_doctor(state_path)
    assert exit_code == 0
    assert "native code cannot be kept there (mount option noexec)" in output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's data may be outside the state folder")
def test_for_root_the_folder_of_the_data_is_named(tmp_path: Path) -> None:
    """pytest's folders are private to root."""
    _exit_code, output = run_doctor(tmp_path / "var")
    expected = "because of root, PostgreSQL's data will be below /var/lib/ostinato"
    assert expected in line_of("state folder", output)
    state_dir = StateDir.create(tmp_path / "var")
    state_dir.unlock(state_dir.lock())
    state_dir.allocate_ports(postgres=0)
    (tmp_path / "var" / "postgres").symlink_to(tmp_path / "data")
    _exit_code, output = run_doctor(tmp_path / "var")
    assert f"PostgreSQL's data are in {tmp_path / 'data'}" in line_of("state folder", output)
