"""Sampling engine: continuous batching of token sequences, without Redis or PostgreSQL."""
