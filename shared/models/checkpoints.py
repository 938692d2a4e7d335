"""Checkpoint folders: config.json, model.safetensors and card.json.

A decoder's folder is also a valid Hugging Face Llama checkpoint. Only safetensors is supported:
loading it cannot execute code.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.models import ModelCard
from shared.errors import OstinatoError
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.lstm import MODEL_TYPE, Lstm, LstmConfig

log = logging.getLogger(__name__)

Network: TypeAlias = Decoder | Lstm
"""A network for training; `backends` prepares it for inference."""

CARD, CONFIG, WEIGHTS = "card.json", "config.json", "model.safetensors"
GENERATION_CONFIG = "generation_config.json"
"""The sampling defaults, as Hugging Face's `GenerationConfig` has them."""
MIGRATION_COMMAND = "python -m services.trainer.cli.migrate_cards"


class InvalidCheckpoint(OstinatoError):
    """A checkpoint folder cannot be used; the detail names the file and what is wrong with it."""

    code = "invalid_checkpoint"


def save_weights(network: Network, folder: Path) -> str:
    """Write config.json and, in bf16, model.safetensors; returns the SHA-256 of the latter.

    Raises:
        OSError: the files cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = json.dumps(network.config.to_json(), indent=2)
    (folder / CONFIG).write_text(config + "\n", encoding="utf-8")
    tensors = {name: value.bfloat16().cpu() for name, value in network.state_dict().items()}
    unfinished = folder / f"{WEIGHTS}.unfinished"
    try:
        save_file(tensors, unfinished, metadata={"format": "pt"})
    except SafetensorError as error:  # also if the disk is full
        raise OSError(f"{unfinished}: {error}") from error
    unfinished.chmod(0o644)  # safetensors creates it readable by its owner only
    unfinished.replace(folder / WEIGHTS)
    return sha256_of(folder / WEIGHTS)


def load_weights(folder: Path) -> Network:
    """The network of a folder, in float32.

    Raises:
        InvalidCheckpoint: a file is missing or unreadable, or config and weights differ.
    """
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


def find_checkpoint(checkpoints: Path, version: str, sha256: str) -> Path:
    """The folder whose card has this version and these weights, under any folder name.

    Raises:
        InvalidCheckpoint: there is none.
    """
    for folder, card in _readable_cards(checkpoints):
        if (card.version, card.sha256) == (version, sha256):
            return folder
    raise InvalidCheckpoint(
        f"{checkpoints.absolute()} has no folder whose {CARD} names {version} with weights "
        f"{sha256}: put it there, or set OSTINATO_CHECKPOINTS_DIR to another folder."
        + _unreadable_cards(checkpoints)
    )


def find_version(checkpoints: Path, version: str) -> Path:
    """The folder whose card has this version, preferably the folder that is named after it.

    Raises:
        InvalidCheckpoint: there is none.
    """
    found = [folder for folder, card in _readable_cards(checkpoints) if card.version == version]
    if not found:
        raise InvalidCheckpoint(
            f"{checkpoints.absolute()} has no folder whose {CARD} names {version}: put it there, "
            "or set OSTINATO_CHECKPOINTS_DIR to another folder." + _unreadable_cards(checkpoints)
        )
    return max(found, key=lambda folder: folder.name == version)


def read_card(folder: Path) -> ModelCard:
    """The card of a folder, after comparing its SHA-256 with the weights.

    Raises:
        InvalidCheckpoint: the card or the weights cannot be read, or they do not match.
    """
    path = folder / CARD
    card = parse_card(path)
    try:
        found = sha256_of(folder / WEIGHTS)
    except OSError as error:
        raise InvalidCheckpoint(f"{folder / WEIGHTS}: {error}") from error
    if found != card.sha256:
        detail = (
            f"{folder / WEIGHTS}: {path.name} expects SHA-256 {card.sha256}, found {found}; "
            "fetch the folder again, or export the version again"
        )
        raise InvalidCheckpoint(detail, file=WEIGHTS, expected=card.sha256, found=found)
    return card


def parse_card(path: Path) -> ModelCard:
    """The card in a file, with the sampling defaults beside it.

    `read_card` also compares it with the weights.

    Raises:
        InvalidCheckpoint: it cannot be read, or PostgreSQL cannot store it.
    """
    try:
        card = ModelCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidCheckpoint(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise InvalidCheckpoint(
            f"{path}: {field}: {first['msg']}. If the card is of release 0.1.0, run: "
            f"{MIGRATION_COMMAND} {path.parent.parent}"
        ) from error
    sampling = read_sampling(path.parent)
    if sampling is not None:
        capabilities = card.capabilities.model_copy(update={"sampling": sampling})
        card = card.model_copy(update={"capabilities": capabilities})
    if r"\u0000" in card.model_dump_json():
        raise InvalidCheckpoint(f"{path}: a text has the character NUL (U+0000); remove it.")
    return card


def read_sampling(folder: Path) -> ResolvedSampling | None:
    """The sampling defaults of a folder; None if it has none.

    Raises:
        InvalidCheckpoint: they cannot be read, or a request could not have them.
    """
    path = folder / GENERATION_CONFIG
    try:
        content = json.loads(path.read_bytes())
        known = ResolvedSampling.model_fields.keys() & content.keys()
        return ResolvedSampling.model_validate({name: content[name] for name in known})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidCheckpoint(f"{path}: {error}") from error


def write_sampling(sampling: ResolvedSampling, folder: Path) -> None:
    """Replace the sampling defaults of a folder atomically; OSError if that is not possible."""
    content = {"do_sample": True, **sampling.model_dump()}
    partial = folder / f"{GENERATION_CONFIG}.partial"
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / GENERATION_CONFIG)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _readable_cards(checkpoints: Path) -> Iterator[tuple[Path, ModelCard]]:
    """Every folder with a valid card, and the card; the others are logged."""
    for path in sorted(checkpoints.glob(f"*/{CARD}")):
        try:
            yield path.parent, parse_card(path)
        except InvalidCheckpoint as error:
            log.warning("Skipping a checkpoint: %s", error)


def _unreadable_cards(checkpoints: Path) -> str:
    """What is wrong with the cards that a search skipped, as a part of an error message."""
    details = []
    for path in sorted(checkpoints.glob(f"*/{CARD}")):
        try:
            parse_card(path)
        except InvalidCheckpoint as error:
            details.append(error.detail)
    return " Unreadable: " + "; ".join(details) if details else ""
