"""A decoder's checkpoint folder loads in Transformers and gives equal logits."""

from pathlib import Path

import pytest
import torch

from shared.models.checkpoints import load_weights, save_weights
from shared.models.decoder import Decoder
from tests.conftest import ROOT
from tests.unit.shared.models.tiny_models import tiny_decoder

transformers = pytest.importorskip("transformers")
LENGTH = 200


@pytest.fixture(params=["tiny", "mini", "v7", "v8"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A checkpoint folder."""
    if request.param != "tiny":
        return ROOT / "checkpoints" / str(request.param)
    save_weights(tiny_decoder(), tmp_path)
    return tmp_path


def test_hugging_face_computes_equal_logits(folder: Path) -> None:
    reference = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    decoder = load_weights(folder)
    assert isinstance(decoder, Decoder)
    ids = torch.randint(0, decoder.config.vocab_size, (1, min(decoder.config.context, LENGTH)))
    with torch.inference_mode():
        torch.testing.assert_close(reference(ids).logits, decoder(ids), atol=1e-4, rtol=0)
