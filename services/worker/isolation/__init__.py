"""Isolated shards, and the fresh processes in which they run."""
