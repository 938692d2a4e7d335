"""Prometheus metrics: what processes record, and its form in the database."""
