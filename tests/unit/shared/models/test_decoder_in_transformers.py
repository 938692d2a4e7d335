"""The promise to users: a checkpoint folder is one that Hugging Face loads, with equal logits."""

from pathlib import Path

import pytest
import torch

from shared.models.weights import load_weights, save_weights
from tests.unit.shared.models.toys import CONFIG, toy_decoder

transformers = pytest.importorskip("transformers")


def test_hugging_face_computes_the_same_logits(tmp_path: Path) -> None:
    save_weights(toy_decoder(), tmp_path)
    theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = torch.randint(0, CONFIG.vocab_size, (2, CONFIG.context))
    with torch.inference_mode():
        ours = load_weights(tmp_path)(ids)
        torch.testing.assert_close(theirs(ids).logits, ours, atol=1e-4, rtol=1e-4)
