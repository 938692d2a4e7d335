"""The engine on its own thread generates the same tokens as the reference loop."""

import gc
import logging
import random
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from services.worker.engine.engine import Engine
from services.worker.engine.interface import FinishReason
from shared.models.sampling_params import GenerationSpec
from tests.unit.services.worker.engine.engine_fixture import (
    DependentGap,
    OutputCollector,
    make_request,
    make_runner,
    make_spec,
    reference_tokens,
)
from tests.unit.shared.models.tiny_models import BAR, CONTEXT, WORDS_A, WORDS_B

PROMPT = (BAR, WORDS_A[1], WORDS_B[2], WORDS_A[3], WORDS_B[4]) * 4


@contextmanager
def running_engine(collector: OutputCollector) -> Iterator[Engine]:
    engine = Engine(collector, reserved_interactive_seqs=2)
    engine.start()
    yield engine
    engine.stop()


def varied_specs() -> list[GenerationSpec]:
    """Thirty specs: short and long, with and without prompts and gaps, greedy and sampled."""
    specs = [make_spec(seed, bars=1 + seed % 6) for seed in range(18)]
    specs += [with_gaps(make_spec(seed)) for seed in range(18, 24)]
    specs += [make_spec(seed, bars=2, prompt=PROMPT) for seed in range(24, 29)]
    return [*specs, make_spec(30, bars=12)]


def with_gaps(spec: GenerationSpec) -> GenerationSpec:
    return replace(spec, later_gaps=(DependentGap(1), DependentGap(3)))


def test_every_sequence_equals_the_reference_tokens() -> None:
    specs = varied_specs()
    expected = [reference_tokens(spec) for spec in specs]
    assert len(expected[-1]) > CONTEXT, "one sequence must be longer than the context"
    rng = random.Random(5)  # noqa: S311 - arrival times, not secrets
    order = rng.sample(range(len(specs)), len(specs))
    collector = OutputCollector()
    with running_engine(collector) as engine:
        for index in order:
            request = make_request(index, specs[index], interactive=bool(index % 2), job=index % 5)
            cancelled = make_request(("cancelled", index), make_spec(99 + index, bars=200))
            engine.submit([request, cancelled] if index % 3 == 0 else [request])
            if index % 3 == 0:
                collector.wait_for_tokens(cancelled.id)
                engine.cancel([cancelled.id])
            time.sleep(rng.choice([0, 0, 0.01]))
        collector.wait_until_finished(40)
    assert [collector.tokens[index] for index in range(30)] == expected
    reasons = [collector.finish_reason(index) for index in range(30)]
    assert reasons == [FinishReason.COMPLETE] * 30
    assert engine.stats().peak_batch_size > 4


def test_a_sequence_has_the_same_tokens_alone_and_in_a_full_batch() -> None:
    alone, batched = OutputCollector(), OutputCollector()
    with running_engine(alone) as engine:
        engine.submit([make_request(0, make_spec(17, bars=5))])
        alone.wait_until_finished(1)
    assert engine.stats().peak_batch_size == 1
    with running_engine(batched) as engine:
        engine.submit([make_request(seed, make_spec(seed, bars=5)) for seed in range(10, 18)])
        batched.wait_until_finished(8)
    assert engine.stats().peak_batch_size == 8
    assert batched.tokens[17] == alone.tokens[0]


def test_a_preempted_sequence_has_the_same_tokens() -> None:
    """Nine owners take turns with eight slots: each arrival preempts one of the first owner."""
    specs = [with_gaps(make_spec(seed, bars=12)) for seed in range(16)]
    expected = [reference_tokens(spec) for spec in specs]
    collector = OutputCollector()
    with running_engine(collector) as engine:
        first = [make_request(index, specs[index], interactive=True) for index in range(8)]
        engine.submit(first)
        for request in first:
            collector.wait_for_tokens(request.id)
        engine.submit(
            [
                make_request(index, specs[index], interactive=True, owner=f"owner {index}")
                for index in range(8, 16)
            ]
        )
        collector.wait_until_finished(16)
    assert [collector.tokens[index] for index in range(16)] == expected
    assert engine.stats().preempted > 0


