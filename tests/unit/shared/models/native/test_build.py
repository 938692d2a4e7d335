"""Tests of the compilation of the native code."""

import platform
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


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(build, "CACHE", tmp_path)
    build.load_library.cache_clear()
    yield
    build.load_library.cache_clear()


def test_it_is_compiled_once_for_each_set_of_flags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert build.load_library() is not None
    (built,) = tmp_path.iterdir()
    modified = built.stat().st_mtime_ns
    build.load_library.cache_clear()
    assert build.load_library() is not None
    assert built.stat().st_mtime_ns == modified
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-DANOTHER"))
    build.load_library.cache_clear()
    assert build.load_library() is not None
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("processor", OLDER)
def test_logits_are_correct_without_the_instructions_of_new_processors(
    monkeypatch: pytest.MonkeyPatch, processor: str
) -> None:
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, f"-march={processor}"))
    library, exact = build.load_library(), tiny_decoder()
    assert library is not None
    ids = torch.arange(60) % CONFIG.vocab_size
    logits = NativeDecoder(exact, library).init_state(1).forward(ids * 0, ids, torch.arange(60))
    expected = exact(ids[None])[0]
    assert (logits - expected).norm() < 0.06 * expected.norm()


def test_another_width_of_the_terminal_does_not_compile_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for columns in ("80", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        build.load_library.cache_clear()
        assert build.load_library() is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_compiler_networks_run_on_torch_and_a_warning_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(build, "COMPILER", "no-such-compiler")
    assert isinstance(build_inference_model(tiny_decoder(), torch.device("cpu")), TorchDecoder)
    assert "There is no no-such-compiler" in caplog.text


def test_if_compilation_fails_a_warning_is_logged_and_no_file_remains(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-DLANES=)"))
    assert build.load_library() is None
    assert "several times slower" in caplog.text
    assert "error" in caplog.text
    assert list(tmp_path.iterdir()) == []
