"""Which part of the chaos tests runs: a selection in CI, everything with `make chaos`."""

import os
import secrets

import pytest

IS_COMPLETE = "OSTINATO_CHAOS_SEED" in os.environ
SEED = int(os.environ.get("OSTINATO_CHAOS_SEED") or secrets.randbelow(10_000))
"""Chooses the requests; pytest prints it."""
only_in_make_chaos = pytest.mark.skipif(not IS_COMPLETE, reason="a part of `make chaos`")
