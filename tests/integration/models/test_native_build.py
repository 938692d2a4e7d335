"""Tests of the compilation of the native code: where it is kept, for which processor, and failures.

The tests of a read-only and of a noexec home mount such a file system in a namespace of their own.
"""

import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from shared.models.backends import build_inference_model
from shared.models.native import build
from shared.models.native.decoder import NativeDecoder
from shared.models.torch_decoder import TorchDecoder
from tests.unit.shared.models.tiny_models import CONFIG, tiny_decoder

OLDER = ("x86-64", "haswell") if platform.machine() == "x86_64" else ()
"""Older processors of the same family: with SSE2 only, and with AVX2."""
DESCRIBE_WITH_MOUNTED_HOME = """
mount -t tmpfs -o {options},mode=0777 none "$HOME"
exec "$0" -c '{program}'
"""
DESCRIBE = """
from pathlib import Path
from shared.models.native import build
build.SOURCES = Path("{sources}")
print(build.describe())
"""


def forget_library() -> None:
    for function in (build.load_library, build.compiler_version, build._load):
        function.cache_clear()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty home folder; the state folder is `var` beside it."""
    (home := tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(tmp_path / "var"))
    forget_library()
    yield home
    forget_library()


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Sources of one function, which are compiled in a fraction of a second."""
    (folder := tmp_path / "sources").mkdir()
    (folder / "answer.cpp").write_text('extern "C" int answer() { return 42; }\n')
    monkeypatch.setattr(build, "SOURCES", folder)
    return folder


def libraries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("native-*.so"))


def test_it_is_compiled_once_for_each_instruction_set(
    monkeypatch: pytest.MonkeyPatch, home: Path, sources: Path
) -> None:
    assert build.load_library() is not None
    (built,) = libraries(home)
    assert build.describe() == f"native code from {built.parent}"
    modified = built.stat().st_mtime_ns
    forget_library()
    assert build.load_library() is not None
    assert built.stat().st_mtime_ns == modified
    monkeypatch.setenv("OSTINATO_NATIVE_ARCH", "x86-64")
    forget_library()
    assert build.load_library() is not None
    assert len(libraries(home)) == 2


@pytest.mark.parametrize("processor", OLDER)
def test_logits_are_correct_without_the_instructions_of_new_processors(
    monkeypatch: pytest.MonkeyPatch, processor: str
) -> None:
    monkeypatch.setenv("OSTINATO_NATIVE_ARCH", processor)
    library, exact = build.load_library(), tiny_decoder()
    assert library is not None
    ids = torch.arange(60) % CONFIG.vocab_size
    decoder = NativeDecoder(exact, library)
    logits = decoder.init_state(1).forward(ids * 0, ids, torch.arange(60))
    expected = exact(ids[None])[0]
    assert (logits - expected).norm() < 0.06 * expected.norm()
    assert decoder.kernels.endswith(f"-{processor}")


def test_another_width_of_the_terminal_does_not_compile_again(
    monkeypatch: pytest.MonkeyPatch, home: Path, sources: Path
) -> None:
    for columns in ("80", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        forget_library()
        assert build.load_library() is not None
    assert len(libraries(home)) == 1


@pytest.mark.parametrize("options", ["ro", "noexec"])
def test_with_a_home_that_cannot_be_used_the_state_folder_keeps_the_library(
    options: str, tmp_path: Path, sources: Path
) -> None:
    program = DESCRIBE.format(sources=sources)
    script = DESCRIBE_WITH_MOUNTED_HOME.format(options=options, program=program)
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-ec", script, sys.executable],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"native code from {tmp_path}/var/native"
    assert len(libraries(tmp_path / "var")) == 1


def test_without_any_usable_folder_the_reason_and_the_setting_are_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(tmp_path / "file"))
    assert build.load_library() is None
    assert f"{tmp_path}/file/native" in build.describe()
    assert "set OSTINATO_STATE_DIR" in build.describe()
    assert build._load().detail in caplog.text


def test_without_a_compiler_networks_run_on_torch_and_a_warning_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(build, "COMPILER", "no-such-compiler")
    assert isinstance(build_inference_model(tiny_decoder(), torch.device("cpu")), TorchDecoder)
    assert "no-such-compiler is not installed; install it." in caplog.text


def test_if_compilation_fails_a_warning_is_logged_and_no_file_remains(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, home: Path, sources: Path
) -> None:
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-Danswer=)"))
    assert build.load_library() is None
    assert "several times slower" in caplog.text
    assert "error" in caplog.text
    assert libraries(home) == []