def test_one_step_batches_sequences_of_several_jobs() -> None:
    collector = OutputCollector()
    with running_engine(collector) as engine:
        for job in range(8):
            engine.submit(
                [make_request((job, seed), make_spec(seed, bars=4), job=job) for seed in range(6)]
            )
        collector.wait_until_finished(48)
    stats = engine.stats()
    assert stats.peak_jobs_per_batch == 8
    assert stats.finished == 48
    assert stats.tokens == sum(map(len, collector.tokens.values()))
    assert (stats.running, stats.waiting) == (0, 0)


def test_two_models_with_equal_weights_generate_equal_tokens_in_one_engine() -> None:
    collector = OutputCollector()
    with running_engine(collector) as engine:
        for name in ("first", "second"):
            runner = make_runner()
            engine.submit(
                [make_request((name, seed), make_spec(seed), runner=runner) for seed in range(3)]
            )
        collector.wait_until_finished(6)
    for seed in range(3):
        assert collector.tokens["first", seed] == collector.tokens["second", seed]


def test_a_model_without_sequences_is_released() -> None:
    """Replaced weights must not stay in memory; the counters stay."""
    collector = OutputCollector()
    with running_engine(collector) as engine:
        runner = make_runner()
        reference = weakref.ref(runner)
        engine.submit([make_request(0, runner=runner)])
        collector.wait_until_finished(1)
        del runner
        engine.submit([make_request(1)])
        collector.wait_until_finished(2)
        gc.collect()
        assert reference() is None
    assert engine.stats().finished == 2


def test_a_waiting_sequence_is_cancelled_without_a_token() -> None:
    collector = OutputCollector()
    small = make_runner(max_num_seqs=3)
    with running_engine(collector) as engine:
        engine.submit(
            [make_request(index, make_spec(index, bars=100), runner=small) for index in range(4)]
        )
        collector.wait_for_tokens(0)
        engine.cancel([3])
        collector.wait_until_finished(1)
        assert collector.order == [3]
        assert (collector.finish_reason(3), collector.tokens[3]) == (FinishReason.CANCELLED, [])
        engine.cancel(range(4))
        collector.wait_until_finished(4)


def test_cancelling_a_finished_or_unknown_sequence_has_no_effect() -> None:
    collector = OutputCollector()
    with running_engine(collector) as engine:
        engine.submit([make_request(0)])
        collector.wait_until_finished(1)
        engine.cancel([0, "unknown"])
        engine.submit([make_request(1)])
        collector.wait_until_finished(2)
    assert collector.finish_reason(0) is FinishReason.COMPLETE


def test_an_idle_engine_uses_almost_no_cpu_time() -> None:
    collector = OutputCollector()
    with running_engine(collector) as engine:
        engine.submit([make_request(0)])
        collector.wait_until_finished(1)
        cpu_time, steps = time.process_time(), engine.stats().steps
        time.sleep(0.1)
        assert engine.stats().steps == steps
        assert time.process_time() - cpu_time < 0.05


def test_stop_ends_the_thread_while_a_sequence_is_running() -> None:
    collector = OutputCollector()
    with running_engine(collector) as engine:
        engine.submit([make_request(0, make_spec(0, bars=100_000))])
        collector.wait_for_tokens(0, 3)
    assert not engine.is_alive
    assert collector.order == []


def test_an_error_in_the_output_callback_does_not_stop_the_engine(
    caplog: pytest.LogCaptureFixture,
) -> None:
    collector, calls = OutputCollector(), []

    def fail_once(outputs: object) -> None:
        calls.append(outputs)
        if len(calls) == 1:
            raise RuntimeError("broken callback")
        collector(outputs)  # type: ignore[arg-type]  # they are outputs

    engine = Engine(fail_once, reserved_interactive_seqs=2)
    engine.start()
    with caplog.at_level(logging.ERROR):
        engine.submit([make_request(0)])
        collector.wait_until_finished(1)
    engine.stop()
    assert "output callback failed" in caplog.text
