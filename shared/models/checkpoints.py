"""Checkpoint folders: config.json, model.safetensors, card.json; read and written, and verified.

A decoder's folder is also a valid Hugging Face Llama checkpoint. Refuses to load weights that are
not those that its card names, and formats that can carry code.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ostinato.schemas.models import ModelCard
from shared.errors import OstinatoError
from shared.models.cuda_graph_decoder import ResidentOnGpu
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.inference_model import Model
from shared.models.lstm import MODEL_TYPE, Lstm, LstmConfig
from shared.models.native import decoder as native_decoder
from shared.models.native import lstm as native_lstm
from shared.models.native.build import library
from shared.models.torch_decoder import Resident
from shared.models.torch_lstm import ResidentLstm

log = logging.getLogger(__name__)

Network: TypeAlias = Decoder | Lstm
"""What a checkpoint holds, as it is trained."""

CARD, CONFIG, WEIGHTS = "card.json", "config.json", "model.safetensors"


class InvalidCheckpoint(OstinatoError):
    """A checkpoint folder cannot be used; the detail names the file and what is wrong with it."""

    code = "invalid_checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model ready to be sampled from, and what its folder says of it."""

    card: ModelCard
    model: Model


def save_weights(network: Network, folder: Path) -> str:
    """Write config.json and, in bf16, model.safetensors; the latter's SHA-256, for the card.

    Raises:
        OSError: they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = json.dumps(network.config.to_json(), indent=2)
    (folder / CONFIG).write_text(config + "\n", encoding="utf-8")
    tensors = {name: value.bfloat16().cpu() for name, value in network.state_dict().items()}
    unfinished = folder / f"{WEIGHTS}.unfinished"
    try:
        save_file(tensors, unfinished, metadata={"format": "pt"})
    except SafetensorError as error:  # it says so even of a full disk
        raise OSError(f"{unfinished}: {error}") from error
    unfinished.chmod(0o644)  # safetensors would keep it from the account that serves it
    unfinished.replace(folder / WEIGHTS)
    return sha256_of(folder / WEIGHTS)


def load_weights(folder: Path) -> Network:
    """The network in a folder, in float32; InvalidCheckpoint if its files do not fit together."""
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        network: Network
        if config["model_type"] == MODEL_TYPE:
            network = Lstm(LstmConfig.from_json(config))
        else:
            network = Decoder(DecoderConfig.from_json(config))
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        raise InvalidCheckpoint(f"{folder}: {error}") from error
    return network


def make_resident(network: Network, device: torch.device) -> Model:
    """The network, ready to be sampled from: as native code where that can be, else on torch."""
    code = library() if device.type == "cpu" else None
    if isinstance(network, Lstm):
        if code and native_lstm.fits(network, code):
            return native_lstm.NativeLstm(network, code)
        return ResidentLstm(network, device)
    if code and native_decoder.fits(network, code):
        return native_decoder.NativeDecoder(network, code)
    return ResidentOnGpu(network, device) if device.type == "cuda" else Resident(network, device)


def find_checkpoint(checkpoints: Path, version: str, sha256: str) -> Path:
    """The folder, under whatever name, whose card names these weights of a version.

    Raises:
        InvalidCheckpoint: there is none.
    """
    for folder, card in _cards(checkpoints):
        if (card.version, card.sha256) == (version, sha256):
            return folder
    raise InvalidCheckpoint(
        f"{checkpoints.absolute()} has no folder whose {CARD} names {version} with weights "
        f"{sha256}: put it there, or let OSTINATO_CHECKPOINTS name another place."
    )


def find_version(checkpoints: Path, version: str) -> Path:
    """The folder whose card names a version; of several, the one that is called like it.

    Raises:
        InvalidCheckpoint: there is none.
    """
    found = [folder for folder, card in _cards(checkpoints) if card.version == version]
    if not found:
        raise InvalidCheckpoint(
            f"{checkpoints.absolute()} has no folder whose {CARD} names {version}: put it there, "
            "or let OSTINATO_CHECKPOINTS name another place."
        )
    return max(found, key=lambda folder: folder.name == version)


def _cards(checkpoints: Path) -> Iterator[tuple[Path, ModelCard]]:
    """Every folder with a card that can be read, and the card."""
    for path in sorted(checkpoints.glob(f"*/{CARD}")):
        try:
            card = ModelCard.model_validate_json(path.read_bytes())
        except ValidationError:
            continue  # it is about something else, or nothing
        except OSError as error:
            log.warning("%s cannot be read, and its version is not found: %s", path, error.strerror)
            continue
        yield path.parent, card


def read_card(folder: Path) -> ModelCard:
    """What the folder says of itself, once its weights are shown to be those the card names."""
    path = folder / CARD
    try:
        card = ModelCard.model_validate_json(path.read_bytes())
        found = sha256_of(folder / WEIGHTS)
    except (OSError, ValidationError) as error:
        raise InvalidCheckpoint(f"{path}: {error}") from error
    if found != card.sha256:
        detail = (
            f"{folder / WEIGHTS}: {path.name} expects SHA-256 {card.sha256}, found {found}; "
            "fetch the folder again, or export the version anew"
        )
        raise InvalidCheckpoint(detail, file=WEIGHTS, expected=card.sha256, found=found)
    return card


def load_checkpoint(folder: Path, device: torch.device) -> Checkpoint:
    """Verify a folder and make its model resident on a device."""
    card = read_card(folder)
    return Checkpoint(card=card, model=make_resident(load_weights(folder), device))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
