"""Sampling engine: continuous batching. Does not import redis or sqlalchemy."""
