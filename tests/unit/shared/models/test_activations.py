"""Tests of the activations."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from shared.models.activations import sigmoid, silu

Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, tuple[Activation, Activation]] = {
    "sigmoid": (sigmoid, torch.sigmoid),
    "silu": (silu, functional.silu),
}
ROWS, WIDTH = 152, 1024  # enough for torch to use several threads


@pytest.fixture(params=list(ACTIVATIONS))
def activation_and_reference(request: pytest.FixtureRequest) -> tuple[Activation, Activation]:
    return ACTIVATIONS[request.param]


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def x(request: pytest.FixtureRequest) -> Tensor:
    """[ROWS, WIDTH], a slice of a wider tensor, like the gates of an LSTM."""
    wide = torch.randn(ROWS, 2 * WIDTH, generator=torch.Generator().manual_seed(0)) * 4
    return wide.to(request.param).chunk(2, dim=1)[0]


@pytest.fixture(params=[1, 3, 5])
def _threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_threads")
def test_bits_do_not_depend_on_other_rows_or_the_number_of_threads(
    activation_and_reference: tuple[Activation, Activation], x: Tensor
) -> None:
    activation, _ = activation_and_reference
    whole = activation(x)
    for start, end in ((0, 1), (0, 76), (49, 50), (52, 152), (101, 152)):
        assert torch.equal(activation(x[start:end]), whole[start:end]), (start, end)


def test_it_equals_torch_up_to_rounding(
    activation_and_reference: tuple[Activation, Activation], x: Tensor
) -> None:
    activation, reference = activation_and_reference
    assert activation(x).dtype == x.dtype
    torch.testing.assert_close(activation(x), reference(x))


def test_large_inputs_do_not_give_nan(
    activation_and_reference: tuple[Activation, Activation],
) -> None:
    activation, reference = activation_and_reference
    far = torch.tensor([-1e30, -200.0, 200.0, 1e30])
    assert torch.equal(activation(far), reference(far))
