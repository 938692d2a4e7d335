"""Shows the seed with which the chaos tests can be repeated."""

from tests.support.chaos.selection import SEED


def pytest_report_header() -> str:
    """A line at the start of the output."""
    return f"chaos: OSTINATO_CHAOS_SEED={SEED}"
