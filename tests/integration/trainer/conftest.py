"""Fixtures of the trainer's unit tests, for tests that need servers or other processes."""

from tests.unit.services.trainer.conftest import (
    cache_dir,
    datasets_dir,
    one_thread,
    recipe,
    training_data,
    warm_cache_dir,
)

__all__ = ["cache_dir", "datasets_dir", "one_thread", "recipe", "training_data", "warm_cache_dir"]
