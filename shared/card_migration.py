"""Converts records that release 0.1.0 wrote to the field names of release 0.2.0.

Cards, data set reports and evaluations are stored as JSON in checkpoint folders and in PostgreSQL,
recipes also in run folders. The alembic revision 0012, the trainer's command `migrate_cards` and
its reader of run folders convert them with the pure functions of this module, so it must never
change: it describes two released formats. It imports the standard library only.

Every function returns a new dict. Keys without a rename are copied, and absent keys stay absent.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]

CARD_0_1_0_KEY = "licence"
"""A key that every card of 0.1.0 has and no later card."""

_TOKENIZERS = {
    "pitch and chord symbols": "pitch_symbols",
    "REMI": "remi",
    "REMI and byte pairs": "remi_bpe",
}
_STOP_REASONS = {
    "its budget was spent": "budget spent",
    "the held-out pieces stopped getting better": "early stopping",
    "exported before its end": "exported before the end of the run",
}
_SKIP_REASONS = {
    "is no file that can be read": "not a readable file",
    "does not parse": "cannot be parsed",
    "breaks or stalls its reader": "crashes or hangs the parser",
    "all its notes begin at once": "all notes start at once",
    "not wholly in 4/4, 2/2 or 2/4": "not entirely in 4/4, 2/2 or 2/4",
    "its bars do not add up": "bars have inconsistent lengths",
    "leaves the piano's keyboard": "outside the piano range",
    "the same music under another name": "duplicate of another piece",
    "the same notes under another name": "duplicate of another piece",
    "not in the published table": "not in the published split table",
}
_LIMITATIONS = {
    "explains pitch symbols only: neither rhythm nor force, nor the octaves of chords": (
        "covers pitch symbols only: no rhythm, no velocity, no octaves of chords"
    ),
}
_SELECTION = re.compile(
    r"the best of (\d+) examinations by (?:the (beginnings) of|the) held-out pieces; being chosen "
    "by them, they look a trace better on them than they are"
)
_RECIPES = {"seedling": "v7-small"}


def is_card_of_0_1_0(card: Record) -> bool:
    """Whether a card has the format of release 0.1.0."""
    return CARD_0_1_0_KEY in card


def card_from_0_1_0(card: Record) -> Record:
    """The contents of a checkpoint's `card.json`."""
    renamed = _renamed(card, licence="license")
    _apply(renamed, "capabilities", _capabilities)
    _apply(renamed, "data", _data)
    _apply(renamed, "training", _training)
    _apply(renamed, "evaluation", _evaluation)
    return renamed


def sample_evaluation_from_0_1_0(samples: Record) -> Record:
    """The measurements of generated samples: `evaluation.samples` of a card, or an evaluation's."""
    return _renamed(
        samples,
        pieces="num_pieces",
        silent="num_silent",
        excerpts="num_excerpts",
        traits="features",
        longest_copied_notes="training_overlap",
        failed="num_failed",
    )


def dataset_report_from_0_1_0(report: Record) -> Record:
    """What the import of a data set counted; a card has the same keys for each data set."""
    renamed = _renamed(
        report,
        left_out="skipped",
        kept="used",
        families="duplicate_groups",
        notes="num_notes",
    )
    _apply(renamed, "skipped", _skip_reasons)
    return renamed


def training_request_from_0_1_0(request: Record) -> Record:
    """A request to train a version."""
    renamed = dict(request)
    _apply(renamed, "recipe", _recipe_name)
    _apply(renamed, "overrides", lambda overrides: _renamed(overrides, batch="batch_size"))
    return renamed


def recipe_from_0_1_0(recipe: Record) -> Record:
    """The recipe of a run, in a card or in the checkpoints of a run folder."""
    renamed = _renamed(
        recipe,
        ingredients="datasets",
        tokens="tokenizer",
        vocabulary="vocab_size",
        begins_from="grow_from",
        evaluate_every="validate_every",
    )
    if "network" in renamed and "examples" not in renamed:
        _move_example_settings(renamed)
    _apply(renamed, "version", _recipe_name)
    _apply(renamed, "grow_from", _recipe_name)
    _apply(renamed, "tokenizer", lambda name: _TOKENIZERS.get(name, name))
    _apply(renamed, "examples", _examples)
    _apply(renamed, "optimization", _optimization)
    return renamed


def base_from_0_1_0(base: Record) -> Record:
    """What a run was initialized from, in a card or in `base.json` of a run folder."""
    renamed = _renamed(base, music="datasets", dataset="requested_dataset")
    _apply(renamed, "recipe", _recipe_name)
    _apply(renamed, "base", base_from_0_1_0)
    return renamed


