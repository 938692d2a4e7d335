"""Checks requests, and inserts generation jobs and batches."""
