"""The promise to users: a checkpoint folder is one that Hugging Face loads, with equal logits."""

from pathlib import Path

import pytest
import torch

from shared.models.checkpoints import load_weights, save_weights
from shared.models.decoder import Decoder
from tests.conftest import ROOT
from tests.unit.shared.models.toys import toy_decoder

transformers = pytest.importorskip("transformers")
LENGTH = 200


@pytest.fixture(params=["toy", "mini", "v7", "v8"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a checkpoint."""
    if request.param != "toy":
        return ROOT / "checkpoints" / str(request.param)
    save_weights(toy_decoder(), tmp_path)
    return tmp_path


def test_hugging_face_computes_the_same_logits(folder: Path) -> None:
    theirs = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ours = load_weights(folder)
    assert isinstance(ours, Decoder)
    ids = torch.randint(0, ours.config.vocab_size, (2, min(ours.config.context, LENGTH)))
    with torch.inference_mode():
        torch.testing.assert_close(theirs(ids).logits, ours(ids), atol=1e-4, rtol=0)