def stop_reason_from_0_1_0(reason: str) -> str:
    """Why a run ended."""
    return _STOP_REASONS.get(reason, reason)


def _capabilities(capabilities: Record) -> Record:
    return _renamed(capabilities, steering="key_conditioning")


def _data(data: Record) -> Record:
    renamed = _renamed(data, sets="datasets", tokens="num_tokens", vocabulary="vocab_size")
    _apply(renamed, "datasets", lambda datasets: [_dataset(dataset) for dataset in datasets])
    return renamed


def _dataset(dataset: Record) -> Record:
    renamed = _renamed(
        dataset_report_from_0_1_0(dataset),
        about="description",
        licence="license",
        tokens="num_tokens",
    )
    _apply(renamed, "description", _dataset_description)
    _apply(renamed, "license", _dataset_license)
    return renamed


def _dataset_description(description: str) -> str:
    return description.replace("handed in as data set", "uploaded as data set")


def _dataset_license(license_: str) -> str:
    return license_.replace("known to the one who handed it in", "known to the uploader")


def _training(training: Record) -> Record:
    renamed = _renamed(
        training,
        ended="stop_reason",
        weights="selection",
        parameters="num_parameters",
        job="job_id",
    )
    _apply(renamed, "stop_reason", stop_reason_from_0_1_0)
    _apply(renamed, "selection", _selection)
    _apply(renamed, "request", training_request_from_0_1_0)
    _apply(renamed, "recipe", recipe_from_0_1_0)
    _apply(renamed, "base", base_from_0_1_0)
    return renamed


def _selection(text: str) -> str:
    match = _SELECTION.fullmatch(text)
    if match is None:
        return text
    count, beginnings = match.groups()
    side = "the openings of held-out pieces" if beginnings else "the held-out pieces"
    return (
        f"best of {count} validations on {side}; selecting by them makes their figures slightly "
        "optimistic"
    )


def _move_example_settings(recipe: Record) -> None:
    """Give the recipe of `mini`, which is older than `examples`, the structure of the others."""
    recipe["network"] = dict(recipe["network"])
    recipe["examples"] = {
        key: settings.pop(key)
        for settings, key in ((recipe["network"], "context"), (recipe, "transpositions"))
        if key in settings
    }
    recipe.setdefault("tokenizer", "REMI and byte pairs")


def _examples(examples: Record) -> Record:
    return _renamed(
        examples,
        velocity="velocity_jitter",
        stretch="time_stretch",
        infill="infill_rate",
        controls="control_rate",
    )


def _optimization(optimization: Record) -> Record:
    return _renamed(
        optimization,
        matrices="matrix_optimizer",
        batch="batch_size",
        clip="max_grad_norm",
        warmup="warmup_ratio",
        decay="decay_ratio",
        floor="min_lr_ratio",
    )


def _evaluation(evaluation: Record) -> Record:
    renamed = _renamed(
        _likelihood(evaluation), note="limitation", by_set="by_dataset", leak="data_leakage"
    )
    _apply(renamed, "limitation", lambda text: _LIMITATIONS.get(text, text))
    _apply(renamed, "by_dataset", _likelihoods)
    _apply(renamed, "data_leakage", _data_leakage)
    _apply(renamed, "samples", sample_evaluation_from_0_1_0)
    return renamed


def _likelihoods(by_dataset: Record) -> Record:
    return {name: _likelihood(record) for name, record in by_dataset.items()}


def _likelihood(record: Record) -> Record:
    renamed = dict(record)
    _apply(renamed, "held_out", _held_out)
    return renamed


def _held_out(counts: Record) -> Record:
    return _renamed(counts, pieces="num_pieces", notes="num_notes", tokens="num_tokens")


def _data_leakage(leakage: Record) -> Record:
    return _renamed(leakage, tokens="num_tokens", training_windows="num_training_windows")


def _skip_reasons(skipped: dict[str, int]) -> dict[str, int]:
    """Translated reasons; two old reasons for duplicates are one now."""
    translated: dict[str, int] = {}
    for reason, count in skipped.items():
        name = _SKIP_REASONS.get(reason, reason)
        translated[name] = translated.get(name, 0) + count
    return translated


def _recipe_name(name: str) -> str:
    return _RECIPES.get(name, name)


def _renamed(record: Record, **names: str) -> Record:
    """The record with these keys renamed, in its order."""
    return {names.get(key, key): value for key, value in record.items()}


def _apply(record: Record, key: str, convert: Callable[[Any], object]) -> None:
    """Convert the value under `key` in place, if there is one."""
    if record.get(key) is not None:
        record[key] = convert(record[key])
