"""The native code is compiled once, for this machine; without a compiler there is none."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from shared.models.checkpoints import make_resident
from shared.models.native import build
from shared.models.native.decoder import NativeDecoder
from shared.models.torch_decoder import Resident
from tests.unit.shared.models.toys import CONFIG, toy_decoder

OLDER = ("x86-64", "haswell") if platform.machine() == "x86_64" else ()
"""Of the family of this one: with no vectors beyond SSE2, and with AVX2."""


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


@pytest.mark.parametrize("processor", OLDER)
def test_it_is_right_without_what_only_new_processors_have(
    monkeypatch: pytest.MonkeyPatch, processor: str
) -> None:
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, f"-march={processor}"))
    code, exact = build.library(), toy_decoder()
    assert code is not None
    ids = torch.arange(60) % CONFIG.vocab_size
    said = NativeDecoder(exact, code).init_state(1).extend(ids * 0, ids, torch.arange(60))
    expected = exact(ids[None])[0]
    assert (said - expected).norm() < 0.06 * expected.norm()


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
