"""Tests of sampling: filters, frequencies, independence of the rows."""

import math
from dataclasses import replace

import pytest
import torch

from shared.models import sampling
from shared.models.sampling import _splitmix64 as splitmix64
from shared.models.sampling import filter_min_p, filter_top_k_top_p, gumbel_noise, sample
from shared.models.sampling_params import BatchSamplingParams, GenerationSpec
from tests.unit.shared.models.tiny_models import native_library

CPU = torch.device("cpu")
SPEC = GenerationSpec(pinned_prefix=(1,), bars=1, seed=5)


@pytest.fixture(autouse=True, params=["torch", "native"])
def _backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    library = native_library() if request.param == "native" else None
    monkeypatch.setattr(sampling, "load_library", lambda: library)


def frequencies(logits: list[float], spec: GenerationSpec, times: int = 4000) -> torch.Tensor:
    """The share of each token in samples at many positions."""
    params = BatchSamplingParams.from_specs([spec] * times, CPU)
    tokens = sample(torch.tensor([logits] * times), params, torch.arange(times))
    return tokens.bincount(minlength=len(logits)) / times


def kept(scores: torch.Tensor) -> list[list[int]]:
    """The tokens of each row that were not filtered out."""
    return [row.isfinite().nonzero().flatten().tolist() for row in scores]


def test_the_hash_is_splitmix64() -> None:
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    hashes = splitmix64(torch.tensor(1234567), torch.arange(4))
    assert [value % 2**64 for value in hashes.tolist()] == known


def test_the_noise_is_gumbel() -> None:
    noise = gumbel_noise(torch.arange(400), torch.arange(400) % 7, 500)
    assert noise.isfinite().all()
    assert abs(noise.mean() - 0.5772) < 0.01
    assert abs(noise.std() - math.pi / math.sqrt(6)) < 0.01
    for share in (0.05, 0.5, 0.95):
        quantile = -math.log(-math.log(share))
        assert abs((noise < quantile).double().mean() - share) < 0.005


def test_noise_differs_between_seeds_positions_and_tokens() -> None:
    seeds, positions = torch.cartesian_prod(torch.arange(30), torch.arange(30)).unbind(1)
    assert len(set(gumbel_noise(seeds, positions, 30).flatten().tolist())) == 30**3


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_equal_the_softmax(temperature: float) -> None:
    logits = [0.0, 1.0, 2.0, -1.0]
    shares = frequencies(logits, replace(SPEC, temperature=temperature), times=20_000)
    expected = (torch.tensor(logits) / temperature).softmax(0)
    torch.testing.assert_close(shares, expected, atol=0.012, rtol=0)


def test_temperature_zero_takes_the_first_of_the_most_likely_tokens() -> None:
    shares = frequencies([1.0, 3.0, 3.0], replace(SPEC, temperature=0))
    assert shares.tolist() == [0, 1, 0]


def test_top_k_keeps_the_most_likely_tokens() -> None:
    scores = torch.tensor([[0.0, 3.0, 1.0, 2.0]]).repeat(3, 1)
    assert kept(filter_top_k_top_p(scores, torch.tensor([0, 1, 3]), torch.ones(3))) == [
        [0, 1, 2, 3],
        [1],
        [1, 2, 3],
    ]


def test_top_p_keeps_the_fewest_tokens_that_reach_it() -> None:
    scores = torch.tensor([[0.5, 0.1, 0.3, 0.1]]).log().repeat(4, 1)
    top_p = torch.tensor([1.0, 0.4, 0.6, 0.85])
    assert kept(filter_top_k_top_p(scores, torch.zeros(4), top_p)) == [
        [0, 1, 2, 3],
        [0],
        [0, 2],
        [0, 1, 2, 3],  # a tie with the last one kept
    ]


def test_top_p_applies_to_the_tokens_kept_by_top_k() -> None:
    scores = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    assert kept(filter_top_k_top_p(scores, torch.tensor([2]), torch.tensor([0.5]))) == [[0]]


def test_min_p_is_relative_to_the_most_likely_token() -> None:
    scores = torch.tensor([[0.5, 0.1, 0.3, 0.1]]).log().repeat(3, 1)
    shares = torch.tensor([0.0, 0.25, 0.7]).log()
    assert kept(filter_min_p(scores, shares)) == [[0, 1, 2, 3], [0, 2], [0]]


def test_masked_tokens_are_never_sampled() -> None:
    spec = replace(SPEC, temperature=2.0, top_k=3, top_p=0.99)
    shares = frequencies([-math.inf, 0.0, -math.inf, -50.0], spec)
    assert shares[[0, 2]].tolist() == [0, 0]


def various_specs(rows: int) -> list[GenerationSpec]:
    """Specs with many combinations of parameters."""
    return [
        GenerationSpec(
            pinned_prefix=(1,),
            bars=1,
            seed=seed * 2**43,
            temperature=seed % 4 / 2,
            top_k=(0, 5, 0)[seed % 3],
            top_p=(1.0, 1.0, 0.8, 0.5, 1.0)[seed % 5],
            min_p=(0.0, 0.05)[seed % 2],
        )
        for seed in range(rows)
    ]


def random_logits(rows: int) -> torch.Tensor:
    """Logits of which some are masked and some are equal."""
    torch.manual_seed(0)
    logits = (torch.randn(rows, 200) * 30).round() / 10
    return logits.masked_fill(torch.rand(rows, 200) < 0.3, -math.inf)


def test_a_row_does_not_depend_on_the_batch() -> None:
    logits, positions, specs = random_logits(60), torch.randint(0, 5000, (60,)), various_specs(60)
    batched = sample(logits, BatchSamplingParams.from_specs(specs, CPU), positions)
    separate = [
        sample(
            logits[row : row + 1],
            BatchSamplingParams.from_specs([specs[row]], CPU),
            positions[row : row + 1],
        )
        for row in range(60)
    ]
    assert torch.equal(batched, torch.cat(separate))


def test_native_code_samples_the_same_tokens_as_torch() -> None:
    logits, positions = random_logits(900), torch.arange(900) % 77
    params = BatchSamplingParams.from_specs(various_specs(900), CPU)
    expected = sampling._sample_on_torch(logits, params, positions)
    assert torch.equal(sample(logits, params, positions), expected)
