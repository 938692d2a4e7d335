"""An item that kills its process affects no other; processes that cannot start are an error."""

from concurrent.futures.process import BrokenProcessPool

import pytest

from services.trainer.data.process_pool import map_batches
from tests.unit.services.trainer.data.pool_children import die, double_or_die


def test_the_items_that_kill_their_processes_are_found() -> None:
    batches = [[1, 2], [-3, 4], [5, 6], [7, -8]]
    results = map_batches(double_or_die, batches, crashed=lambda item: item)
    assert list(results) == [[2, 4], [-3, 8], [10, 12], [14, -8]]


def test_no_item_is_to_blame_if_no_process_can_start() -> None:
    results = map_batches(double_or_die, [[1]], crashed=lambda item: item, initializer=die)
    with pytest.raises(BrokenProcessPool):
        list(results)
