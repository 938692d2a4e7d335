"""The engine as its worker sees it, on its own thread: what it writes is what the oracle writes."""

import gc
import logging
import random
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.worker.engine.engine import Engine
from services.worker.engine.interface import FinishReason
from shared.models.sampling_params import SampleRequest
from tests.unit.services.worker.engine.rig import Listener, oracle, request, runner, sample
from tests.unit.shared.models.toys import BAR, CONTEXT, WORDS_A, WORDS_B

PROMPT = (BAR, WORDS_A[1], WORDS_B[2], WORDS_A[3], WORDS_B[4]) * 4


@contextmanager
def running(listener: Listener) -> Iterator[Engine]:
    engine = Engine(listener, reserved=2)
    engine.start()
    yield engine
    engine.stop()


def various() -> list[SampleRequest]:
    """Thirty pieces of all kinds: short, long, primed, greedy, hot."""
    pieces = [sample(seed, bars=1 + seed % 6) for seed in range(24)]
    pieces += [sample(seed, bars=2, prompt=PROMPT) for seed in range(24, 29)]
    return [*pieces, sample(30, bars=12)]


def test_every_sequence_is_token_for_token_what_the_naive_loop_writes() -> None:
    pieces = various()
    expected = [oracle(piece) for piece in pieces]
    assert len(expected[-1]) > CONTEXT, "one of them is longer than the context"
    rng = random.Random(5)  # noqa: S311 - arrivals, not secrets
    order = rng.sample(range(len(pieces)), len(pieces))
    listener = Listener()
    with running(listener) as engine:
        for index in order:
            asked = request(index, pieces[index], interactive=bool(index % 2), job=index % 5)
            doomed = request(("doomed", index), sample(99 + index, bars=200))
            engine.submit([asked, doomed] if index % 3 == 0 else [asked])
            if index % 3 == 0:
                listener.wait_for_tokens(doomed.id)
                engine.cancel([doomed.id])
            time.sleep(rng.choice([0, 0, 0.01]))
        listener.wait_until_finished(40)
    assert [listener.tokens[index] for index in range(30)] == expected
    finishes = [listener.finish(index) for index in range(30)]
    assert finishes == [FinishReason.COMPLETE] * 30
    assert engine.stats().rows_peak > 4


def test_a_sequence_is_the_same_alone_and_in_a_full_batch() -> None:
    alone, crowded = Listener(), Listener()
    with running(alone) as engine:
        engine.submit([request(0, sample(17, bars=5))])
        alone.wait_until_finished(1)
    assert engine.stats().rows_peak == 1
    with running(crowded) as engine:
        engine.submit([request(seed, sample(seed, bars=5)) for seed in range(10, 18)])
        crowded.wait_until_finished(8)
    assert engine.stats().rows_peak == 8
    assert crowded.tokens[17] == alone.tokens[0]


def test_one_step_holds_sequences_of_many_jobs() -> None:
    listener = Listener()
    with running(listener) as engine:
        for job in range(8):
            engine.submit(
                [request((job, seed), sample(seed, bars=4), job=job) for seed in range(6)]
            )
        listener.wait_until_finished(48)
    stats = engine.stats()
    assert stats.jobs_peak == 8
    assert stats.finished == 48
    assert stats.tokens == sum(map(len, listener.tokens.values()))
    assert (stats.running, stats.waiting) == (0, 0)


def test_models_take_turns() -> None:
    listener = Listener()
    with running(listener) as engine:
        for name in ("first", "second"):
            player = runner()
            engine.submit(
                [request((name, seed), sample(seed), played_by=player) for seed in range(3)]
            )
        listener.wait_until_finished(6)
    for seed in range(3):
        assert listener.tokens["first", seed] == listener.tokens["second", seed]


def test_a_model_is_forgotten_when_nothing_is_written_with_it_any_more() -> None:
    """So weights that were replaced are not kept; what was counted stays."""
    listener = Listener()
    with running(listener) as engine:
        player = runner()
        forgotten = weakref.ref(player)
        engine.submit([request(0, played_by=player)])
        listener.wait_until_finished(1)
        del player
        engine.submit([request(1)])
        listener.wait_until_finished(2)
        gc.collect()
        assert forgotten() is None
    assert engine.stats().finished == 2


def test_a_sequence_that_waits_is_cancelled_without_a_token() -> None:
    listener = Listener()
    small = runner(slots=3)
    with running(listener) as engine:
        engine.submit(
            [request(index, sample(index, bars=100), played_by=small) for index in range(4)]
        )
        listener.wait_for_tokens(0)
        engine.cancel([3])
        listener.wait_until_finished(1)
        assert listener.order == [3]
        assert (listener.finish(3), listener.tokens[3]) == (FinishReason.CANCELLED, [])
        engine.cancel(range(4))
        listener.wait_until_finished(4)


def test_what_is_finished_cannot_be_cancelled() -> None:
    listener = Listener()
    with running(listener) as engine:
        engine.submit([request(0)])
        listener.wait_until_finished(1)
        engine.cancel([0, "never heard of"])
        engine.submit([request(1)])
        listener.wait_until_finished(2)
    assert listener.finish(0) is FinishReason.COMPLETE


def test_it_sleeps_when_there_is_nothing_to_do() -> None:
    listener = Listener()
    with running(listener) as engine:
        engine.submit([request(0)])
        listener.wait_until_finished(1)
        busy, steps = time.process_time(), engine.stats().steps
        time.sleep(0.1)
        assert engine.stats().steps == steps
        assert time.process_time() - busy < 0.05


def test_stopping_ends_the_thread_in_mid_piece() -> None:
    listener = Listener()
    with running(listener) as engine:
        engine.submit([request(0, sample(0, bars=100_000))])
        listener.wait_for_tokens(0, 3)
    assert not engine._thread.is_alive()
    assert listener.order == []


def test_a_listener_that_fails_does_not_stop_the_engine(caplog: pytest.LogCaptureFixture) -> None:
    listener, calls = Listener(), []

    def fails_once(outputs: object) -> None:
        calls.append(outputs)
        if len(calls) == 1:
            raise RuntimeError("not listening")
        listener(outputs)  # type: ignore[arg-type]  # they are outputs

    engine = Engine(fails_once, reserved=2)
    engine.start()
    with caplog.at_level(logging.ERROR):
        engine.submit([request(0)])
        listener.wait_until_finished(1)
    engine.stop()
    assert "whoever listens" in caplog.text
