"""Fixtures for tests of networks."""

from tests.unit.shared.models.conftest import _one_thread

__all__ = ["_one_thread"]
