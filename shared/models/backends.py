"""Chooses the inference backend of a network: native code, torch, or CUDA graphs."""

from dataclasses import dataclass
from pathlib import Path

import torch

from ostinato.schemas.models import ModelCard
from shared.models.checkpoints import Network, load_weights, read_card
from shared.models.cuda_graph_decoder import CudaGraphDecoder
from shared.models.inference_model import InferenceModel
from shared.models.lstm import Lstm
from shared.models.native import decoder as native_decoder
from shared.models.native import lstm as native_lstm
from shared.models.native.build import load_library
from shared.models.torch_decoder import TorchDecoder
from shared.models.torch_lstm import TorchLstm


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCheckpoint:
    """The card of a checkpoint, and its model loaded for inference."""

    card: ModelCard
    model: InferenceModel


def load_checkpoint(folder: Path, device: torch.device) -> LoadedCheckpoint:
    """Verify a checkpoint folder and load its model for inference.

    Raises:
        InvalidCheckpoint: a file is missing, unreadable, or does not match the card.
    """
    card = read_card(folder)
    return LoadedCheckpoint(card=card, model=build_inference_model(load_weights(folder), device))


def build_inference_model(network: Network, device: torch.device) -> InferenceModel:
    """The network on the fastest backend: native code on a CPU where possible, else torch."""
    library = load_library() if device.type == "cpu" else None
    if isinstance(network, Lstm):
        if library and native_lstm.is_supported(network, library):
            return native_lstm.NativeLstm(network, library)
        return TorchLstm(network, device)
    if library and native_decoder.is_supported(network, library):
        return native_decoder.NativeDecoder(network, library)
    if device.type == "cuda":
        return CudaGraphDecoder(network, device)
    return TorchDecoder(network, device)
