"""One model's part of the engine, a step at a time: cancels, and errors that stay put."""

from services.worker.engine.model_executor import Lane
from services.worker.engine.stats import Tally
from services.worker.engine.interface import FinishReason, Output, SequenceRequest
from tests.unit.services.worker.engine.rig import (
    MODEL,
    POISON,
    Fragile,
    oracle,
    request,
    runner,
    sample,
)
from tests.unit.shared.models.toys import BAR, BOS, WORDS_B


def lane(
    *requests: SequenceRequest,
    slots: int = 4,
    model: Fragile | None = None,
    tally: Tally | None = None,
) -> Lane:
    made = Lane(runner(slots, model or MODEL), 1, tally or Tally())
    for each in requests:
        assert made.add(each) == []
    return made


def run(made: Lane) -> list[Output]:
    """Step until nobody is left."""
    outputs = []
    while made.scheduler.has_work:
        outputs += made.step()
    return outputs


def tokens_of(outputs: list[Output], ident: object) -> list[int]:
    return [token for output in outputs if output.id == ident for token in output.tokens]


def ends(outputs: list[Output]) -> dict[object, FinishReason]:
    return {output.id: output.finish for output in outputs if output.finish is not None}


def test_a_step_is_one_token_of_everybody_and_time_goes_on() -> None:
    made = lane(request("a", sample(1, bars=9)), request("b", sample(2, bars=9)))
    steps = [made.step() for _ in range(3)]
    assert [[output.id for output in step] for step in steps] == [["a", "b"]] * 3
    assert [len(output.tokens) for step in steps for output in step] == [1] * 6
    seconds = [step[0].seconds for step in steps]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_the_step_that_ends_a_piece_brings_no_token() -> None:
    *_, last = run(lane(request("a", sample(1))))
    assert (last.finish, last.tokens) == (FinishReason.COMPLETE, ())


def test_a_cancel_before_the_final_step_wins_and_after_it_comes_too_late() -> None:
    length = len(oracle(sample(1)))
    made = lane(request("a", sample(1)))
    for _ in range(length):
        made.step()
    (cancelled,) = made.cancel({"a"})
    assert cancelled.finish is FinishReason.CANCELLED
    assert not made.scheduler.has_work

    made = lane(request("a", sample(1)))
    run(made)
    assert made.cancel({"a"}) == []


def test_a_cancelled_row_is_used_again_and_its_neighbours_do_not_notice() -> None:
    made = lane(*(request(name, sample(seed, bars=4)) for seed, name in enumerate("abcd")))
    outputs = made.step() + made.step()
    outputs += made.cancel({"b"})
    made.add(request("e", sample(9, bars=4)))
    outputs += run(made)
    assert ends(outputs).pop("b") is FinishReason.CANCELLED
    for seed, name in ((0, "a"), (2, "c"), (3, "d"), (9, "e")):
        assert tokens_of(outputs, name) == oracle(sample(seed, bars=4))


def test_a_request_that_is_none_fails_alone_before_its_first_step() -> None:
    made = lane(request("good", sample(1)))
    bad = [
        request("no bar", sample(1, bars=0)),
        request("no start", sample(1, prompt=(BOS,))),
        request("no music", sample(1, prompt=(BAR, WORDS_B[0]))),
        request("no token", sample(1, prompt=(64,))),
    ]
    outputs = [output for each in bad for output in made.add(each)]
    assert set(ends(outputs).values()) == {FinishReason.ERROR}
    assert outputs[0].error == "ValueError: bars: 0, but a piece has at least 1"
    assert ends(run(made)) == {"good": FinishReason.COMPLETE}


def test_a_prompt_that_cannot_be_taken_in_ends_its_own_sequence_only() -> None:
    made = lane(
        request("a", sample(1)),
        request("bad", sample(2, prompt=POISON)),
        request("b", sample(3)),
        model=Fragile(),
    )
    outputs = run(made)
    assert ends(outputs) == {
        "bad": FinishReason.ERROR,
        "a": FinishReason.COMPLETE,
        "b": FinishReason.COMPLETE,
    }
    assert tokens_of(outputs, "a") == oracle(sample(1))
    assert tokens_of(outputs, "b") == oracle(sample(3))
    (error,) = [output.error for output in outputs if output.id == "bad"]
    assert error == "RuntimeError: the prompt is poison"


def test_a_step_may_lose_everybody_before_it_runs() -> None:
    outputs = run(lane(request("bad", sample(2, prompt=POISON)), model=Fragile()))
    assert ends(outputs) == {"bad": FinishReason.ERROR}


def test_a_step_that_breaks_once_costs_nobody_anything() -> None:
    model = Fragile()
    made = lane(*(request(name, sample(seed)) for seed, name in enumerate("abcd")), model=model)
    outputs = made.step() + made.step()
    model.breaks = True
    assert made.step() == []
    model.breaks = False
    outputs += run(made)
    for seed, name in enumerate("abcd"):
        assert tokens_of(outputs, name) == oracle(sample(seed))


def test_a_device_that_stays_broken_ends_everybody_and_the_next_goes_on() -> None:
    model = Fragile()
    made = lane(request("a", sample(1)), request("b", sample(2)), model=model)
    made.step()
    model.breaks = True
    broken = run(made)
    assert ends(broken) == {"a": FinishReason.ERROR, "b": FinishReason.ERROR}
    assert {output.error for output in broken} == {"RuntimeError: the device is gone"}
    model.breaks = False
    made.add(request("c", sample(1)))
    assert tokens_of(run(made), "c") == oracle(sample(1))


def test_everything_that_ended_is_counted() -> None:
    tally = Tally()
    others = request("b", sample(2, bars=50), job="other")
    made = lane(request("a", sample(1)), others, tally=tally)
    made.add(request("no", sample(1, bars=0)))
    outputs = [output for _ in range(3) for output in made.step()]
    outputs += made.cancel({"b"})
    outputs += run(made)
    assert tally.finished == 3
    assert tally.tokens == sum(len(output.tokens) for output in outputs)
    assert (tally.rows_peak, tally.jobs_peak) == (2, 2)
