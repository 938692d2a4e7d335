"""The music of a version is found by what its card says, or it is said which setting is wanted."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.sources import (
    UnknownMusic,
    context_of,
    learnt_before,
    learnt_from,
    opened,
    weights_of,
)
from services.trainer.ipc.messages import Places
from shared.storage.archives import blob_of
from shared.storage.blobs import Blobs
from tests.tunes import tunes

HANDED_IN = UUID("018f0000-0000-7000-8000-00000000dada")
TWO = {"ingredients": [{"name": "reference-mixed"}, {"name": "maestro", "weight": 2.0}]}
MINE = {"ingredients": [{"name": "tunes"}]}


def card(training: dict[str, Any]) -> ModelCard:
    return ModelCard(
        version="v8",
        sha256="0" * 64,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        licence="none",
        data={},
        training=training,
        evaluation={},
    )


def places(folder: Path, data: Path | None = None) -> Places:
    return Places(home=folder, data=data, checkpoints=folder, storage_url=str(folder / "blobs"))


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ({"recipe": TWO}, (["reference-mixed", "maestro"], None)),
        ({"recipe": TWO, "request": {"recipe": "v8"}}, (["reference-mixed", "maestro"], None)),
        ({"recipe": MINE, "request": {"dataset": "music21"}}, (["tunes"], None)),
        ({"recipe": MINE, "request": {"dataset": str(HANDED_IN)}}, (["tunes"], HANDED_IN)),
    ],
)
def test_a_card_names_its_music(
    training: dict[str, Any], expected: tuple[list[str], UUID | None]
) -> None:
    assert learnt_from(card(training)) == expected


@pytest.mark.parametrize("training", [{}, {"recipe": {}}, {"recipe": {"ingredients": []}}])
def test_a_card_that_names_none_is_refused(training: dict[str, Any]) -> None:
    with pytest.raises(UnknownMusic, match=r"The card of v8 .* training\.recipe\.ingredients"):
        learnt_from(card(training))


def test_what_its_first_weights_learnt_from_is_named_beside_its_own() -> None:
    base = {"music": ["folk", "tunes"], "base": {"recipe": "old", "base": {"music": ["jazz"]}}}
    assert learnt_before(card({"recipe": MINE, "base": base})) == [("folk", None), ("jazz", None)]
    assert learnt_before(card({"recipe": MINE, "base": None})) == []


def test_a_set_that_was_handed_in_goes_by_its_id_whatever_it_is_called() -> None:
    jazz = {"ingredients": [{"name": "jazz"}]}
    base = {
        "music": ["jazz"],
        "dataset": str(HANDED_IN),
        "base": {"music": ["jazz"], "dataset": "jazz"},
    }
    theirs, catalogue_s = ("jazz", HANDED_IN), ("jazz", None)
    assert learnt_before(card({"recipe": MINE, "base": base})) == [theirs, catalogue_s]
    assert learnt_before(card({"recipe": jazz, "base": base})) == [theirs]
    asked = {"dataset": str(HANDED_IN)}
    assert learnt_before(card({"recipe": jazz, "request": asked, "base": base})) == [catalogue_s]


def test_the_sets_are_drawn_as_often_as_the_recipe_says() -> None:
    assert weights_of(card({"recipe": TWO})) == [1.0, 2.0]


def test_a_recipe_tells_the_length_of_its_rows_of_examples_or_of_the_network() -> None:
    assert context_of(card({"recipe": TWO | {"examples": {"context": 512}}})) == 512
    assert context_of(card({"recipe": TWO | {"network": {"context": 256}}})) == 256
    without: list[dict[str, Any]] = [{}, TWO, TWO | {"examples": {}}]
    words = r"The card of v8 .* training\.recipe\.examples\.context"
    for recipe in without:
        with pytest.raises(UnknownMusic, match=words):
            context_of(card({"recipe": recipe}))


def test_a_named_set_is_looked_for_where_the_setting_says(data: Path, tmp_path: Path) -> None:
    with opened(["folk", "music21"], None, places(tmp_path, data), tmp_path) as sources:
        assert [source.name for source in sources] == ["folk", "music21"]


def test_without_the_setting_it_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(DatasetNotFound, match="reference-mixed: OSTINATO_DATA is not set"),
        opened(["reference-mixed"], None, places(tmp_path), tmp_path),
    ):
        pytest.fail("there is no such music")


def test_a_set_that_was_handed_in_comes_out_of_the_storage(tmp_path: Path) -> None:
    dataset_id = uuid4()
    Blobs(str(tmp_path / "blobs")).put(blob_of(dataset_id), tunes(3))
    with opened(["music21"], dataset_id, places(tmp_path), tmp_path) as [source]:
        assert source.name == "music21"
        assert str(dataset_id) in source.about
