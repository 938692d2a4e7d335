"""Opening a stack with the user's settings: its model versions, port, studio and state folder."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import up
from deploy.local.errors import NoModels, PortNotFree, UnusableFolder
from deploy.local.machine.ports import LOOPBACK
from deploy.local.settings import LocalSettings
from deploy.local.stack import Stack
from deploy.local.up import open_stack

MINI = Path(__file__).parents[4] / "checkpoints" / "mini"


@pytest.fixture
def checkout(state_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the model version `mini`, which is not in the state folder yet."""
    folder = state_path.parent / "checkout"
    shutil.copytree(MINI, folder / "checkpoints" / "mini")
    monkeypatch.chdir(folder)
    return folder


def settings_of(**values: object) -> LocalSettings:
    """Settings from these values, as if only they were in the environment."""
    return LocalSettings.model_validate(values)


@contextmanager
def stack_of(**values: object) -> Iterator[Stack]:
    with open_stack(settings_of(**values)) as stack:
        yield stack


def test_the_versions_of_the_checkout_are_served_from_the_state_folder(checkout: Path) -> None:
    shutil.copytree(MINI, checkout / "checkpoints" / "my-tunes")  # as release 0.2.0 wrote them
    with stack_of() as stack:
        own = checkout / "var" / "checkpoints"
        assert stack.checkpoints_dir == own
        assert {path.name for path in own.iterdir()} == {"mini", "my-tunes"}
        assert "added the model version my-tunes" in (checkout / "var" / "log").read_text()


def test_a_folder_that_the_user_names_is_served_itself(checkout: Path) -> None:
    with stack_of(checkpoints_dir=Path("checkpoints")) as stack:
        assert stack.checkpoints_dir == checkout / "checkpoints"
        assert not (checkout / "var" / "checkpoints").exists()
    assert {path.name for path in (checkout / "checkpoints/mini").iterdir()} == {
        path.name for path in MINI.iterdir()
    }


def test_from_another_folder_the_versions_of_the_state_folder_are_served(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stack_of():
        pass
    monkeypatch.chdir(tmp_path)
    with stack_of(state_dir=checkout / "var") as stack:
        assert (stack.checkpoints_dir / "mini" / "card.json").exists()


def test_outside_a_checkout_the_error_says_what_is_missing_and_nothing_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = f"no model version in {tmp_path}/checkpoints nor {tmp_path}/var/checkpoints: run "
    with pytest.raises(NoModels, match=expected):
        open_stack(settings_of())
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_with_other_files_is_rejected_if_the_user_chose_it(checkout: Path) -> None:
    (checkout / "var" / "cache").mkdir(parents=True)
    with stack_of():
        pass
    (checkout / "mine" / "cache").mkdir(parents=True)
    with pytest.raises(UnusableFolder, match="mine/cache does not belong to a stack"):
        open_stack(settings_of(state_dir=Path("mine")))
    assert [path.name for path in (checkout / "mine").iterdir()] == ["cache"]


def test_a_failed_adoption_releases_the_lock(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(up, "adopt_versions", fail)
        with pytest.raises(PermissionError):
            open_stack(settings_of())
    with stack_of():
        pass


def test_a_port_in_use_is_replaced_unless_the_user_chose_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortNotFree, match=f"Port {port} is in use by "):
            open_stack(settings_of(port=port))
        monkeypatch.setattr(LocalSettings, "port_is_required", False)
        settings = settings_of(port=port)
        with open_stack(settings) as stack:
            [note] = up._port_note(settings, stack)
            assert note.startswith(f"Port {port} is in use by ")
            assert f"(process {os.getpid()}): the gateway listens on {stack.port} " in note
    with open_stack(settings) as stack:
        assert stack.port == port
        assert up._port_note(settings, stack) == []


def test_without_a_new_studio_an_earlier_one_is_served_and_the_reason_shown(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "web").mkdir()
    (checkout / "web" / "package.json").touch()
    monkeypatch.setenv("PATH", "/nowhere")
    settings = settings_of(web_sources=Path("web"))
    with open_stack(settings) as stack:
        reason = "building it needs Node 20 or newer with npm."
        assert up._build_studio(settings, stack) == [f"The web studio is not served: {reason}"]
        assert stack.static_dir is None
        (checkout / "web" / "out").mkdir()
        [note] = up._build_studio(settings, stack)
        assert note == f"The web studio is an earlier build: {reason}"
        assert stack.static_dir == Path("web/out")
