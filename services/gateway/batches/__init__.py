"""Batches: their lines are read while they arrive, and become shards."""
