"""The resident decoder: right, and the same to the last bit in any company."""

import pytest
import torch

from shared.models.decoder import DecoderConfig
from shared.models.resident import Resident
from tests.unit.shared.models.toys import CONFIG, toy_decoder, toy_model

MINI = DecoderConfig(vocab_size=512, layers=4, heads=4, d_model=256, d_ff=1024, context=512)
WIDE = DecoderConfig(vocab_size=1024, layers=1, heads=8, d_model=512, d_ff=2048, context=512)
ROWS = 64


@pytest.fixture(scope="module", params=[CONFIG, MINI, WIDE], ids=["toy", "mini", "wide"])
def model(request: pytest.FixtureRequest) -> Resident:
    return toy_model(request.param)


@pytest.fixture(scope="module")
def prompts(model: Resident) -> list[list[int]]:
    """One for each row, from empty to a full context less one."""
    generator = torch.Generator().manual_seed(3)
    lengths = torch.randint(0, model.context, (ROWS,), generator=generator)
    lengths[:3] = torch.tensor([0, model.context - 1, model.context // 2])
    return [
        torch.randint(0, model.vocab_size, (length,), generator=generator).tolist()
        for length in lengths.tolist()
    ]


def step(model: Resident, prompts: list[list[int]]) -> torch.Tensor:
    """Logits after one token more in each row, the rows being these prompts."""
    state = model.init_state(len(prompts))
    for row, prompt in enumerate(prompts):
        state.prefill(row, prompt)
    positions = torch.tensor([len(prompt) for prompt in prompts])
    return state.step(positions % model.vocab_size, positions)


@pytest.fixture(scope="module")
def together(model: Resident, prompts: list[list[int]]) -> torch.Tensor:
    return step(model, prompts)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 32])
def test_a_row_is_bitwise_the_same_beside_fewer_neighbours(
    model: Resident, prompts: list[list[int]], together: torch.Tensor, rows: int
) -> None:
    assert torch.equal(step(model, prompts[:rows]), together[:rows])
    assert torch.equal(step(model, prompts[-rows:]), together[-rows:])


def test_a_row_is_bitwise_the_same_alone(
    model: Resident, prompts: list[list[int]], together: torch.Tensor
) -> None:
    assert torch.equal(torch.cat([step(model, [prompt]) for prompt in prompts]), together)


def test_a_row_is_bitwise_the_same_in_another_place(
    model: Resident, prompts: list[list[int]], together: torch.Tensor
) -> None:
    assert torch.equal(step(model, prompts[::-1]).flip(0), together)


def test_a_row_is_bitwise_the_same_on_more_threads(
    model: Resident, prompts: list[list[int]], together: torch.Tensor
) -> None:
    torch.set_num_threads(3)
    assert torch.equal(step(model, prompts), together)


def test_a_row_remembers_nothing_of_who_held_it_before(
    model: Resident, prompts: list[list[int]], together: torch.Tensor
) -> None:
    state = model.init_state(1)
    state.prefill(0, prompts[1])
    state.prefill(0, prompts[2])
    position = torch.tensor([len(prompts[2])])
    assert torch.equal(state.step(position % model.vocab_size, position)[0], together[2])


@pytest.mark.parametrize("prefilled", [0, 5, 64, 100])
def test_it_computes_what_the_decoder_computes(model: Resident, prefilled: int) -> None:
    prefilled = min(prefilled, CONFIG.context - 8)
    ids = torch.randint(0, model.vocab_size, (1, prefilled + 8))
    state = model.init_state(1)
    state.prefill(0, ids[0, :prefilled].tolist())
    steps = range(prefilled, ids.shape[1])
    ours = torch.stack([state.step(ids[:, at], torch.tensor([at]))[0] for at in steps])
    exact = toy_decoder(model.config)(ids)[0, prefilled:]
    in_bf16 = toy_decoder(model.config).bfloat16()(ids)[0, prefilled:]
    assert ours.dtype == torch.float32
    assert (ours - exact).norm() < 1.5 * (in_bf16 - exact).norm()
