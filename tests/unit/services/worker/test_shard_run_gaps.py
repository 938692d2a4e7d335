"""Several gaps of one melody: what each sees, its constraints, the same bytes in any batch."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, chord_tones
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.model_registry import LoadedModel
from services.worker.shard_run import SequenceId, ShardRun
from shared.db.generation_shards import ClaimedShard, ShardItem
from shared.midi.receipt import read_receipt
from shared.models.generate import generate
from shared.models.sampling_params import GenerationSpec
from tests.support.midi import a_stored_primer
from tests.support.random_model import CONTEXT, RANDOM

BARS = 8
THEME = [Note(bar * TICKS_PER_BAR + 480, 480, 50 + bar, 80) for bar in range(BARS)]
HELD = Note(1 * TICKS_PER_BAR, 3 * TICKS_PER_BAR, 40, 80)
"""A note of bar 1 that sounds through bars 2 and 3."""
CHORDS = Chords(progression=("C", "D", "E", "F", "G", "A", "B", "F#"), strictness=1)


def a_run(model: LoadedModel, seed: int, *bars: int, num_items: int = 1) -> ShardRun:
    request = GenerationRequest(
        model=RANDOM, primer_id=uuid4(), regenerate=bars, chords=CHORDS, seed=seed
    )
    primer = a_stored_primer([*THEME, HELD], bars=BARS)
    items = [
        ShardItem(index=index, seed=seed + index, request=request, primer=primer)
        for index in range(num_items)
    ]
    shard = ClaimedShard(
        shard_id=UUID(int=1),
        job_id=UUID(int=2),
        owner="ann",
        attempt=1,
        num_items=num_items,
        crashes=0,
        model=RANDOM,
        is_interactive=False,
        items=items,
    )
    return ShardRun(shard, model)


def tokens_of(model: LoadedModel, spec: GenerationSpec) -> Iterator[int]:
    return generate(model.runner.model, model.tokenizer.grammar(), spec)


def finish(run: ShardRun, model: LoadedModel) -> list[bytes]:
    """The files of a run, generated one after another."""
    for request in run.engine_requests():
        output = EngineOutput(
            id=request.id,
            tokens=tuple(tokens_of(model, request.spec)),
            finish_reason=FinishReason.COMPLETE,
            error=None,
            elapsed_seconds=0.1,
        )
        assert isinstance(request.id, SequenceId)
        run.apply(request.id.melody, output)
    melodies = run.results(run.take_finished()).melodies
    assert run.error is None
    return [melody.midi for melody in melodies]


def test_regenerated_bars_have_the_chords_of_their_positions(random_model: LoadedModel) -> None:
    run = a_run(random_model, 4, 0, 2, 3, 7)
    finish(run, random_model)
    [builder] = run.builders.values()
    found: dict[int, set[int]] = {}
    for note in builder.generated_notes:
        bar, end = note.start // TICKS_PER_BAR, note.start + note.duration
        found.setdefault(bar, set()).add(note.pitch % 12)
        assert end <= {0: 1, 2: 4, 3: 4, 7: 8}[bar] * TICKS_PER_BAR
    assert found.keys() == {0, 2, 3, 7}
    for bar, classes in found.items():
        assert classes <= chord_tones(CHORDS.progression[bar])
    assert HELD in builder.notes


def test_a_gap_sees_what_was_generated_for_the_earlier_ones(random_model: LoadedModel) -> None:
    """Greedily, so that the noise of the second gap does not depend on the first one."""
    [request] = a_run(random_model, 4, 2, 5).engine_requests()
    spec = replace(request.spec, temperature=0.0)
    [gap] = spec.later_gaps
    first = tuple(tokens_of(random_model, replace(spec, later_gaps=())))
    pinned_prefix, prompt = gap.prompt(first)
    alone = replace(
        spec,
        pinned_prefix=pinned_prefix,
        prompt=prompt,
        later_gaps=(),
        logit_biases=spec.logit_biases[1:],
    )
    assert tuple(tokens_of(random_model, spec)) == (*first, *tokens_of(random_model, alone))
    assert any(prompt[start : start + len(first)] == first for start in range(len(prompt)))


def test_prompts_have_at_most_half_a_context(random_model: LoadedModel) -> None:
    [request] = a_run(random_model, 4, 2, 5).engine_requests()
    spec = request.spec
    assert len(spec.pinned_prefix) + len(spec.prompt) <= CONTEXT // 2
    [gap] = spec.later_gaps
    long = tuple(tokens_of(random_model, replace(spec, later_gaps=()))) * 9
    assert sum(map(len, gap.prompt(long))) <= CONTEXT // 2


def test_the_bytes_do_not_depend_on_the_batch_and_the_receipt_names_the_format(
    random_model: LoadedModel,
) -> None:
    together = finish(a_run(random_model, 4, 1, 4, 6, num_items=3), random_model)
    [alone] = finish(a_run(random_model, 5, 1, 4, 6), random_model)
    receipt = read_receipt(alone)
    assert receipt is not None
    assert receipt["numerics"] == f"{random_model.numerics} infill-2"
    assert alone == together[1]


def test_a_melody_that_stops_between_gaps_keeps_the_complete_ones(
    random_model: LoadedModel,
) -> None:
    run = a_run(random_model, 4, 1, 4)
    [request] = run.engine_requests()
    tokens = tuple(tokens_of(random_model, request.spec))
    first = tuple(tokens_of(random_model, replace(request.spec, later_gaps=())))
    stopped = (*first, tokens[len(first)])
    for part, reason in ((stopped, None), ((), FinishReason.CANCELLED)):
        output = EngineOutput(
            id=0, tokens=part, finish_reason=reason, error=None, elapsed_seconds=0.1
        )
        run.apply(0, output)
    [melody] = run.results(run.take_finished()).partial
    changed = {note.start // TICKS_PER_BAR for note in {*melody.notes} ^ {*THEME, HELD}}
    assert 1 in changed
    assert 4 not in changed
