"""The steps of one model: cancellation, and errors that end only their own sequence."""

from services.worker.engine.interface import (
    EngineCounters,
    EngineOutput,
    EngineRequest,
    FinishReason,
)
from services.worker.engine.model_executor import ModelExecutor
from tests.unit.services.worker.engine.engine_fixture import (
    FAULTY_PROMPT,
    MODEL,
    FaultyModel,
    make_request,
    make_runner,
    make_spec,
    reference_tokens,
)
from tests.unit.shared.models.tiny_models import BAR, BOS, WORDS_B


def make_executor(
    *requests: EngineRequest,
    model: FaultyModel | None = None,
    counters: EngineCounters | None = None,
) -> ModelExecutor:
    executor = ModelExecutor(make_runner(4, model or MODEL), 1, counters or EngineCounters())
    for request in requests:
        assert executor.add(request) == []
    return executor


def run_to_end(executor: ModelExecutor) -> list[EngineOutput]:
    """Step until all sequences have finished."""
    outputs = []
    while executor.scheduler.has_work:
        outputs += executor.step()
    return outputs


def tokens_of(outputs: list[EngineOutput], sequence_id: object) -> list[int]:
    return [token for output in outputs if output.id == sequence_id for token in output.tokens]


def finish_reasons(outputs: list[EngineOutput]) -> dict[object, FinishReason]:
    return {
        output.id: output.finish_reason for output in outputs if output.finish_reason is not None
    }


def test_a_step_generates_one_token_of_every_sequence() -> None:
    executor = make_executor(
        make_request("a", make_spec(1, bars=9)), make_request("b", make_spec(2, bars=9))
    )
    steps = [executor.step() for _ in range(3)]
    assert [[output.id for output in step] for step in steps] == [["a", "b"]] * 3
    assert [len(output.tokens) for step in steps for output in step] == [1] * 6


def test_elapsed_seconds_increase_from_step_to_step() -> None:
    executor = make_executor(make_request("a", make_spec(1, bars=9)))
    seconds = [executor.step()[0].elapsed_seconds for _ in range(3)]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_the_last_output_of_a_complete_sequence_has_no_token() -> None:
    *_, last = run_to_end(make_executor(make_request("a", make_spec(1))))
    assert (last.finish_reason, last.tokens) == (FinishReason.COMPLETE, ())


def test_a_sequence_can_be_cancelled_until_it_has_finished() -> None:
    num_tokens = len(reference_tokens(make_spec(1)))
    executor = make_executor(make_request("a", make_spec(1)))
    for _ in range(num_tokens):
        executor.step()
    (cancelled,) = executor.cancel({"a"})
    assert cancelled.finish_reason is FinishReason.CANCELLED
    assert not executor.scheduler.has_work

    executor = make_executor(make_request("a", make_spec(1)))
    run_to_end(executor)
    assert executor.cancel({"a"}) == []


def test_the_slot_of_a_cancelled_sequence_is_reused_without_affecting_the_others() -> None:
    executor = make_executor(
        *(make_request(name, make_spec(seed, bars=4)) for seed, name in enumerate("abcd"))
    )
    outputs = executor.step() + executor.step()
    outputs += executor.cancel({"b"})
    executor.add(make_request("e", make_spec(9, bars=4)))
    outputs += run_to_end(executor)
    assert finish_reasons(outputs)["b"] is FinishReason.CANCELLED
    for seed, name in ((0, "a"), (2, "c"), (3, "d"), (9, "e")):
        assert tokens_of(outputs, name) == reference_tokens(make_spec(seed, bars=4))


def test_an_invalid_request_fails_before_its_first_step() -> None:
    executor = make_executor(make_request("valid", make_spec(1)))
    invalid = [
        make_request("no bars", make_spec(1, bars=0)),
        make_request("a second BOS", make_spec(1, prompt=(BOS,))),
        make_request("against the grammar", make_spec(1, prompt=(BAR, WORDS_B[0]))),
        make_request("not in the vocabulary", make_spec(1, prompt=(64,))),
    ]
    outputs = [output for request in invalid for output in executor.add(request)]
    assert len(outputs) == 4
    assert set(finish_reasons(outputs).values()) == {FinishReason.ERROR}
    assert outputs[0].error is not None
    assert outputs[0].error.startswith("ValueError: bars: 0")
    assert finish_reasons(run_to_end(executor)) == {"valid": FinishReason.COMPLETE}


def test_a_prompt_that_cannot_be_prefilled_ends_only_its_own_sequence() -> None:
    executor = make_executor(
        make_request("a", make_spec(1)),
        make_request("faulty", make_spec(2, prompt=FAULTY_PROMPT)),
        make_request("b", make_spec(3)),
        model=FaultyModel(),
    )
    outputs = run_to_end(executor)
    assert finish_reasons(outputs) == {
        "faulty": FinishReason.ERROR,
        "a": FinishReason.COMPLETE,
        "b": FinishReason.COMPLETE,
    }
    assert tokens_of(outputs, "a") == reference_tokens(make_spec(1))
    assert tokens_of(outputs, "b") == reference_tokens(make_spec(3))
    (error,) = [output.error for output in outputs if output.id == "faulty"]
    assert error == "RuntimeError: the prompt is faulty"


def test_the_only_sequence_of_a_step_may_fail() -> None:
    request = make_request("faulty", make_spec(2, prompt=FAULTY_PROMPT))
    outputs = run_to_end(make_executor(request, model=FaultyModel()))
    assert finish_reasons(outputs) == {"faulty": FinishReason.ERROR}


def test_a_step_that_fails_once_changes_no_tokens() -> None:
    model = FaultyModel()
    executor = make_executor(
        *(make_request(name, make_spec(seed)) for seed, name in enumerate("abcd")), model=model
    )
    outputs = executor.step() + executor.step()
    model.fails = True
    assert executor.step() == []
    model.fails = False
    outputs += run_to_end(executor)
    for seed, name in enumerate("abcd"):
        assert tokens_of(outputs, name) == reference_tokens(make_spec(seed))


def test_a_device_that_keeps_failing_ends_all_sequences_and_accepts_new_ones_later() -> None:
    model = FaultyModel()
    executor = make_executor(
        make_request("a", make_spec(1)), make_request("b", make_spec(2)), model=model
    )
    executor.step()
    model.fails = True
    outputs = run_to_end(executor)
    assert finish_reasons(outputs) == {"a": FinishReason.ERROR, "b": FinishReason.ERROR}
    assert {output.error for output in outputs} == {"RuntimeError: the device failed"}
    model.fails = False
    executor.add(make_request("c", make_spec(1)))
    assert tokens_of(run_to_end(executor), "c") == reference_tokens(make_spec(1))


def test_complete_cancelled_and_failed_sequences_are_counted() -> None:
    counters = EngineCounters()
    other_job = make_request("b", make_spec(2, bars=50), job="other")
    executor = make_executor(make_request("a", make_spec(1)), other_job, counters=counters)
    executor.add(make_request("invalid", make_spec(1, bars=0)))
    outputs = [output for _ in range(3) for output in executor.step()]
    outputs += executor.cancel({"b"})
    outputs += run_to_end(executor)
    assert counters.finished == 3
    assert counters.tokens == sum(len(output.tokens) for output in outputs)
    assert (counters.peak_batch_size, counters.peak_jobs_per_batch) == (2, 2)
