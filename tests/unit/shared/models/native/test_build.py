"""The native code is compiled once, for this machine; without a compiler there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from shared.models.native import build
from shared.models.resident import Resident
from shared.models.weights import make_resident
from tests.unit.shared.models.toys import toy_decoder


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(build, "CACHE", tmp_path)
    build.library.cache_clear()
    yield
    build.library.cache_clear()


def test_it_is_compiled_once_and_named_by_all_that_it_depends_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert build.library() is not None
    (made,) = tmp_path.iterdir()
    stamp = made.stat().st_mtime_ns
    build.library.cache_clear()
    assert build.library() is not None
    assert made.stat().st_mtime_ns == stamp
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-DANOTHER"))
    build.library.cache_clear()
    assert build.library() is not None
    assert len(list(tmp_path.iterdir())) == 2


def test_a_terminal_of_another_width_does_not_make_it_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for columns in ("80", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        build.library.cache_clear()
        assert build.library() is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_compiler_networks_run_on_torch_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(build, "COMPILER", "no-such-compiler")
    assert isinstance(make_resident(toy_decoder(), torch.device("cpu")), Resident)
    assert "There is no no-such-compiler" in caplog.text


def test_what_does_not_compile_is_said_and_done_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-DLANES=)"))
    assert build.library() is None
    assert "several times slower" in caplog.text
    assert "error" in caplog.text
    assert list(tmp_path.iterdir()) == []
