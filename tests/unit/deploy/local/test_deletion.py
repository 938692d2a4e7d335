"""Deleting a state folder: everything that the stack made, and nothing else."""

import os
import pwd
from pathlib import Path

import pytest

from deploy.local import binaries
from deploy.local.deletion import Deletion, remember_owner
from deploy.local.errors import AlreadyRunning, NotDeleted
from deploy.local.state_dir import StateDir


@pytest.fixture
def system_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of /var/lib/ostinato."""
    folder = tmp_path / "system"
    folder.mkdir()
    monkeypatch.setattr(binaries, "SYSTEM_DIR", folder)
    return folder


@pytest.fixture
def used(tmp_path: Path, system_dir: Path) -> StateDir:
    """A state folder as a stack leaves it."""
    return state_dir_in(tmp_path / "var")


def state_dir_in(path: Path) -> StateDir:
    state_dir = StateDir.create(path)
    state_dir.unlock(state_dir.lock())
    state_dir.allocate_ports(gateway=0)
    state_dir.write("api_key", "secret", mode=0o600)
    for name in ("valkey", "storage/a", "checkpoints/mini"):
        (state_dir.path / name).mkdir(parents=True)
    (state_dir.path / "storage/a/file").write_bytes(bytes(3_000_000))
    return state_dir


def data_folder(system_dir: Path, name: str) -> Path:
    data = system_dir / name
    (data / "data").mkdir(parents=True)
    return data


def test_the_whole_folder_is_deleted_after_it_was_shown(used: StateDir) -> None:
    deletion = Deletion.of(used)
    summary = list(deletion.summary())
    assert summary[0] == f"To be deleted in {used.path}:"
    assert "  storage              3 MB" in summary
    assert not any("stays" in line for line in summary)
    assert list(deletion.execute()) == [f"Deleted {used.path}."]
    assert not used.path.exists()


def test_files_that_no_stack_creates_stay(used: StateDir) -> None:
    (used.path / "holiday.jpg").write_text("a picture")
    (used.path / "coverage").mkdir()
    deletion = Deletion.of(used)
    assert "  holiday.jpg stays: it is not of the stack" in list(deletion.summary())
    [result] = deletion.execute()
    assert result == f"Deleted the stack's files in {used.path}; coverage, holiday.jpg stays."
    assert {path.name for path in used.path.iterdir()} == {"holiday.jpg", "coverage"}


def test_of_a_link_to_another_disk_only_the_link_is_deleted(used: StateDir, tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    (tmp_path / "big disk" / "kept").touch()
    (used.path / "cache").symlink_to(tmp_path / "big disk")
    deletion = Deletion.of(used)
    assert f"  cache                -> {tmp_path / 'big disk'}" in list(deletion.summary())
    list(deletion.execute())
    assert (tmp_path / "big disk" / "kept").exists()
    assert not used.path.exists()


def test_a_state_folder_that_is_a_link_is_deleted_with_the_link(
    used: StateDir, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(used.path)
    list(Deletion.of(StateDir(link)).execute())
    assert not used.path.exists()
    assert not link.is_symlink()


@pytest.mark.parametrize("name", ["missing", "empty", "of another program"])
def test_a_folder_without_a_stack_is_not_deleted(
    name: str, tmp_path: Path, system_dir: Path
) -> None:
    folder = tmp_path / name
    if name != "missing":
        folder.mkdir()
    if name == "of another program":
        (folder / "lock").touch()
        (folder / "cache").mkdir()
    with pytest.raises(NotDeleted, match=f"{folder} is not the state folder of a stack"):
        Deletion.of(StateDir(folder))
    assert folder.exists() == (name != "missing")


def test_a_home_folder_is_not_deleted(used: StateDir, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = pwd.struct_passwd(("me", "x", 1, 1, "", str(used.path), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwall", lambda: [entry])
    with pytest.raises(NotDeleted, match="is a home folder or contains the current folder"):
        Deletion.of(used)


@pytest.mark.parametrize("inside", ["", "storage"])
def test_the_current_folder_is_not_deleted(
    used: StateDir, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(used.path / inside)
    with pytest.raises(NotDeleted, match="contains the current folder"):
        Deletion.of(StateDir(used.path))


def test_the_root_folder_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StateDir, "is_state_dir", lambda _self: True)
    with pytest.raises(NotDeleted, match="is a home folder"):
        Deletion.of(StateDir(Path("/")))


def test_files_of_another_user_stop_the_deletion_before_it_begins(
    used: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    owner = pwd.getpwuid(used.path.stat().st_uid).pw_name
    with pytest.raises(NotDeleted, match=f"belongs to {owner}, so nothing was deleted"):
        Deletion.of(used)


def test_a_stack_that_was_started_in_the_meantime_is_not_deleted(used: StateDir) -> None:
    deletion = Deletion.of(used)
    lock = used.lock()
    with pytest.raises(AlreadyRunning):
        list(deletion.execute())
    used.unlock(lock)
    assert (used.path / "api_key").exists()


def test_roots_data_are_deleted_with_the_folder_that_links_to_them(
    used: StateDir, system_dir: Path
) -> None:
    linked = data_folder(system_dir, "postgres-linked")
    other = data_folder(system_dir, "postgres-other")
    (used.path / "postgres").symlink_to(linked)
    list(Deletion.of(used).execute())
    assert not linked.exists()
    assert other.exists()


def test_roots_data_of_a_folder_that_was_deleted_by_hand_are_found(
    tmp_path: Path, system_dir: Path
) -> None:
    data, other = (data_folder(system_dir, name) for name in ("postgres-a", "postgres-b"))
    remember_owner(data, tmp_path / "gone")
    remember_owner(other, tmp_path / "elsewhere")
    deletion = Deletion.of(StateDir(tmp_path / "gone"))
    assert list(deletion.execute()) == [f"Deleted {data}."]
    assert other.exists()


def test_copies_of_the_programs_are_deleted_with_the_last_data(
    used: StateDir, system_dir: Path, tmp_path: Path
) -> None:
    copy = system_dir / "postgresql-0.6.0"
    copy.mkdir()
    for path in (used.path, tmp_path / "second"):
        state_dir = used if path == used.path else state_dir_in(path)
        data = data_folder(system_dir, f"postgres-{path.name}")
        (state_dir.path / "postgres").symlink_to(data)
    list(Deletion.of(used).execute())
    assert copy.exists()
    list(Deletion.of(StateDir(tmp_path / "second")).execute())
    assert not system_dir.exists()
