"""Drawing tokens: what the knobs keep, how often what comes, and that company changes nothing."""

import math
from dataclasses import replace

import pytest
import torch

from shared.models import sampling
from shared.models.knobs import Knobs
from shared.models.sampling import _splitmix64 as splitmix64
from shared.models.sampling import draw, gumbel, keep_min_p, keep_top
from shared.models.sampling_params import SampleRequest
from tests.unit.shared.models.toys import native_code

CPU = torch.device("cpu")
REQUEST = SampleRequest(head=(1,), bars=1, seed=5)


@pytest.fixture(autouse=True, params=["torch", "native"])
def _both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    code = native_code() if request.param == "native" else None
    monkeypatch.setattr(sampling, "library", lambda: code)


def draw_many(logits: list[float], request: SampleRequest, times: int = 4000) -> torch.Tensor:
    """How often each token comes when one row draws at many positions."""
    knobs = Knobs.of([request] * times, CPU)
    tokens = draw(torch.tensor([logits] * times), knobs, torch.arange(times))
    return tokens.bincount(minlength=len(logits)) / times


def kept(scores: torch.Tensor) -> list[list[int]]:
    return [row.isfinite().nonzero().flatten().tolist() for row in scores]


def test_the_hash_is_splitmix64() -> None:
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    ours = splitmix64(torch.tensor(1234567), torch.arange(4))
    assert [value % 2**64 for value in ours.tolist()] == known


def test_the_noise_is_gumbel() -> None:
    noise = gumbel(torch.arange(400), torch.arange(400) % 7, 500)
    assert noise.isfinite().all()
    assert abs(noise.mean() - 0.5772) < 0.01
    assert abs(noise.std() - math.pi / math.sqrt(6)) < 0.01
    for share in (0.05, 0.5, 0.95):
        quantile = -math.log(-math.log(share))
        assert abs((noise < quantile).double().mean() - share) < 0.005


def test_noise_differs_between_seeds_positions_and_tokens() -> None:
    seeds, positions = torch.cartesian_prod(torch.arange(30), torch.arange(30)).unbind(1)
    assert len(set(gumbel(seeds, positions, 30).flatten().tolist())) == 30**3


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_come_as_often_as_the_softmax_says(temperature: float) -> None:
    logits = [0.0, 1.0, 2.0, -1.0]
    shares = draw_many(logits, replace(REQUEST, temperature=temperature), times=20_000)
    expected = (torch.tensor(logits) / temperature).softmax(0)
    torch.testing.assert_close(shares, expected, atol=0.012, rtol=0)


def test_no_temperature_takes_the_likeliest_and_the_first_of_equals() -> None:
    shares = draw_many([1.0, 3.0, 3.0], replace(REQUEST, temperature=0))
    assert shares.tolist() == [0, 1, 0]


def test_top_k_keeps_so_many() -> None:
    scores = torch.tensor([[0.0, 3.0, 1.0, 2.0]]).repeat(3, 1)
    assert kept(keep_top(scores, torch.tensor([0, 1, 3]), torch.ones(3))) == [
        [0, 1, 2, 3],
        [1],
        [1, 2, 3],
    ]


def test_top_p_keeps_the_fewest_that_reach_it() -> None:
    scores = torch.tensor([[0.5, 0.1, 0.3, 0.1]]).log().repeat(4, 1)
    top_p = torch.tensor([1.0, 0.4, 0.6, 0.85])
    assert kept(keep_top(scores, torch.zeros(4), top_p)) == [
        [0, 1, 2, 3],
        [0],
        [0, 2],
        [0, 1, 2, 3],  # what ties with the last stays
    ]


def test_top_p_counts_what_top_k_has_left() -> None:
    scores = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    assert kept(keep_top(scores, torch.tensor([2]), torch.tensor([0.5]))) == [[0]]


def test_min_p_keeps_what_is_near_the_likeliest() -> None:
    scores = torch.tensor([[0.5, 0.1, 0.3, 0.1]]).log().repeat(3, 1)
    shares = torch.tensor([0.0, 0.25, 0.7]).log()
    assert kept(keep_min_p(scores, shares)) == [[0, 1, 2, 3], [0, 2], [0]]


def test_what_is_forbidden_never_comes() -> None:
    request = replace(REQUEST, temperature=2.0, top_k=3, top_p=0.99)
    shares = draw_many([-math.inf, 0.0, -math.inf, -50.0], request)
    assert shares[[0, 2]].tolist() == [0, 0]


def various(rows: int) -> list[SampleRequest]:
    """Every combination of knobs."""
    return [
        SampleRequest(
            head=(1,),
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
    """Some of them forbidden, some alike."""
    torch.manual_seed(0)
    logits = (torch.randn(rows, 200) * 30).round() / 10
    return logits.masked_fill(torch.rand(rows, 200) < 0.3, -math.inf)


def test_a_row_draws_the_same_in_any_company() -> None:
    logits, positions, requests = random_logits(60), torch.randint(0, 5000, (60,)), various(60)
    together = draw(logits, Knobs.of(requests, CPU), positions)
    alone = [
        draw(logits[row : row + 1], Knobs.of([requests[row]], CPU), positions[row : row + 1])
        for row in range(60)
    ]
    assert torch.equal(together, torch.cat(alone))


def test_native_code_draws_what_torch_draws() -> None:
    logits, positions = random_logits(900), torch.arange(900) % 77
    knobs = Knobs.of(various(900), CPU)
    assert torch.equal(draw(logits, knobs, positions), sampling._draw(logits, knobs, positions))
